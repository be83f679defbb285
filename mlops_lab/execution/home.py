"""Home goes down the notebook in order and never back.

At each segment it either adopts a finished result whose every read is the right version, or runs
the segment in its kernel. With nothing to adopt, a run is the notebook in one kernel.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NoReturn

from mlops_lab.errors import BackendError, RunFailed
from mlops_lab.execution.adoption import Adoption
from mlops_lab.execution.attempt import Attempt, CellFailed, tape_text
from mlops_lab.execution.damage import put_away, whole
from mlops_lab.execution.folder import RunFolder
from mlops_lab.execution.guest.store import Damaged
from mlops_lab.execution.home_kernel import HomeKernel
from mlops_lab.execution.job import Job
from mlops_lab.execution.learn import Seen, learn
from mlops_lab.execution.observing import marks, observe, seen, with_outputs
from mlops_lab.execution.page import Page, Tape, replay
from mlops_lab.execution.pending import Pending
from mlops_lab.execution.progress import Progress
from mlops_lab.execution.retrying import Retries, acted
from mlops_lab.execution.scouts import Scouts
from mlops_lab.execution.staying import stay
from mlops_lab.execution.trying import Result
from mlops_lab.execution.visit import Uninvited
from mlops_lab.interfaces import KernelDied, Worker
from mlops_lab.ir.plan import Decision, Reason
from mlops_lab.ir.step import Segment
from mlops_lab.records.entry import Entry
from mlops_lab.records.versions import (
    EVERYTHING,
    Versions,
    is_definition,
    names_history,
)

MOST_DESCENTS = 6
Span = tuple[datetime | None, datetime | None]


class Again(Exception):
    """Home's kernel is of no use for the rest: begin anew, with these segments run for certain."""

    def __init__(self, forced: Mapping[int, Reason]) -> None:
        super().__init__(forced)
        self.forced = dict(forced)


class Home:
    """The home worker of one run."""

    def __init__(self, job: Job, page: Page, folder: RunFolder, progress: Progress) -> None:
        self.job = job
        self.page = page
        self.folder = folder
        self.progress = progress
        self.trusted: set[str] = set()
        self.kept: Worker | None = None
        self._apart = False
        self._failed_in: Worker | None = None
        self.retries = Retries(job, progress)
        self._policies = job.pipeline.policies()
        self._history = any(names_history(segment.reads) for segment in job.pipeline.segments)
        self._marks = marks(job.pipeline)
        self._pending = Pending(job.store, job.ledger)
        self._adopted: list[str] = []

    async def run(self, forced: Mapping[int, Reason], trusted: Collection[str]) -> None:
        """Go down the notebook. Raises RunFailed, BackendError; what is done stays recorded."""
        self.trusted |= set(trusted)
        wanted = dict(forced)
        for _ in range(MOST_DESCENTS):
            self.kernel = HomeKernel(self.job)
            failure: RunFailed | None = None
            try:
                await self._descend(wanted)
                self.job.ledger.touch(self._adopted)
                return
            except RunFailed as error:
                failure = error
                raise
            except Again as again:
                wanted |= again.forced
                for segment in self.job.pipeline.segments:
                    for cell in segment.cells:
                        self.page.cell_waits(cell.index)
            finally:
                await self._leave(failure)
        raise BackendError("the run began anew too often: its stored results keep getting lost")

    async def _leave(self, failure: RunFailed | None) -> None:
        """End the kernel; that of the step whose failure ended the run may stay."""
        apart, self._failed_in = self._failed_in, None
        try:
            failed_in = await self.kernel.leave(self._pending, end=failure is None or self._apart)
            if failure is not None:
                if self._apart:
                    failed_in, apart = apart, None
                self.kept = await stay(self.job, self.progress, failure.step, failed_in)
        finally:
            if apart is not None:
                await self.job.executor.stop(apart)

    async def _descend(self, forced: Mapping[int, Reason]) -> None:
        plan = self.job.judge.plan(forced, self.trusted)
        self.versions = Versions()
        self.adoption = Adoption()
        self._params: dict[str, str] = {}
        self._unsent: dict[str, str] = {}
        self.count = 1
        if any(decision.fate in ("run", "may-run") for decision in plan.decisions):
            self.kernel.start()
        self.scouts = Scouts.begin(self.job, plan, self.progress)
        try:
            for index, planned in enumerate(plan.decisions):
                if planned.fate != "left-out":
                    await self._pass(index, planned)
                    self.folder.save(self.page.nb)
                    await asyncio.sleep(0)  # the kernel may be starting
        except RunFailed:
            if self.scouts is not None:
                self._failed_in = self.scouts.hand_over()
            raise
        finally:
            if self.scouts is not None:
                for entry in self.scouts.unused():
                    self._pending.take(entry)
                await self.scouts.close()

    async def _pass(self, index: int, planned: Decision) -> None:
        """Leave a segment behind: take what is remembered, a scout's result, or run it."""
        self.versions.count(self.count)
        why = planned.why
        if self.scouts is not None:
            self.scouts.reach(index, self.versions, self.count)
        if not _must_run(planned):
            decision, entry = self.job.judge.decide(index, self.versions, self.trusted)
            why = decision.why
            if entry is not None and self._adopt(index, entry):
                return
        told = tuple(str(reason) for reason in why)
        if self.scouts is not None:
            result = await self._scouted(index, self.scouts)
            if result is not None and self._adopt(index, result.entry, result, told):
                return
        await self._run(index, told)

    # -- what scouts did ------------------------------------------------------------------------

    async def _scouted(self, index: int, scouts: Scouts) -> Result | None:
        """What a scout did of the segment at the front, if that is right."""
        result = await scouts.result(index, self.page, self.folder)
        if result is not None:
            self.job.judge.learn(index, result.entry)
            decision, entry = self.job.judge.decide(
                index, self.versions, self.trusted, fresh=(result.entry.id,)
            )
            twice = self._logged_anew(result.entry)
            if entry is not None and entry.id == result.entry.id and not twice:
                return result
            blame = twice or (decision.why[0].what if decision.why else "")
            self.progress.dropped(index, result.worker, "stale", blame, result.seconds)
        while index in scouts.board.lacking:
            try:
                result = await scouts.require(index, self.page, self.folder)
            except CellFailed as failure:
                self._apart = True
                self.retries.again(index, failure)
                self._apart = False
                for cell in self.job.pipeline.segments[index].cells:
                    self.page.cell_waits(cell.index)
            else:
                self.trusted.add(result.entry.id)
                self.job.judge.learn(index, result.entry)
                return result
        return None

    def _logged_anew(self, entry: Entry) -> str:
        """A parameter that a step above has logged with another value, which mlflow refuses."""
        return next((k for k, v in _params(entry).items() if self._params.get(k, v) != v), "")

    # -- adopting -------------------------------------------------------------------------------

    def _adopt(
        self,
        index: int,
        entry: Entry,
        result: Result | None = None,
        why: tuple[str, ...] = (),
    ) -> bool:
        """Take a finished result as the segment's; whether it could be."""
        segment = self.job.pipeline.segments[index]
        try:
            tape = json.loads(whole(self.job.store, entry.outputs))
            if result is None:
                self.adoption.restore_files(entry, self.job.root, self.job.store)
        except Damaged as damaged:
            put_away(self.job.store, damaged.digest)
            self.progress.note(f"{damaged}: step '{segment.name}' runs again", segment.name)
            return False
        counts = {place: self.count + place for place in range(len(segment.cells))}
        spans: list[Span] = [(None, None)] * len(segment.cells)
        if result is not None:
            spans = [(_moment(began), _moment(ended)) for began, ended in result.spans]
        for cell, (began, _) in zip(segment.cells, spans, strict=True):
            self.page.cell_begins(cell.index, began)
        if result is not None and not result.shown:
            self.folder.log(segment.name, tape_text(result.tape))
        replay(self.page, [cell.index for cell in segment.cells], tape, counts)
        for cell, (_, ended) in zip(segment.cells, spans, strict=True):
            self.page.cell_ends(cell.index, at=ended)
        self.versions.apply(entry.writes, entry.deletes, index)
        self.adoption.take(entry, segment, self.count)
        self._params |= _params(entry)
        self._unsent |= _params(entry) if self.job.logs_plainly else {}
        self.count += len(segment.cells)
        if result is not None:
            self.progress.took(index, entry, result.worker, result.seconds, why)
            self._pending.take(entry)
        elif entry.run_id == self.job.run_id:  # home began anew; the step did run in this run
            self.progress.ran(index, entry.seconds, self.retries.attempt(index), entry)
        else:
            self.progress.adopted(index, entry)
        self._adopted.append(entry.id)
        return True

    # -- running --------------------------------------------------------------------------------

    async def _run(self, index: int, why: tuple[str, ...]) -> None:
        segment = self.job.pipeline.segments[index]
        worker = await self._worker()
        reads, touched = self._reach(segment)
        await self._prepare(segment, reads)
        if self.scouts is not None:
            self.scouts.home_runs()
        attempt = self.retries.attempt(index)
        self.progress.begins(index, worker.name, attempt, why)
        tape, began = Tape(), time.time()
        tick = time.perf_counter()
        cells = Attempt(self.job, segment, self.progress, tape)
        cells.on(self.page, self.folder)
        self.kernel.in_cell = True
        try:
            await cells.run(worker, self._policies[index].timeout)
            self.kernel.in_cell = False
        except CellFailed as failure:
            self.kernel.in_cell = False
            await self._failed(index, failure)
        seconds = time.perf_counter() - tick
        ran = seen(self.job, index, self.kernel.visit, began, seconds)
        entry = await self._observe(index, ran, reads, touched, tape)
        self.progress.ran(index, seconds, attempt, entry)

    async def _worker(self) -> Worker:
        """Home's worker, with its guest where steps are observed and the guest can enter."""
        try:
            return await self.kernel.ready()
        except Uninvited as why:
            if self.adoption.news:
                blind = Reason(kind="no-cache", what="the kernel can't be observed")
                raise Again(dict.fromkeys(range(len(self.job.pipeline.segments)), blind)) from why
            self.progress.note(f"nothing is cached: the kernel can't be observed ({why})")
            return await self.kernel.ready()

    def _reach(self, segment: Segment) -> tuple[set[str], set[str]]:
        """The names that the segment reads, and those whose values it may change."""
        reads = self.versions.read_by(
            segment.reads,
            writes=segment.writes,
            hints=segment.hints,
            everything=segment.everything,
        )
        return reads, self.versions.reach(reads | segment.writes | segment.deletes)

    async def _prepare(self, segment: Segment, reads: set[str]) -> None:
        if self.kernel.visit is None:
            return
        if self._unsent and any("log_param" in cell.source for cell in segment.cells):
            await self.kernel.visit.ask("log_params", params=self._unsent)
            self._unsent = {}
        everything = segment.everything or EVERYTHING in reads
        bind = (reads | segment.deletes) & self.adoption.hidden
        if not (self.adoption.news or bind or (everything and self.adoption.hidden)):
            return
        lost = await self.kernel.visit.ask(
            "prepare",
            **self.adoption.tell(),
            bind=sorted(bind),
            count=self.count,
            everything=everything,
            modules=sorted(segment.reads | segment.modules),
            births=[name for name in self.versions.names if is_definition(name)],
        )
        self._check(lost)
        self.adoption.hidden -= self.versions.reach(bind)
        if everything:
            self.adoption.hidden.clear()

    def _check(self, lost: Mapping[str, str]) -> None:
        """Begin anew if what the kernel asked for could not be brought."""
        if not lost:
            return
        for name, message in lost.items():
            version = self.versions.names.get(name)
            if version is not None and version.artifact:
                put_away(self.job.store, version.artifact)
            self.progress.note(f"'{name}' could not be brought back ({message}): it is made again")
        self.trusted |= {entry.id for entry in self._pending.entries}
        raise Again(
            {
                self.versions.writer[name]: Reason(kind="lost", what=f"'{name}'")
                for name in lost
                if name in self.versions.writer
            }
        )

    async def _observe(
        self, index: int, ran: Seen, reads: set[str], touched: set[str], tape: Tape
    ) -> Entry | None:
        segment = self.job.pipeline.segments[index]
        self.count += len(segment.cells)
        if self.kernel.visit is None:
            return None
        step = self.progress.step_of(index)
        answer = await observe(
            self.kernel.visit,
            segment,
            touched,
            everything=segment.everything or EVERYTHING in reads,
            metrics=step is not None and step.metrics,
            mark=self._marks[index],
        )
        self._check(answer["lost"])
        self.count = answer["count"]
        entry, outputs = learn(
            segment, ran, answer, reads, self.versions, tape, history=self._history
        )
        self.versions.apply(entry.writes, entry.deletes, index)
        self.adoption.hidden -= {name for w in entry.writes for name in w.names}
        self.adoption.hidden -= set(answer["demanded"])
        self._params |= _params(entry)
        if self.scouts is not None:
            entry = replace(entry, ahead=self.scouts.lesson(index))
        entry = with_outputs(self.job, entry, outputs)
        self.trusted.add(entry.id)
        self.job.judge.learn(index, entry)
        await self._pending.add(entry, self.kernel.visit)
        return entry

    # -- failing --------------------------------------------------------------------------------

    async def _failed(self, index: int, failure: CellFailed) -> NoReturn:
        """A cell failed: begin anew if the step may be tried again, else end the run."""
        obstacle = ""
        answer: Mapping[str, Any] = {}
        if self.kernel.visit is not None:
            with suppress(KernelDied):
                answer = await self.kernel.visit.ask("observe", touched=[], store=False)
                self._check(answer["lost"])
        if self.retries.left(index):
            obstacle = await self._obstacle(index, answer)
        self.retries.again(index, failure, obstacle, answer.get("used"))
        raise Again({index: Reason(kind="forced", what="another attempt")})

    async def _obstacle(self, index: int, answer: Mapping[str, Any]) -> str:
        """What keeps a step from being tried again; empty where nothing does."""
        if self.kernel.visit is None:
            return "its inputs are not kept"
        if acts := [*answer.get("outside", ()), *answer.get("written", ())]:
            return acted(acts)
        await self._pending.settle(self.kernel.visit)
        reason = Reason(kind="forced", what="another attempt")
        plan = self.job.judge.plan({index: reason}, self.trusted)
        again = [d for d in plan.decisions[:index] if d.fate in ("run", "may-run")]
        if again:
            return f"an input can't be stored: {again[0].why[0] if again[0].why else ''}"
        return ""


def _must_run(decision: Decision) -> bool:
    kinds = {"live", "forced", "no-cache", "lost"}
    return decision.fate == "run" and any(reason.kind in kinds for reason in decision.why)


def _params(entry: Entry) -> dict[str, str]:
    """The parameters that a step has logged to tracking."""
    return {r["key"]: r["value"] for r in entry.tracked if r["kind"] == "param"}


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
