"""A failed step's kernel that stays, for a look at its variables."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mlops_lab.interfaces import Executor, Shareable, Worker
from mlops_lab.services.interruption import Interruption


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A kernel that others can talk to, by the connection file at `place`, `until` a time."""

    runner: asyncio.Runner
    executor: Executor
    worker: Worker
    place: Path
    until: float

    def linger(self) -> None:
        """Wait until the kernel has ended by itself, its time is up, or a signal says so."""
        with Interruption(self.runner) as interruption, suppress(asyncio.CancelledError):
            interruption.run(self._last())

    async def _last(self) -> None:
        assert isinstance(self.worker, Shareable)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(self.until - time.time()):
                    await self.worker.ended()
        finally:
            self.place.unlink(missing_ok=True)
            await self.executor.stop(self.worker)
