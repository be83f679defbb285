"""The board under every schedule: notebooks by chance, home and scouts taking turns at random.

The model below plays home (as `home.py` and `scouts.py` do) and the scouts' kernels. What a segment
does is fixed: it reads names one after the other, and writes values made of what it read. What is
expected of it may be wrong.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from mlops_lab.execution.board import HOME, Board
from mlops_lab.execution.holdings import Holdings
from mlops_lab.execution.moves import NOTHING, Deliver, Drop, Move, Start
from mlops_lab.interfaces import Node, Offer
from mlops_lab.ir.outlook import WORK, Outlook
from mlops_lab.ir.step import Cell, Resources, Segment
from mlops_lab.records.entry import Entry, Version
from mlops_lab.records.versions import PROCESS, Versions

NAMES = ("a", "b", "c", "d")
SETTING = "@pandas"
OFFER = Offer(nodes=(Node(cpus=8, gpus=2.0),), shared=True)
LONG = 600
"""So many turns no schedule of these small notebooks needs."""

names = st.lists(st.sampled_from(NAMES), max_size=3, unique=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What a segment really does: reads in order, then writes; in a scout it may end otherwise.

    `ends`: "well", or how it ends in a scout ("acts", "failed", "lives"), or "never" where it
    turns for ever on anything but what one kernel would give it. `refs` are names that what it
    writes looks up when it is used.
    """

    reads: tuple[str, ...]
    writes: tuple[str, ...]
    sets: bool = False
    marks: bool = False
    refs: tuple[str, ...] = ()
    ends: str = "well"
    gpus: float = 0.0


@st.composite
def deeds(draw: st.DrawFn) -> Deed:
    ends = st.sampled_from(["well"] * 6 + ["acts", "failed", "lives", "never"])
    return Deed(
        reads=tuple(draw(names)),
        writes=tuple(draw(names)),
        refs=tuple(draw(names)[:1]),
        sets=draw(st.integers(0, 7)) == 0,
        marks=draw(st.integers(0, 11)) == 0,
        ends=draw(ends),
        gpus=draw(st.sampled_from([0.0, 0.0, 0.0, 1.0, 1.0, 2.0])),
    )


@st.composite
def guesses(draw: st.DrawFn, deed: Deed, index: int) -> tuple[Segment, Outlook]:
    """A segment's code and what is expected of it: right, or with a name too few or too many."""
    mentions = set(deed.reads) - ({draw(st.sampled_from(NAMES))} if draw(st.booleans()) else set())
    writes = set(deed.writes)
    if draw(st.integers(0, 3)) == 0:
        writes ^= {draw(st.sampled_from(NAMES))}
    if draw(st.booleans()) and deed.sets:
        writes.add(SETTING)
    segment = Segment(
        name=f"s{index}",
        cells=(Cell(index=index, source=""),),
        reads=frozenset(mentions),
        writes=frozenset(deed.writes),
        code=f"code {index}",
    )
    outlook = Outlook(
        reads=segment.reads,
        writes=frozenset(writes),
        needs=frozenset(draw(names)[:1]) if draw(st.integers(0, 5)) == 0 else frozenset(),
        bound="tagged serial" if draw(st.integers(0, 11)) == 0 else "",
        home="acts, it seems" if draw(st.integers(0, 7)) == 0 else "",
        barrier=draw(st.integers(0, 11)) == 0,
        after=frozenset({draw(st.integers(0, index - 1))})
        if index and draw(st.integers(0, 7)) == 0
        else frozenset(),
        order=(WORK, *sorted(deed.reads)) if draw(st.integers(0, 3)) else tuple(deed.reads),
    )
    return segment, outlook


@dataclass(frozen=True, slots=True)
class Chosen:
    """Tactics that were drawn beforehand."""

    daring: frozenset[int]
    ceding: frozenset[int]

    def dares(self, index: int) -> bool:
        return index in self.daring

    def cedes(self, index: int) -> bool:
        return index in self.ceding


@dataclass(slots=True, kw_only=True)
class Kernel:
    """A scout at a segment: what it has read, and which names it has been given."""

    start: Start
    had: dict[str, Version]
    waiting: set[str]
    ahead: list[str]
    asks: str = ""
    blame: str = ""
    seen: dict[str, str] = field(default_factory=dict)


def looked_up(deed: Deed, versions: Versions) -> dict[str, str]:
    """What a segment reads, one name after the other, and what those names' values look up."""
    seen: dict[str, str] = {}
    ahead = [*deed.reads]
    while ahead:
        name = ahead.pop(0)
        if name not in seen:
            seen[name] = versions.digest(name)
            ahead += versions.names[name].refs if name in versions.names else ()
    return seen


def results(index: int, deed: Deed, seen: Mapping[str, str], setting: str) -> tuple[Version, ...]:
    """What a segment writes, given what it read."""
    told = f"{index} {zlib.crc32(repr((sorted(seen.items()), setting)).encode())}"
    found = [
        Version(names=(n,), digest=f"{n} {told}", artifact=f"{n} {told}", refs=deed.refs)
        for n in deed.writes
    ]
    if deed.sets:
        found.append(Version(names=(SETTING,), digest=f"set {index}", artifact=f"set {index}"))
    if deed.marks:
        found.append(Version(names=(PROCESS,), digest=f"live:{index}", live="a patch"))
    if deed.ends == "lives":
        found = [
            replace(v, artifact=None, live="generator") if v.names[0] in NAMES else v for v in found
        ]
    return tuple(found)


class Descent(RuleBasedStateMachine):
    """Home goes down; scouts begin, read, wait and end in any order."""

    @initialize(
        data=st.data(), workers=st.integers(2, 4), given=st.lists(deeds(), min_size=2, max_size=8)
    )
    def begin(self, data: st.DataObject, workers: int, given: list[Deed]) -> None:
        self.deeds = given
        self.workers = workers
        guessed = [data.draw(guesses(deed, i), f"expected of {i}") for i, deed in enumerate(given)]
        indices = st.frozensets(st.integers(0, len(given) - 1))
        self.holder = Holdings(OFFER)
        lacking = [i for i, deed in enumerate(given) if deed.gpus and data.draw(st.booleans())]
        # What home can't run must neither act early nor leave what can't travel: rules 7 and 8.
        for i in lacking:
            self.deeds[i] = Deed(reads=given[i].reads, writes=given[i].writes, gpus=given[i].gpus)
        self.serial = self.one_kernel()
        self.board = Board(
            [segment for segment, _ in guessed],
            [outlook for _, outlook in guessed],
            self.remembered(data),
            workers=workers,
            needs={i: Resources(gpus=d.gpus) for i, d in enumerate(given) if d.gpus},
            lacking=lacking,
            holder=self.holder,
            tactics=Chosen(
                data.draw(indices, "dares") if data.draw(st.booleans()) else frozenset(),
                data.draw(indices, "cedes") if data.draw(st.booleans()) else frozenset(),
            ),
        )
        self.kernels: dict[int, Kernel] = {}
        self.results: dict[int, Entry] = {}
        self.versions = Versions()
        self.front = 0
        self.home = "stands"
        self.commits: list[int] = []
        self.turns = 0
        self.board.reach(0, self.versions, 1)
        self.pass_front()

    def one_kernel(self) -> list[dict[str, str]]:
        """What the names mean before each segment, and at the end, in one kernel."""
        versions, found = Versions(), []
        self.reads: list[dict[str, str]] = []
        for index, deed in enumerate(self.deeds):
            found.append({n: v.digest for n, v in versions.names.items()})
            seen = looked_up(deed, versions)
            self.reads.append(seen)
            versions.apply(results(index, deed, seen, versions.digest(SETTING)), (), index)
        found.append({n: v.digest for n, v in versions.names.items()})
        return found

    def remembered(self, data: st.DataObject) -> dict[int, Entry]:
        """What the cache holds: what one kernel gave, or what it gave when all was different."""
        found = {}
        for index, deed in enumerate(self.deeds):
            if deed.ends != "well" or deed.marks or data.draw(st.integers(0, 3)):
                continue
            seen = self.reads[index]
            if data.draw(st.booleans()):
                seen = {n: f"other {n}" for n in seen}
            found[index] = self.entry(index, seen, self.serial[index].get(SETTING, ""))
        return found

    def entry(self, index: int, seen: Mapping[str, str], setting: str) -> Entry:
        reads = dict(seen) | ({SETTING: setting} if setting else {})
        writes = results(index, self.deeds[index], seen, setting)
        return Entry(
            id=f"{index}", code="", notebook="", step="", run_id="", created=0.0, seconds=0.0,
            reads=reads, writes=writes,
        )  # fmt: skip

    # -- home -------------------------------------------------------------------------------------

    def pass_front(self) -> None:
        """Home looks at the segment at the front, as `Home._pass` does, until it has to wait."""
        while self.front < len(self.deeds) and self.home == "stands":
            known = self.board._known.get(self.front)
            if known is not None and self.right(known):
                self.commit(known)
                continue
            self.obey(self.board.moves(start=False))
            ceded = self.board.cede()
            if ceded is not None:
                self.obey([ceded])
            self.await_result(ceded is not None)

    def await_result(self, ceded: bool) -> None:
        """`Scouts.result`: what is done counts, what runs is waited for, else home runs it."""
        lacking = self.front in self.board.lacking
        if self.front in self.kernels:
            begun = self.board.standing[self.front].begun
            if begun or ceded or lacking:
                self.home = "waits"
                self.act()
                return
            self.obey([Drop(index=self.front, why="late")])
        done = self.results.pop(self.front, None)
        self.obey(self.board.moves(start=False))
        if done is not None and self.right(done):
            self.commit(done)
        elif lacking:
            drops, start = self.board.require()
            self.obey([*drops, start])
            self.home = "waits"
            self.act()
        else:
            self.home = "runs"
            self.obey(self.board.home_runs())
            assert self.board.need(self.front) == NOTHING or HOME in self.holder._taken
            self.act()

    def right(self, entry: Entry) -> bool:
        """The judgement: every read is the right version, settings that are set among them."""
        found = self.versions.settings()
        return all(self.versions.digest(n) == d for n, d in entry.reads.items()) and all(
            n in entry.reads for n in found
        )

    def commit(self, entry: Entry) -> None:
        self.versions.apply(entry.writes, entry.deletes, self.front)
        self.commits.append(self.front)
        self.front += 1
        self.home = "stands"
        told = {n: v.digest for n, v in self.versions.names.items()}
        assert told == self.serial[self.front]
        self.board.reach(self.front, self.versions, self.front + 1)

    @precondition(lambda self: self.home == "runs")
    @rule()
    def home_ends(self) -> None:
        deed = self.deeds[self.front]
        seen = looked_up(deed, self.versions)
        entry = self.entry(self.front, seen, self.versions.digest(SETTING))
        entry.reads.update(self.versions.settings())
        self.commit(entry)
        self.pass_front()

    @precondition(lambda self: self.front == len(self.deeds))
    @rule()
    def all_is_done(self) -> None:
        """Hypothesis wants something to do until its steps are used up."""

    # -- scouts -----------------------------------------------------------------------------------

    def able(self) -> list[int]:
        """The attempts whose kernels can do something by themselves."""
        return [i for i, k in sorted(self.kernels.items()) if k.blame or self.can_go_on(i, k)]

    def can_go_on(self, index: int, kernel: Kernel) -> bool:
        if kernel.asks:
            return False
        turns = self.deeds[index].ends == "never" and not kernel.start.forced
        return not (turns and not kernel.ahead and self.stale(index))

    def stale(self, index: int) -> bool:
        """Whether the attempt has read something that one kernel would not have given it."""
        return self.kernels[index].seen != self.reads[index]

    @precondition(lambda self: self.able())
    @rule(data=st.data())
    def scout_goes_on(self, data: st.DataObject) -> None:
        self.go_on(data.draw(st.sampled_from(self.able()), "attempt"))

    def go_on(self, index: int) -> None:
        kernel = self.kernels[index]
        attempt = self.board.standing[index]
        deed = self.deeds[index]
        if kernel.blame:
            self.over(index, None)
        elif not attempt.begun:
            self.board.standing[index].begun = True
        elif kernel.ahead:
            self.look_up(index, kernel, kernel.ahead[0])
        elif deed.ends in {"acts", "failed", "lives"} and not kernel.start.forced:
            kernel.blame = deed.ends
            self.over(index, None)
        else:
            setting = attempt.belief.digest(SETTING)
            asked = self.board.segments[index].reads - (kernel.start.pending - attempt.given.keys())
            reads = {n: attempt.belief.digest(n) for n in {*asked, *kernel.seen}}
            reads |= attempt.belief.settings()
            assert kernel.seen.items() <= reads.items(), "what it read is what it believes"
            done = self.entry(index, kernel.seen, setting)
            self.over(index, replace(done, reads={**done.reads, **reads}))

    @precondition(lambda self: self.early())
    @rule(why=st.sampled_from(["memory", "died", "stuck"]), last=st.booleans())
    def scout_is_lost(self, why: str, last: bool) -> None:
        """Memory runs short, the kernel dies, or a value can't be had in it."""
        index = self.early()[-1 if last else 0]
        self.kernels[index].blame = why
        self.over(index, None)

    def early(self) -> list[int]:
        return [i for i, k in sorted(self.kernels.items()) if not k.start.forced and not k.blame]

    def look_up(self, index: int, kernel: Kernel, name: str) -> None:
        if name in kernel.waiting:
            kernel.asks = name
            self.board.wants(index, name)
            self.act()
            return
        kernel.ahead.pop(0)
        if name not in kernel.seen:
            version = kernel.had.get(name)
            kernel.seen[name] = version.digest if version is not None else ""
            kernel.ahead += version.refs if version is not None else ()

    def over(self, index: int, result: Entry | None) -> None:
        """`Scouts._end`."""
        kernel = self.kernels.pop(index)
        if result is not None:
            self.results[index] = result
            self.board.finished(index, result)
        else:
            again = kernel.blame in {"stale", "late", "stopped"}
            self.board.gone(index, "" if again else f"was tried early: {kernel.blame}")
        self.act()
        if index == self.front and self.home == "waits":
            self.home = "stands"
            self.await_result(ceded=False)
            self.pass_front()

    # -- the board's moves ------------------------------------------------------------------------

    def act(self) -> None:
        before = dict(self.board.barred)
        moves = self.board.moves()
        for move in moves:
            if isinstance(move, Start):
                self.check_start(move, before)
        self.obey(moves)

    def check_start(self, start: Start, barred: Mapping[int, str]) -> None:
        outlook = self.board.outlooks[start.index]
        assert not outlook.bound
        assert start.index not in barred
        assert start.index > self.front
        assert all(above < self.front for above in outlook.after)
        assert not outlook.needs & start.pending
        if self.board.need(start.index) != NOTHING:
            for above in range(self.front, start.index):
                waits = above not in self.board.standing and above not in self.results
                if (
                    waits
                    and above not in self.board._known
                    and (above > self.front or self.home != "runs")
                ):
                    assert self.holder.fits(self.board.need(above)), "in notebook order"

    def obey(self, moves: list[Move] | list[Drop]) -> None:
        for move in moves:
            match move:
                case Start():
                    assert move.index not in self.kernels
                    self.kernels[move.index] = Kernel(
                        start=move,
                        had=dict(move.belief.names),
                        waiting=set(move.pending),
                        ahead=[*self.deeds[move.index].reads],
                    )
                case Drop():
                    if move.index in self.kernels:
                        kernel = self.kernels[move.index]
                        kernel.blame = kernel.blame or move.why
                    else:
                        self.results.pop(move.index, None)
                case Deliver():
                    self.deliver(move)

    def deliver(self, move: Deliver) -> None:
        kernel = self.kernels[move.index]
        assert kernel.asks == move.name
        kernel.asks = ""
        kernel.waiting.discard(move.name)
        for version in move.versions:
            for name in version.names:
                assert name not in kernel.seen or kernel.seen[name] == version.digest
                kernel.had[name] = version
                kernel.waiting.discard(name)
        kernel.waiting |= move.pending - kernel.seen.keys()

    # -- what always holds ------------------------------------------------------------------------

    @invariant()
    def counted(self) -> None:
        self.turns += 1
        assert self.turns < LONG
        at_work = {i for i, a in self.board.standing.items() if not a.wants}
        at_work -= {i for i, kernel in self.kernels.items() if kernel.blame}
        assert len(at_work) + (self.home == "runs") <= self.workers
        assert len(at_work - {self.front}) <= self.workers - 1
        assert len(self.board.standing) <= 2 * self.workers + 2

    @invariant()
    def in_order(self) -> None:
        assert self.commits == list(range(self.front))

    @invariant()
    def home_waits_for_what_can_move(self) -> None:
        if self.home == "waits":
            assert self.front in self.able()
        assert self.home != "stands" or self.front == len(self.deeds)

    @invariant()
    def what_is_stale_at_the_front_goes(self) -> None:
        kernel = self.kernels.get(self.front)
        if kernel is not None and not kernel.blame:
            given = self.board.standing[self.front].given
            assert all(self.versions.digest(n) == d for n, d in given.items())

    @invariant()
    def nothing_is_overdrawn(self) -> None:
        left = [free for node in self.holder._nodes for free in node.devices]
        assert all(0.0 <= free <= 1.0 for free in left)

    def teardown(self) -> None:
        """Let whoever can go on, in turn: the end comes, and nothing is held any more."""
        if not hasattr(self, "board"):
            return
        for _ in range(LONG):
            if self.front == len(self.deeds):
                break
            for index in self.able():
                if index in self.kernels:
                    self.go_on(index)
                    self.check_all()
            if self.home == "runs":
                self.home_ends()
                self.check_all()
        assert self.front == len(self.deeds), "the run comes to an end"
        for index in list(self.kernels):
            self.board.gone(index)
        assert all(node.devices == [1.0, 1.0] for node in self.holder._nodes)

    def check_all(self) -> None:
        self.in_order()
        self.counted()
        self.home_waits_for_what_can_move()
        self.what_is_stale_at_the_front_goes()
        self.nothing_is_overdrawn()


EVERY_SCHEDULE = settings(
    max_examples=300,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def test_every_schedule_ends_as_one_kernel_would() -> None:
    run_state_machine_as_test(Descent, settings=settings(EVERY_SCHEDULE, derandomize=True))  # type: ignore[no-untyped-call]


@pytest.mark.exact
def test_thousands_of_schedules_end_as_one_kernel_would() -> None:
    run_state_machine_as_test(Descent, settings=settings(EVERY_SCHEDULE, max_examples=5000))  # type: ignore[no-untyped-call]
