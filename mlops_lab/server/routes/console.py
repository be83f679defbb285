"""Routes for a look at the failed step: its kernel, while it is kept."""

from __future__ import annotations

import time
from functools import partial

from mlops_lab.errors import UsageError
from mlops_lab.records.run import Run
from mlops_lab.server.bodies import ConsoleView, Released
from mlops_lab.server.route import RUNS, Route, may
from mlops_lab.services.history import History

WAY_OUT = 'keep_failed = "30m" in mlops.toml keeps the next one'


class Console(Route):
    """The kernel of a failed step, as one that clients can talk to."""

    @may("execute", RUNS)
    async def post(self, run_id: str) -> None:
        """Make it known to the server; the same id each time."""
        history, run = await self.found(run_id)
        connection = await self.work(history.keeps, run)
        if connection is None:
            raise UsageError(f"run {run_id} keeps no kernel on this machine; {WAY_OUT}")
        kernel_id = self.site.kept.admit(
            connection,
            partial(history.release, run_id),
            lambda: history.keeps(run) is not None,
        )
        self.answer(ConsoleView(kernel_id=kernel_id, step=stopped_at(run), until=until(run)))

    async def found(self, run_id: str) -> tuple[History, Run]:
        """The run, and where it is written down. Raises NotFound."""
        history = await self.work(self.site.projects.history, self.place().root)
        _, run = await self.work(history.exactly, run_id)
        return history, run


class Release(Console):
    """The end of a kept kernel."""

    @may("execute", RUNS)
    async def post(self, run_id: str) -> None:
        """Let it go, and its variables."""
        history, run = await self.found(run_id)
        connection = await self.work(history.keeps, run)
        await self.work(history.release, run_id)
        if connection is not None:
            self.site.kept.forget(connection)
        self.answer(Released(run_id=run_id, seconds=max(until(run) - time.time(), 0.0)))


def stopped_at(run: Run) -> str:
    """The step whose kernel it is."""
    return next((step.name for step in run.steps if step.status == "failed"), "")


def until(run: Run) -> float:
    """When the kernel goes by itself."""
    return run.kept_until or 0.0
