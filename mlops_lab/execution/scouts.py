"""The attempts of one descent: segments that run ahead of home, as the board says."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any

from mlops_lab.errors import BackendError
from mlops_lab.execution.apart import check_reads, obstacle
from mlops_lab.execution.attempt import Attempt, CellFailed
from mlops_lab.execution.board import Board
from mlops_lab.execution.folder import RunFolder
from mlops_lab.execution.holdings import Holdings
from mlops_lab.execution.job import Job, Scouting
from mlops_lab.execution.moves import Deliver, Drop, Move, Start, View
from mlops_lab.execution.observing import marks
from mlops_lab.execution.page import Page, Tape
from mlops_lab.execution.pool import Pool
from mlops_lab.execution.progress import Progress
from mlops_lab.execution.scout import Scout
from mlops_lab.execution.trying import Dropped, Result, Try
from mlops_lab.execution.visit import Uninvited
from mlops_lab.interfaces import KernelDied, Worker
from mlops_lab.ir.plan import Plan
from mlops_lab.records.entry import Entry
from mlops_lab.records.versions import Versions

MEMORY_EVERY = 0.5
"""Seconds between looks at the memory that early attempts use."""


class Scouts:
    """Starts, feeds and ends the attempts ahead of home."""

    def __init__(self, job: Job, board: Board, progress: Progress, scouting: Scouting) -> None:
        self.board = board
        self._scouting = scouting
        self._job = job
        self._progress = progress
        self._marks = marks(job.pipeline)
        self._limits = [policy.timeout for policy in job.pipeline.policies()]
        self._counts: dict[int, int] = {}
        self._open = scouting.patience == 0
        self._timer: asyncio.TimerHandle | None = None
        self._pool = Pool(job)
        self._tries: dict[int, Try] = {}
        self._results: dict[int, Result] = {}
        self._lessons: dict[int, str] = {}
        self._failed: dict[int, Mapping[str, str]] = {}
        self._failed_in: Scout | None = None
        self._hopeful = False
        self._closed = False
        self._broken: Exception | None = None
        self._sent: set[asyncio.Future[Any]] = set()
        self._watch: asyncio.Task[None] | None = None

    @classmethod
    def begin(cls, job: Job, plan: Plan, progress: Progress) -> Scouts | None:
        """Scouts for a plan; None where home is alone."""
        scouting = job.scouting
        if scouting is None or not job.watch:
            return None
        known: dict[int, Entry] = {}
        for index, decision in enumerate(plan.decisions):
            if decision.fate in {"cached", "may-run"}:
                entry = job.judge.entry(index, decision.entry)
                known |= {index: entry} if entry is not None else {}
        board = Board(
            job.pipeline.segments,
            job.judge.outlooks(plan),
            known,
            workers=scouting.workers,
            needs=scouting.needs,
            lacking=scouting.lacking,
            left_out=[i for i, d in enumerate(plan.decisions) if d.fate == "left-out"],
            holder=Holdings(scouting.offer),
            tactics=scouting.tactics,
        )
        scouts = cls(job, board, progress, scouting)
        scouts._hopeful = any(d.fate == "run" and not d.home for d in plan.decisions)
        return scouts

    # -- what home says -------------------------------------------------------------------------

    def reach(self, index: int, versions: Versions, count: int) -> None:
        """Home stands before a segment, whose first cell has that execution count."""
        self.board.reach(index, versions, count)
        self._counts[index] = count
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._open:
            self._keep_ready()

    def home_runs(self) -> None:
        """Home runs the segment at the front itself."""
        self._obey(self.board.home_runs())
        if not self._open:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._scouting.patience, self._begin)
        self.act()

    def act(self) -> None:
        """Do what the board says."""
        if not self._open and self.board.quiet:
            return
        self._obey(self.board.moves(start=self._open))
        # A kernel that starts for later takes nothing from one that is wanted now.
        calm = all(attempt.begun for attempt in self.board.standing.values())
        if self.board.more and calm and self._scouting.spare:
            self._pool.warm(self._modules(self.board.front))

    def _modules(self, index: int) -> list[str]:
        """What the segments above one have imported."""
        known = (i for i in range(index) if i < self.board.front or i in self.board.done)
        return list(dict.fromkeys(m for i in known for m in self.board.outlooks[i].imports))

    def _begin(self) -> None:
        self._open = True
        self._go_on()
        self._keep_ready()

    def _keep_ready(self) -> None:
        """Let a kernel wait for the first attempt, and import meanwhile what home has imported."""
        if self._hopeful and self._scouting.spare and self.board.quiet:
            self._pool.warm(self._modules(self.board.front))

    async def result(self, index: int, page: Page, folder: RunFolder) -> Result | None:
        """What a scout did of the segment at the front, waited for if it is still at it."""
        if not self.board.quiet:
            self._obey(self.board.moves(start=False))
        ceded = self.board.cede()
        if ceded is not None:
            self._obey([ceded])
        ours = self._tries.get(index)
        if ours is not None:
            awaited = self.board.standing[index].begun or index in self.board.lacking
            if not awaited and not self._scouting.tactics.cedes(index):
                self._obey([Drop(index=index, why="late")])  # home is there before the kernel
            elif not await self._files_hold(ours):
                self._obey([Drop(index=index, why="stale", name="a file")])
                await ours.over.wait()
            else:
                self.act()  # home does nothing meanwhile
                await self._follow(ours, page, folder)
            self._obey(self.board.moves(start=False))
        return self._results.pop(index, None)

    async def require(self, index: int, page: Page, folder: RunFolder) -> Result:
        """What a scout does of the segment at the front, which home can't run.

        Raises CellFailed; ResourceError where its worker and home can't do without one another.
        """
        self._let_go()
        drops, start = self.board.require()
        check_reads(self.board.segments[index], View(versions=self.board.versions))
        self._obey([*drops, start])
        ours = self._tries[index]
        await self._follow(ours, page, folder)
        self.act()
        if ours.failure is not None:
            raise ours.failure
        if ours.blame is not None:
            name = self.board.segments[index].name
            raise obstacle(name, f"leaves '{ours.blame.name}'")
        return self._results.pop(index)

    def lesson(self, index: int) -> str:
        """What an early attempt of a segment, which home has now run, ran into."""
        given = self._failed.get(index)
        if given is not None and all(
            self.board.versions.digest(name) == digest for name, digest in given.items()
        ):
            return "failed when it was tried early"
        return self._lessons.get(index) or self.board.outlooks[index].learned

    def unused(self) -> list[Entry]:
        """What was done and not adopted."""
        return [result.entry for result in self._results.values()]

    def hand_over(self) -> Worker | None:
        """The kernel in which a required segment failed, which is the caller's to end."""
        scout, self._failed_in = self._failed_in, None
        return scout.worker if scout is not None else None

    async def close(self) -> None:
        """End all attempts and all kernels, at once."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        if self._watch is not None:
            self._watch.cancel()
        for index in list(self._tries):
            self._drop(Drop(index=index, why="stopped"))
        for sent in self._sent:
            sent.cancel()  # nobody waits for these names any more
        tasks = [ours.task for ours in self._tries.values() if ours.task is not None]
        await asyncio.gather(*tasks, *self._sent, return_exceptions=True)
        self._let_go()
        await self._pool.close()

    def _let_go(self) -> None:
        """Nobody wants to look at the kernel in which a required segment failed."""
        scout, self._failed_in = self._failed_in, None
        if scout is not None:
            self._pool.end(scout)

    # -- moves ----------------------------------------------------------------------------------

    def _obey(self, moves: Sequence[Move]) -> None:
        for move in moves:
            match move:
                case Start():
                    self._start(move)
                case Drop():
                    self._drop(move)
                case Deliver():
                    sent = asyncio.ensure_future(self._deliver(move))
                    self._sent.add(sent)
                    sent.add_done_callback(self._sent.discard)

    def _start(self, start: Start) -> None:
        segment = self._job.pipeline.segments[start.index]

        def hear(said: dict[str, Any]) -> None:
            self._hear(ours, said)

        ours = Try(
            job=self._job,
            progress=self._progress,
            start=start,
            standing=self.board.standing[start.index],
            attempt=Attempt(self._job, segment, self._progress, Tape(), hear),
            begun=self._go_on,
            mark=self._marks[start.index],
        )
        self._tries[start.index] = ours
        ours.task = asyncio.ensure_future(self._see_through(ours))
        if self._watch is None:
            self._watch = asyncio.ensure_future(self._watch_memory())

    def _drop(self, drop: Drop) -> None:
        ours = self._tries.get(drop.index)
        if ours is not None:
            ours.blame = ours.blame or drop
            assert ours.task is not None
            ours.task.cancel()
            return
        result = self._results.pop(drop.index, None)
        if result is not None:
            told = (drop.index, result.worker, drop.why, drop.name, result.seconds)
            self._progress.dropped(*told)

    async def _deliver(self, move: Deliver) -> None:
        ours = self._tries.get(move.index)
        if ours is None or ours.scout is None:
            return
        with suppress(KernelDied, BackendError):  # then the attempt itself will end
            await ours.scout.deliver(move.name, move.versions, move.pending, ours.start.belief)
            self._progress.early_waits(move.index, ours.scout.name)

    def _hear(self, ours: Try, said: Mapping[str, str]) -> None:
        """What the guest says while a cell runs."""
        index = ours.start.index
        match said["event"]:
            case "wants":
                self.board.wants(index, said["name"])
                if ours.scout is not None:
                    self._progress.early_waits(index, ours.scout.name, said["name"])
                self._go_on()
            case "acts":
                self._lessons[index] = f"acts: {said['what']}"
                self._drop(Drop(index=index, why="acts", name=said["what"]))
            case "stuck":
                self._lessons[index] = f"needs {said['name']} itself: {said['why']}"
                self._drop(Drop(index=index, why="stuck", name=said["name"]))

    # -- one attempt ----------------------------------------------------------------------------

    async def _see_through(self, ours: Try) -> None:
        index = ours.start.index
        result: Result | None = None
        try:
            scout = ours.scout = await self._pool.take(ours.start, self.board.need(index))
            limit = self._limits[index] if ours.start.forced else None
            result = await ours.run(scout, self._counts_to(index), self._modules(index), limit)
        except Dropped as dropped:
            ours.blame = ours.blame or Drop(index=index, why=dropped.why, name=dropped.name)
        except CellFailed as failure:
            failure.acts = await ours.acts()
            ours.failure = failure
            why = "died" if failure.kernel_died else "failed"
            ours.blame = ours.blame or Drop(index=index, why=why, name=failure.ename)
            self._failed[index] = ours.standing.given
        except (KernelDied, BackendError, Uninvited) as error:
            cell = ours.attempt.cell
            ours.failure = CellFailed(cell, "DeadKernelError", str(error), kernel_died=True)
            ours.blame = ours.blame or Drop(index=index, why="died", name=str(error)[:80])
            if not ours.told:
                self._progress.note(f"no step runs ahead: {error}")
        except asyncio.CancelledError:
            ours.blame = ours.blame or Drop(index=index, why="stopped")
        finally:
            self._end(ours, result)
        if not self._closed:
            self._go_on()

    def _go_on(self) -> None:
        """Do what the board says, from a task of our own: home hears of it where that fails."""
        try:
            self.act()
        except Exception as error:  # noqa: BLE001  raised where home waits
            self._broken = self._broken or error
            for ours in self._tries.values():
                ours.over.set()

    def _end(self, ours: Try, result: Result | None) -> None:
        index, scout, blame = ours.start.index, ours.scout, ours.blame
        del self._tries[index]
        if result is not None:
            self._results[index] = result
            self.board.finished(index, result.entry)
        else:
            again = blame is None or blame.why in {"stale", "late", "stopped"}
            self.board.gone(
                index, "" if again else f"was tried early: {blame.why if blame else ''}"
            )
        if scout is not None:
            if result is not None:
                self._pool.put(scout)
            elif ours.failure is not None and ours.start.forced and self._job.keep is not None:
                self._failed_in = scout  # until home says whether that was its last attempt
            else:
                self._pool.end(scout)
            if ours.told and result is None and blame is not None:
                lost = time.time() - ours.began
                self._progress.dropped(index, scout.name, blame.why, blame.name, lost)
        ours.over.set()

    def _counts_to(self, index: int) -> dict[int, int]:
        """The execution counts of the segments' first cells down to one, as far as known."""
        counts = dict(self._counts)
        count = self.board.count
        for at in range(self.board.front, index + 1):
            if at not in self.board.left_out:
                counts[at] = count
                count += len(self._job.pipeline.segments[at].cells)
        return counts

    # -- at the front ---------------------------------------------------------------------------

    async def _follow(self, ours: Try, page: Page, folder: RunFolder) -> None:
        """Show what an attempt shows until it is over, for at most the time that it has."""
        ours.attempt.on(page, folder)
        ours.shown = True
        limit = self._limits[ours.start.index]
        left = None if limit is None else max(0.0, limit - (time.time() - ours.began))
        try:
            async with asyncio.timeout(None if ours.start.forced else left):
                await ours.over.wait()
        except TimeoutError:
            self._obey([Drop(index=ours.start.index, why="late", name="its time limit")])
            await ours.over.wait()
        if self._broken is not None:
            raise self._broken

    async def _files_hold(self, ours: Try) -> bool:
        """Whether the files that an attempt has read so far are still as it read them."""
        if ours.scout is None or not ours.told:
            return True
        try:
            read: dict[str, str] = await ours.scout.visit.ask("looked")
        except (KernelDied, BackendError):
            return True  # then it ends by itself
        return all(self._job.state(path, mark) == mark for path, mark in read.items())

    async def _watch_memory(self) -> None:
        """Drop the latest attempts when together they take more than their share."""
        while True:
            await asyncio.sleep(MEMORY_EVERY)
            early = [t for t in self._tries.values() if t.told and not t.start.forced]
            asked = await asyncio.gather(
                *(t.scout.visit.ask("memory") for t in early if t.scout), return_exceptions=True
            )
            used = [told for told in asked if isinstance(told, dict)]
            if used and _too_much(used, self._scouting.memory):
                latest = max(ours.start.index for ours in early)
                self._lessons[latest] = "takes too much memory to be tried early"
                self._drop(Drop(index=latest, why="memory"))


def _too_much(used: Collection[Mapping[str, int]], share: float) -> bool:
    own = sum(told["own"] for told in used)
    return own > share * (own + min(told["free"] for told in used))
