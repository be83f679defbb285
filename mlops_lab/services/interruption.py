"""Ctrl-C and SIGTERM while a run goes on: the first one cancels it, more of them change nothing."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Self

NUMBERS = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """Listens for as long as it is entered, from before the run is recorded until it is over.

    Nothing is raised where the signal happens to arrive, so what must be written is written. Off
    the main thread signals are left to whoever owns it. Where a kernel lives in the loop of
    `runner` already, the work is done there.
    """

    def __init__(self, runner: asyncio.Runner | None = None) -> None:
        self.asked = False
        self._runner = runner
        self._react: Callable[[], object] | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._hear) for number in NUMBERS}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)

    def _hear(self, *_: object) -> None:
        if not self.asked:
            self.asked = True
            if self._react is not None:
                self._react()

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Run the coroutine here to its end; it is cancelled by a signal, an earlier one too.

        A loop that runs already (papermill inside a kernel) is left alone: a thread has its own.
        """
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            go = self._runner.run if self._runner is not None else asyncio.run
            go(self._cancellable(work))
            return
        failure: list[BaseException] = []

        def elsewhere() -> None:
            try:
                asyncio.run(self._cancellable(work))
            except BaseException as error:  # noqa: BLE001  raised again where the caller waits
                failure.append(error)

        thread = threading.Thread(target=elsewhere, name="mlops-driver")
        thread.start()
        thread.join()
        if failure:
            raise failure[0]

    async def _cancellable(self, work: Coroutine[Any, Any, None]) -> None:
        loop = asyncio.get_running_loop()
        task = loop.create_task(work)
        self._react = lambda: loop.call_soon_threadsafe(task.cancel)
        if self.asked:
            task.cancel()
        try:
            await task
        finally:
            self._react = None
