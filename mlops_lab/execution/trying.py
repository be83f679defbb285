"""One attempt at a segment ahead of home: from a kernel to a result that home may adopt."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from mlops_lab.errors import BackendError
from mlops_lab.execution.apart import without_process
from mlops_lab.execution.attempt import Attempt, CellFailed
from mlops_lab.execution.job import Job
from mlops_lab.execution.learn import learn
from mlops_lab.execution.moves import Drop, Standing, Start
from mlops_lab.execution.observing import observe, seen, with_outputs
from mlops_lab.execution.page import Tape
from mlops_lab.execution.progress import Progress
from mlops_lab.execution.scout import Scout
from mlops_lab.interfaces import KernelDied
from mlops_lab.records.entry import Entry
from mlops_lab.records.versions import EVERYTHING, PROCESS


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a scout has done of a segment. `spans` are its cells' times; `shown`: in the log."""

    entry: Entry
    worker: str
    seconds: float
    spans: tuple[tuple[float, float], ...]
    tape: Tape
    shown: bool = False


class Dropped(Exception):
    """An attempt's result can't be adopted, because of what `name` names."""

    def __init__(self, why: str, name: str) -> None:
        super().__init__(why, name)
        self.why = why
        self.name = name


@dataclass(slots=True, eq=False, kw_only=True)
class Try:
    """An attempt under way. `blame` is why it was dropped, `failure` what a cell ended with.

    `told`: its cells have begun, and the run's events say so; `begun` is called then.
    """

    job: Job
    progress: Progress
    start: Start
    standing: Standing
    attempt: Attempt
    begun: Callable[[], None]
    mark: str
    began: float = field(default_factory=time.time)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None
    scout: Scout | None = None
    told: bool = False
    shown: bool = False
    blame: Drop | None = None
    failure: CellFailed | None = None

    async def run(
        self,
        scout: Scout,
        counts: Mapping[int, int],
        modules: Collection[str],
        limit: float | None,
    ) -> Result:
        """Run the segment in a scout. Raises Dropped, CellFailed, KernelDied, BackendError.

        `counts` are the execution counts of the segments' first cells, `modules` what home has
        imported, `limit` the seconds that the cells have.
        """
        index = self.start.index
        self.scout, self.began = scout, time.time()
        await scout.learn_modules(modules)
        lost = await scout.prepare(index, self.start, counts)
        if lost:
            raise Dropped("stuck", next(iter(lost)))
        self.standing.begun = True
        self.progress.early_begins(index, scout.name)
        self.told = True
        self.begun()
        tick = time.perf_counter()
        await self.attempt.run(scout.worker, limit)
        seconds = time.perf_counter() - tick
        entry, waited = await self._observe(scout, seconds, counts[index])
        scout.left(entry)
        self.progress.early_ends(index, scout.name, seconds, waited)
        return Result(
            entry=entry,
            worker=scout.name,
            seconds=seconds,
            spans=tuple(self.attempt.spans),
            tape=self.attempt.tape,
            shown=self.shown,
        )

    async def acts(self) -> list[str]:
        """What a segment that failed had done on the outside; early attempts do nothing there."""
        if self.scout is None or not self.start.forced:
            return []
        try:
            answer = await self.scout.visit.ask("observe", touched=[], store=False)
        except (KernelDied, BackendError):
            return []
        return [*answer["outside"], *answer["written"]]

    async def _observe(self, scout: Scout, seconds: float, count: int) -> tuple[Entry, float]:
        """What the segment did, as an entry, and the seconds that it waited for names."""
        job, index, belief = self.job, self.start.index, self.standing.belief
        segment = job.pipeline.segments[index]
        reads = belief.read_by(
            segment.reads, writes=segment.writes, hints=segment.hints, everything=False
        )
        reads -= self.start.pending - self.standing.given.keys()  # it never asked for those
        step = self.progress.step_of(index)
        answer = await observe(
            scout.visit,
            segment,
            belief.reach(reads | segment.writes | segment.deletes),
            everything=EVERYTHING in reads,
            metrics=step is not None and step.metrics,
            mark=self.mark,
        )
        waited = float(answer["waited"])
        ran = seen(job, index, scout.visit, self.began, max(0.0, seconds - waited))
        entry, outputs = learn(segment, ran, answer, reads, belief, self.attempt.tape)
        if self.start.forced:
            entry = without_process(segment.name, entry, self.progress)
        refuse(answer, entry, count + len(segment.cells), acts=self.start.forced)
        entry = with_outputs(job, entry, outputs)
        if entry.outputs is None:
            raise Dropped("lives", "a secret")
        return entry, waited


def refuse(answer: Mapping[str, Any], entry: Entry, count: int, *, acts: bool) -> None:
    """Raise Dropped where a result can't be adopted."""
    if answer["lost"]:
        raise Dropped("stuck", next(iter(answer["lost"])))
    live = next((version for version in entry.writes if version.live), None)
    if live is not None:
        raise Dropped("lives", live.live if PROCESS in live.names else live.names[0])
    if answer["count"] != count:
        raise Dropped("lives", "the execution count")
    done = [*entry.outside, *entry.files_written]
    if done and not acts:
        raise Dropped("acts", done[0])
