"""Events on their way to the records: told to listeners at once, committed in the background."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

from mlops_lab.interfaces import EventLog
from mlops_lab.records.events import Event, RunStarted
from mlops_lab.records.run import Run, advance


class Journal:
    """The events of one run. `run` is their fold so far."""

    def __init__(
        self, log: EventLog, run_id: str, listen: Callable[[Event], None] | None = None
    ) -> None:
        self.run = Run(run_id=run_id)
        self._log = log
        self._run_id = run_id
        self._listen = listen
        self._queue: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._write, name="mlops-journal", daemon=True)
        self._thread.start()

    def tell(self, event: Event) -> None:
        """Something happened. Who is told that a run began will find it in the records."""
        self.run = advance(self.run, event)
        if isinstance(event, RunStarted):
            self._log.append(self._run_id, [event])
        else:
            self._queue.put(event)
        if self._listen is not None:
            self._listen(event)

    def close(self) -> None:
        """Wait until all is committed. Raises what kept it from being so."""
        self._queue.put(None)
        self._thread.join()
        if self._error is not None:
            raise self._error

    def _write(self) -> None:
        going = True
        while going:
            batch = [self._queue.get()]
            while not self._queue.empty():
                batch.append(self._queue.get())
            going = None not in batch
            events = [event for event in batch if event is not None]
            if events and self._error is None:
                try:
                    self._log.append(self._run_id, events)
                except BaseException as error:  # noqa: BLE001  # raised by `close`
                    self._error = error
