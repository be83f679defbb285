"""A run in a process of its own, followed from the notebook that asked for it."""

from __future__ import annotations

import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Sequence
from typing import Any

from mlops_lab.commands.answer import Answer
from mlops_lab.commands.detached import environment, error_in, followed, python
from mlops_lab.commands.failure import failure_lines
from mlops_lab.commands.progress import how_far
from mlops_lab.commands.say import headline
from mlops_lab.commands.say_run import run_parts
from mlops_lab.commands.wire import heard
from mlops_lab.errors import BackendError, MlopsError, RunCancelled
from mlops_lab.magics.shown import Shown, told
from mlops_lab.records.events import Event
from mlops_lab.records.run import Run, advance


class LiveRun:
    """A run that a driver does; it goes on whatever becomes of this kernel.

    `run` is what is known of it so far. `shown_at` counts the execution that shows a live view of
    it already, so that the run itself has nothing to add there.
    """

    shown_at: int | None = None

    def __init__(self, words: Sequence[str]) -> None:
        self.run = Run(run_id="")
        self._changed = threading.Event()
        self._answer: dict[str, Any] | None = None
        self._over = threading.Event()
        self._painter: threading.Thread | None = None
        self._last_words = ""
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 the listener closes it at the end
        self._process = subprocess.Popen(
            python("mlops_lab", *followed(words, "magic")),
            stdout=subprocess.PIPE,
            stderr=self._said,
            stdin=subprocess.DEVNULL,
            env=environment(),
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        threading.Thread(target=self._listen, name="mlops-run", daemon=True).start()

    @property
    def over(self) -> bool:
        """Whether the driver has ended."""
        return self._over.is_set()

    def wait(self, timeout: float | None = None) -> Run:
        """The run, once it is over; interrupting this cancels it. Raises what made it fail."""
        try:
            if not self._over.wait(timeout):
                raise TimeoutError(f"the run goes on after {timeout} s")
        except KeyboardInterrupt:
            self.cancel()
            self._over.wait()
        if self._painter:
            self._painter.join()
        error = self.error()
        if error:
            raise told(error)
        return self.run

    def watch(self, paint: Callable[[], None]) -> None:
        """Call `paint` whenever something changed, once a second besides, and at the end."""

        def follow() -> None:
            while not self.over:
                self._changed.wait(1.0)
                self._changed.clear()
                paint()
                self._over.wait(0.1)  # at most ten times a second
            paint()

        self._painter = threading.Thread(target=follow, name="mlops-view", daemon=True)
        self._painter.start()

    def cancel(self) -> None:
        """Ask the driver to stop and to end every process that it started."""
        if not self.over:
            self._process.send_signal(signal.SIGINT)

    def error(self) -> MlopsError | None:
        """What went wrong; None where nothing did, or where the run goes on."""
        if not self.over:
            return None
        if self._answer is None and self._process.returncode in {130, -signal.SIGINT}:
            return RunCancelled("cancelled before it began")
        if self._answer is None:
            return BackendError(f"the run's process ended with {self._ended()}")
        return error_in(self._answer)

    def headline(self, now: float) -> str:
        """The run in one line, at a time."""
        if not self.run.run_id:
            return "did not start" if self.over else "starting"
        return headline(self.run) if self.over else how_far(self.run, now)

    def complaint(self) -> str:
        """What went wrong, with the user's own traceback; empty where nothing did."""
        error = self.error()
        return "\n".join(failure_lines(error)) if error else ""

    def answer(self) -> Answer:
        """The run as it is known now."""
        known = tuple(run_parts(self.run)) if self.run.run_id else (self.headline(0.0),)
        parts = (*known, *filter(None, [self.complaint()]))
        return Answer(data=self._answer and self._answer["data"], parts=parts, value=self)

    def _ipython_display_(self) -> None:
        from IPython import get_ipython
        from IPython.display import display

        if self.shown_at != get_ipython().execution_count:
            display(Shown(self.answer()))

    def __repr__(self) -> str:
        return repr(Shown(self.answer()))

    def _listen(self) -> None:
        assert self._process.stdout is not None, "it was opened as a pipe"
        with self._process.stdout as lines:
            for line in lines:
                match heard(line):
                    case Event() as event:
                        self.run = advance(self.run, event)
                        self._changed.set()
                    case dict() as answer:
                        self._answer = answer
                        break  # the driver may still keep a failed step's kernel
        if self._answer is None:
            self._process.wait()
        self._last_words = self._read_last_words()
        self._over.set()
        self._changed.set()
        self._process.wait()

    def _read_last_words(self) -> str:
        with self._said as said:
            said.seek(0)
            return said.read()[-4000:].decode("utf-8", "replace").strip()

    def _ended(self) -> str:
        code = self._process.returncode
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        return f"{how}: {self._last_words}" if self._last_words else how
