"""A run's own folder: the output notebook, its log files, all written so that nothing is lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from mlops_lab.notebook.write import write


class RunFolder:
    """`.mlops/runs/ID/`: NAME.ipynb, logs/STEP.log.

    `printed` is told the step that has just printed something.
    """

    def __init__(
        self,
        path: Path,
        name: str,
        out: Path | None,
        printed: Callable[[str], object] = lambda _step: None,
    ) -> None:
        self.path = path
        self.notebook = path / name
        self.out = out
        self._printed = printed
        self._logs: dict[str, IO[str]] = {}
        self._next = 0.0
        (path / "logs").mkdir(mode=0o700, parents=True, exist_ok=True)

    def save(self, nb: Any, *, now: bool = False) -> None:
        """Write the output notebook, at most once a second unless `now`.

        A big one is written more rarely, so that it takes a twentieth of the run's time at most.
        """
        began = time.monotonic()
        if now or began >= self._next:
            for place in filter(None, (self.notebook, self.out)):
                write(nb, place)
            self._next = time.monotonic() + max(1.0, 20 * (time.monotonic() - began))

    def log(self, step: str, text: str) -> None:
        """Add to a step's log."""
        if step not in self._logs:
            path = self.path / "logs" / f"{step}.log"
            self._logs[step] = path.open("a", encoding="utf-8", errors="replace")
        self._logs[step].write(text)
        self._logs[step].flush()
        self._printed(step)

    def close(self) -> None:
        """Nothing more to write."""
        for file in self._logs.values():
            file.close()
        self._logs.clear()
