"""The kernels of scouts: started when they are needed, kept for the next who can use them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Coroutine
from contextlib import suppress
from dataclasses import replace
from typing import Any

from mlops_lab.errors import BackendError
from mlops_lab.execution.job import Job
from mlops_lab.execution.moves import Start
from mlops_lab.execution.scout import Scout
from mlops_lab.execution.visit import Uninvited
from mlops_lab.interfaces import KernelDied
from mlops_lab.ir.step import Resources


class Pool:
    """Kernels that have nothing to do, and those that are on their way in or out."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._idle: list[Scout] = []
        self._spare: asyncio.Future[Scout] | None = None
        self._starting: set[asyncio.Future[Scout]] = set()
        self._under_way: set[asyncio.Future[Any]] = set()
        self._closed = False

    async def take(self, start: Start, need: Resources) -> Scout:
        """A kernel for an attempt: of the idle ones that fit the one that knows most, else a new.

        Raises BackendError, KernelDied, Uninvited.
        """
        wanted = replace(self._job.launch, resources=need, devices=start.devices)
        fitting = [s for s in self._idle if s.launch == wanted and s.acts == start.forced]
        if fitting:
            names = start.belief.reach(start.bind)
            best = max(fitting, key=lambda scout: scout.overlap(start.belief, names))
            self._idle.remove(best)
            return best
        if need != Resources():
            await self._free()
        starting, self._spare = self._spare, None
        if starting is None or start.forced or need != Resources():
            self._spare = starting
            starting = self._begin(Scout.begin(self._job, wanted, acts=start.forced))
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            self._later(self._put_by(starting))
            raise

    def warm(self, modules: Collection[str]) -> None:
        """Have a kernel ready that nobody has used, and that knows these modules."""
        if self._idle or self._closed:
            return
        if self._spare is None:
            self._spare = self._begin(self._fresh(modules))
        elif self._spare.done() and self._spare.exception() is None:
            self._later(_taught(self._spare.result(), modules))

    def _begin(self, work: Coroutine[Any, Any, Scout]) -> asyncio.Future[Scout]:
        starting = asyncio.ensure_future(work)
        self._starting.add(starting)
        starting.add_done_callback(self._starting.discard)
        return starting

    async def _fresh(self, modules: Collection[str]) -> Scout:
        scout = await Scout.begin(self._job, self._job.launch, acts=False)
        try:
            await scout.learn_modules(modules)
        except BaseException:
            self.end(scout)
            raise
        return scout

    def put(self, scout: Scout) -> None:
        """A kernel that is as it should be, for the next who needs one."""
        if self._closed:
            self.end(scout)
        else:
            self._idle.append(scout)

    def end(self, scout: Scout) -> None:
        """A kernel that nobody may use again: at once, and without farewell."""
        self._later(self._job.executor.stop(scout.worker, now=True))

    async def close(self) -> None:
        """End all that are idle, and wait for those that are ending."""
        self._closed = True
        for scout in self._idle:
            self.end(scout)
        self._idle.clear()
        if self._spare is not None:
            self._later(self._put_by(self._spare))
        for starting in self._starting:
            starting.cancel()  # whoever waits for it, it may never come
        while self._under_way or self._starting:
            await asyncio.gather(*self._under_way, *self._starting, return_exceptions=True)

    async def _put_by(self, starting: asyncio.Future[Scout]) -> None:
        """A kernel that nobody waits for any more is kept for the next who needs one."""
        if self._closed:
            starting.cancel()
        try:
            self.put(await starting)
        except (BackendError, KernelDied, Uninvited, asyncio.CancelledError):
            return

    async def _free(self) -> None:
        """Give back what idle kernels hold."""
        holding = [scout for scout in self._idle if scout.launch.resources != Resources()]
        self._idle = [scout for scout in self._idle if scout not in holding]
        stops = (self._job.executor.stop(scout.worker, now=True) for scout in holding)
        await asyncio.gather(*stops)

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)


async def _taught(scout: Scout, modules: Collection[str]) -> None:
    with suppress(KernelDied, BackendError):  # whoever takes it will see
        await scout.learn_modules(modules)
