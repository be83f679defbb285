"""Home's kernel, and the guest in it where steps are observed."""

from __future__ import annotations

import asyncio

from mlops_lab.errors import BackendError
from mlops_lab.execution.job import Job
from mlops_lab.execution.pending import Pending
from mlops_lab.execution.visit import Visit
from mlops_lab.interfaces import KernelDied, Worker

SETTLE_PATIENCE = 2.0
"""Seconds that a kernel gets, at the end, to say that all is stored."""


class HomeKernel:
    """Starts when it is first asked for; `visit` is the guest's, once it is there."""

    def __init__(self, job: Job) -> None:
        self.visit: Visit | None = None
        self.in_cell = False
        self._job = job
        self._starting: asyncio.Task[Worker] | None = None
        self._greeted = False

    def start(self) -> None:
        """Let it start while other things are done."""
        if self._starting is None:
            self._starting = asyncio.ensure_future(self._job.executor.start(self._job.launch))

    async def ready(self) -> Worker:
        """The worker, greeted. Raises BackendError, and Uninvited once: the guest can't enter."""
        self.start()
        assert self._starting is not None
        worker = await self._starting
        if not self._greeted:
            self._greeted = True
            if self._job.pipeline.python:
                for expression in self._job.greeting:
                    await worker.ask(expression)
            if self._job.watch:
                self.visit = await Visit.begin(worker, self._job.visit(scout=False))
        return worker

    async def leave(self, pending: Pending, *, end: bool = True) -> Worker | None:
        """Remember what can be, and end the kernel; else what there is of it."""
        pending.rest()
        if self._starting is None:
            return None
        if not self._starting.done():
            self._starting.cancel()
        try:
            worker = await self._starting
        except (BackendError, KernelDied, asyncio.CancelledError):
            return None
        try:
            if self.in_cell:
                await worker.interrupt()
            async with asyncio.timeout(SETTLE_PATIENCE if self.in_cell else None):
                await pending.settle(self.visit)
        except (BackendError, OSError):  # a timeout is an OSError too
            pending.salvage()
        except BaseException:
            await self._job.executor.stop(worker)
            raise
        if not end:
            return worker
        await self._job.executor.stop(worker)
        return None
