"""A scout: a disposable kernel, and what its namespace holds."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from mlops_lab.execution.job import Job
from mlops_lab.execution.moves import Start
from mlops_lab.execution.visit import Visit, units_told
from mlops_lab.interfaces import Launch, Worker
from mlops_lab.records.entry import Entry, Version
from mlops_lab.records.versions import (
    PROCESS,
    Versions,
    is_definition,
    is_hidden,
    is_surrounding,
)

PENDING = "pending"
"""Stands for the digest of what is still to be made."""


class Scout:
    """One kernel beside home. `has` maps names to the digests of what they mean in it."""

    def __init__(
        self, job: Job, launch: Launch, worker: Worker, visit: Visit, *, acts: bool
    ) -> None:
        self.acts = acts
        self.launch = launch
        self.worker = worker
        self.visit = visit
        self.has: dict[str, str] = {}
        self._settings: dict[str, str] = {}
        self._modules: set[str] = set()
        self._cells = 0
        self._job = job

    @property
    def name(self) -> str:
        """The worker's."""
        return self.worker.name

    @classmethod
    async def begin(cls, job: Job, launch: Launch, *, acts: bool) -> Scout:
        """A fresh one. `acts`: it may act on the outside, because home has reached its step.

        Raises BackendError, KernelDied, Uninvited.
        """
        worker = await job.executor.start(launch)
        try:
            for expression in job.greeting:
                await worker.ask(expression)
            visit = await Visit.begin(worker, job.visit(scout=not acts))
        except BaseException:
            await job.executor.stop(worker, now=True)
            raise
        return cls(job, launch, worker, visit, acts=acts)

    def overlap(self, versions: Versions, names: Collection[str]) -> int:
        """How much of what these names mean is here already: bytes, as far as known."""
        shared = (n for n in names if n in self.has and self.has[n] == versions.digest(n))
        return sum(1 + versions.names[n].size for n in shared if n in versions.names)

    async def learn_modules(self, modules: Collection[str]) -> None:
        """Import what home has imported: what importing sets must not be set by a cell later on."""
        fresh = [name for name in modules if name not in self._modules]
        if fresh:
            self._modules.update(fresh)
            await self.visit.ask("learn_modules", names=fresh)

    async def prepare(self, index: int, start: Start, counts: Mapping[int, int]) -> dict[str, str]:
        """Make the namespace what the start says; the names that were lost, with the reason.

        `counts` are the execution counts of the segments' first cells.
        """
        segments = self._job.pipeline.segments
        belief, segment = start.belief, segments[index]
        lost: dict[str, str] = await self.visit.ask(
            "prepare",
            hide=[*self._news(belief), *_waiting(start.pending)],
            drop=sorted(self.has.keys() - belief.names.keys() - start.pending),
            bind=sorted(start.bind),
            settings=self._changed_settings(belief),
            cells=[
                [cell.source, counts[above] + place]
                for above in range(self._cells, index)
                if above in counts
                for place, cell in enumerate(segments[above].cells)
            ],
            count=counts[index],
            everything=False,
            modules=sorted(segment.reads | segment.modules),
            births=[name for name in belief.names if is_definition(name)],
        )
        self._cells = index + 1
        self.has = {n: v.digest for n, v in belief.names.items() if not is_hidden(n)}
        self.has |= dict.fromkeys(start.pending, PENDING)
        return lost

    async def deliver(
        self, name: str, versions: Collection[Version], pending: Collection[str], belief: Versions
    ) -> None:
        """Let a waiting cell have a name and what it reaches; no versions: there is none."""
        current = {v: [n for n in v.names if belief.names.get(n) == v] for v in versions}
        fresh = [v for v, own in current.items() if any(self.has.get(n) != v.digest for n in own)]
        self.has |= {n: v.digest for v in fresh for n in current[v]}
        await self.visit.ask(
            "deliver",
            units=[
                *([list(v.names), v.artifact or "", current[v]] for v in fresh),
                *_waiting(n for n in pending if self.has.get(n) != PENDING),
            ],
            gone=[] if versions else [name],
        )

    def left(self, entry: Entry) -> None:
        """A segment ran here."""
        for name in entry.deletes:
            self.has.pop(name, None)
            self._settings.pop(name, None)
        for version in entry.writes:
            for name in version.names:
                target = self._settings if is_hidden(name) else self.has
                target[name] = version.digest

    def _news(self, belief: Versions) -> list[list[Any]]:
        return units_told(
            {
                name: (v.names, v.artifact or "")
                for name, v in sorted(belief.names.items())
                if not is_hidden(name) and self.has.get(name) != v.digest
            }
        )

    def _changed_settings(self, belief: Versions) -> dict[str, str]:
        wanted = {n: v for n, v in belief.names.items() if is_surrounding(n)}
        wanted.pop(PROCESS, None)
        changed = {
            n: v.artifact or "" for n, v in wanted.items() if self._settings.get(n) != v.digest
        }
        changed |= dict.fromkeys(self._settings.keys() - wanted.keys(), "")
        self._settings = {n: v.digest for n, v in wanted.items()}
        return changed


def _waiting(names: Iterable[str]) -> list[list[Any]]:
    return [[[name], None, [name]] for name in sorted(names)]
