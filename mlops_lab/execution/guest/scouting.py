"""What the guest of a scout says to its driver while a cell runs."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

MESSAGE = "mlops_scout"


class Scouting:
    """Tells the driver what the running cell wants, or why it must not go on here.

    What ends the attempt keeps the thread that brought it about for ever: the driver ends the
    kernel. `ended` says so, should an interrupt have let the thread go.
    """

    def __init__(self, shell: Any) -> None:
        self.ended = ""
        self._kernel = shell.kernel
        self._here = threading.local()

    @property
    def at_work(self) -> bool:
        """Whether this thread does the guest's own work."""
        return getattr(self._here, "works", False)

    @contextmanager
    def work(self) -> Iterator[None]:
        """What this thread does in here is the guest's own doing."""
        before, self._here.works = self.at_work, True
        try:
            yield
        finally:
            self._here.works = before

    def wants(self, name: str) -> None:
        """A name is looked up that is still to be made."""
        self._say(event="wants", name=name)

    def acts(self, what: str) -> NoReturn:
        """The cell is about to act on the outside."""
        self._end(event="acts", what=what)

    def stuck(self, name: str, why: str) -> NoReturn:
        """A name can't be had here."""
        self._end(event="stuck", name=name, why=why)

    def _end(self, **content: str) -> NoReturn:
        self.ended = content.get("what") or content.get("why", "")
        self._say(**content)
        while True:  # an interrupt leaves by its exception
            threading.Event().wait()

    def _say(self, **content: str) -> None:
        kernel, current = self._kernel, threading.current_thread()
        if current in (kernel.iopub_thread.thread, kernel.control_thread):
            # A finalizer came upon this in a thread that the message itself has to go through.
            os.kill(os.getpid(), signal.SIGKILL)
        with self.work():
            kernel.session.send(
                kernel.iopub_socket,
                MESSAGE,
                content,
                parent=kernel.get_parent("shell"),
                ident=MESSAGE.encode(),
            )
