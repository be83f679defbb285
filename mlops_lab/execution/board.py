"""What may run ahead of home, and what may go on: the decisions, without clock or kernel.

The board knows the front, what is committed, what the segments below are expected to do, and the
attempts that are on their way. `moves` says what is to be done now. Nothing here makes a result
right or wrong: home judges each when it gets there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from mlops_lab.ir.outlook import Outlook
from mlops_lab.ir.step import Resources, Segment
from mlops_lab.records.entry import Entry, Version
from mlops_lab.records.versions import (
    COUNT,
    GENERATORS,
    PROCESS,
    SHOWN,
    Versions,
    is_hidden,
    is_setting,
)

HORIZON = 64
"""So many segments below the front are looked at."""
HOME = "home"
NOTHING = Resources()


class Holder(Protocol):
    """Keeps count of who holds which resources."""

    def fits(self, need: Resources) -> bool:
        """Whether it can be taken now."""
        ...

    def take(self, key: str, need: Resources) -> tuple[int, ...]:
        """Hold it under a key; which devices that gives."""
        ...

    def give_back(self, key: str) -> None:
        """What is held under the key is free again."""
        ...


class Tactics(Protocol):
    """What is worth trying; the board sees to what is possible."""

    def dares(self, index: int) -> bool:
        """Whether to try a segment although it is expected to come to nothing."""
        ...

    def cedes(self, index: int) -> bool:
        """Whether home leaves a segment that it has reached to a scout that could have it."""
        ...


class Sensible:
    """Tries what is likely to succeed; home takes what it has reached."""

    def dares(self, index: int) -> bool:
        """Whether to try a segment although it is expected to come to nothing."""
        return False

    def cedes(self, index: int) -> bool:
        """Whether home leaves a segment that it has reached to a scout that could have it."""
        return False


@dataclass(slots=True, kw_only=True)
class View:
    """What a segment will find, as far as can be told: versions, and names still to be made.

    `pending` maps such a name to the segment that will make it.
    """

    versions: Versions
    pending: dict[str, int] = field(default_factory=dict)

    def copy(self) -> View:
        """The same, to be kept."""
        return View(versions=self.versions.copy(), pending=dict(self.pending))


@dataclass(slots=True, kw_only=True)
class Standing:
    """An attempt: what it was given (names and their digests), and what it waits for.

    `begun`: its cells run. `forced`: home has reached it and can't run it itself.
    """

    index: int
    belief: Versions
    given: dict[str, str]
    need: Resources = NOTHING
    begun: bool = False
    wants: str = ""
    forced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Let a scout run a segment. `pending` are the names that it may have to wait for."""

    index: int
    belief: Versions
    pending: frozenset[str]
    bind: frozenset[str]
    devices: tuple[int, ...] = ()
    forced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """Throw an attempt, or a finished one's result, away."""

    index: int
    why: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliver:
    """Give an attempt the name that it waits for, and what that reaches.

    No versions: it turned out that there is no such name. `pending` are names that it reaches and
    that are still to be made.
    """

    index: int
    name: str
    versions: tuple[Version, ...] = ()
    pending: frozenset[str] = frozenset()


Move = Start | Drop | Deliver


class Board:
    """One descent of home, and who runs ahead of it."""

    def __init__(
        self,
        segments: Sequence[Segment],
        outlooks: Sequence[Outlook],
        known: Mapping[int, Entry],
        *,
        workers: int,
        needs: Mapping[int, Resources] | None = None,
        lacking: Collection[int] = (),
        left_out: Collection[int] = (),
        holder: Holder | None = None,
        tactics: Tactics | None = None,
    ) -> None:
        self.front = 0
        self.count = 1
        self.versions = Versions()
        self.standing: dict[int, Standing] = {}
        self.done: dict[int, Entry] = {}
        self.barred: dict[int, str] = {}
        self.busy = False
        self.more = False
        """Whether one more could be tried if there were room."""
        self.segments = segments
        self.outlooks = outlooks
        self.lacking = frozenset(lacking)
        self.left_out = frozenset(left_out)
        self._known = dict(known)
        self._workers = workers
        self._needs = needs or {}
        self._holder = holder
        self._tactics = tactics or Sensible()

    # -- what happens ---------------------------------------------------------------------------

    def reach(self, index: int, versions: Versions, count: int) -> None:
        """Home has committed all above a segment, whose first cell has that execution count."""
        self.front = index
        self.versions = versions
        self.count = count
        self.busy = False
        if self._holder is not None:
            self._holder.give_back(HOME)

    def home_runs(self) -> list[Drop]:
        """Home runs the segment at the front itself; what has to go to make room for it."""
        self.busy = True
        need = self.need(self.front)
        drops = self._make_room(need) if need != NOTHING else []
        if self._holder is not None and need != NOTHING and self._holder.fits(need):
            self._holder.take(HOME, need)
        return drops

    def begun(self, index: int) -> None:
        """An attempt's first cell runs."""
        self.standing[index].begun = True

    def wants(self, index: int, name: str) -> None:
        """An attempt waits for a name."""
        self.standing[index].wants = name

    def finished(self, index: int, entry: Entry) -> None:
        """An attempt is done; its result waits for home."""
        self.gone(index)
        self.done[index] = entry

    def gone(self, index: int, barred: str = "") -> None:
        """An attempt, or its result, is no more; `barred` says why there shall be no other."""
        if self.standing.pop(index, None) is not None and self._holder is not None:
            self._holder.give_back(str(index))
        self.done.pop(index, None)
        if barred:
            self.barred[index] = barred

    def undelivered(self, index: int, pending: Collection[str]) -> set[str]:
        """Those of the names that an attempt could have waited for and never asked for."""
        return set(pending) - self.standing[index].given.keys()

    def need(self, index: int) -> Resources:
        """What a segment needs of its worker."""
        return self._needs.get(index, NOTHING)

    @property
    def quiet(self) -> bool:
        """Whether nothing is on its way and nothing waits for home."""
        return not self.standing and not self.done

    # -- what is to be done ---------------------------------------------------------------------

    def moves(self, *, start: bool = True) -> list[Move]:
        """What is to be done now; starts are taken for done. `start` False: no new attempts."""
        found: list[Move] = []
        room = self._workers - self.busy
        room -= sum(1 for a in self.standing.values() if not a.wants)
        # Attempts that wait hold a kernel each; there is an end to that.
        room = min(room, 2 * self._workers + 1 - len(self.standing))
        reserved: list[str] = []
        closed = not start
        self.more = False
        for index, view in self._views(found):
            attempt = self.standing.get(index)
            if attempt is not None:
                found += self._look(attempt, view)
                continue
            if index in self.done or (index in self._known and self._holds(index, view) != "no"):
                closed = closed or self.outlooks[index].barrier
                continue
            outlook = self.outlooks[index]
            if index == self.front:
                closed = closed or outlook.barrier
                if not self.busy:
                    self._reserve(self.need(index), reserved, index)
                continue
            closed = closed or outlook.barrier
            if closed or self.more:
                continue
            if room <= 0:
                self.more = not self.waits_for(index, view)
                continue
            need = self.need(index)
            if self.waits_for(index, view) or not self._grant(need, reserved):
                self._reserve(need, reserved, index)
                continue
            found.append(self._start(index, view, need))
            room -= 1
        self._unreserve(reserved)
        return found

    def cede(self) -> Start | None:
        """A start of the segment at the front, where tactics have home leave it to a scout."""
        index, view = self.front, View(versions=self.versions)
        if index in self.standing or not self._tactics.cedes(index):
            return None
        if self.waits_for(index, view):
            return None
        return self._start(index, view, self.need(index))

    def require(self) -> tuple[list[Drop], Start]:
        """A start of the segment at the front, which home can't run; what has to go for it."""
        index, view = self.front, View(versions=self.versions)
        need = self.need(index)
        drops = self._make_room(need)
        return drops, self._start(index, view, need, forced=True)

    def waits_for(self, index: int, view: View) -> str:
        """What keeps a segment from being tried with this view; empty where nothing does."""
        forbidden = self._forbidden(index, view)
        if forbidden or self._tactics.dares(index):
            return forbidden
        return self._hopeless(index, view)

    def _forbidden(self, index: int, view: View) -> str:
        """Why the segment can't be tried: its result might differ, and nobody would notice."""
        outlook, names = self.outlooks[index], view.versions.names
        if outlook.bound:
            return outlook.bound
        if index in self.barred:
            return self.barred[index]
        if any(above >= self.front for above in outlook.after):
            return "runs after steps above"
        if PROCESS in names:
            return f"a step above changes {names[PROCESS].live}"
        if any(v.live for n, v in names.items() if is_setting(n) or n in GENERATORS):
            return "a setting lives in one kernel"
        return ""

    def _hopeless(self, index: int, view: View) -> str:
        """Why trying the segment would most likely come to nothing."""
        outlook, pending = self.outlooks[index], view.pending
        if outlook.home:
            return outlook.home
        if outlook.idle and index in self._known and self._holds(index, view) == "maybe":
            return "may not have to run"
        if any(is_setting(name) for name in pending):
            return "a step above changes a setting"
        if outlook.needs & pending.keys():
            return "needs names from above at its start"
        if any(g in pending for g in GENERATORS if g in outlook.reads | outlook.writes):
            return "draws from a generator that a step above uses"
        reads = self._reads(self.segments[index], view)
        live = sorted(n for n in reads - pending.keys() if self._lives(view.versions, n))
        if live:
            return f"reads {live[0]}, which lives in one kernel"
        if outlook.at_once(reads & pending.keys()):
            return "has nothing to do before it waits"
        return ""

    def views(self) -> Iterator[tuple[int, View]]:
        """Each segment from the front on, with what it will find. A view holds until the next."""
        return self._views([])

    # -- parts ----------------------------------------------------------------------------------

    def _views(self, found: list[Move]) -> Iterator[tuple[int, View]]:
        view = View(versions=self.versions.copy())
        count = self.count
        last = max([*self.standing, *self.done, self.front + HORIZON])
        for index in range(self.front, min(len(self.segments), last + 1)):
            if index in self.left_out:
                continue
            view.versions.count(count)
            result = self.done.get(index)
            if result is not None:
                blame = self._contradicts(result, view)
                if blame is not None:
                    found.append(Drop(index=index, why="stale", name=blame))
                    del self.done[index]
            yield index, view
            self._pass(index, view)
            count += len(self.segments[index].cells)

    def _pass(self, index: int, view: View) -> None:
        """What is known behind a segment."""
        entry = self.done.get(index) or self._known.get(index)
        if entry is not None and self._holds(index, view) == "yes":
            view.versions.apply(entry.writes, entry.deletes, index)
            for name in (*entry.deletes, *(n for w in entry.writes for n in w.names)):
                view.pending.pop(name, None)
            return
        outlook = self.outlooks[index]
        writes = set(outlook.writes)
        if entry is not None:
            writes |= {n for w in entry.writes for n in w.names} | {*entry.deletes}
        drawn = outlook.reads & {*GENERATORS}
        writes |= {g for g in drawn if g in view.versions.names or g in view.pending}
        for name in writes - {SHOWN, COUNT}:
            version = view.versions.names.get(name)
            for member in version.names if version is not None else (name,):
                view.pending[member] = index

    def _holds(self, index: int, view: View) -> str:
        """Whether a result stands with this view: yes, no, or maybe where a read is pending."""
        entry = self.done.get(index) or self._known[index]
        if self._contradicts(entry, view) is not None:
            return "no"
        return "maybe" if entry.reads.keys() & view.pending.keys() else "yes"

    def _contradicts(self, entry: Entry, view: View) -> str | None:
        """A name that the entry read and that means something else now."""
        return next(
            (
                name
                for name, digest in (*entry.reads.items(), *_unread(entry, view))
                if name not in view.pending and view.versions.digest(name) != digest
            ),
            None,
        )

    def _look(self, attempt: Standing, view: View) -> list[Move]:
        """Whether an attempt can go on, and what it gets."""
        expected = dict.fromkeys(view.versions.settings(), "") | attempt.given
        for name, digest in expected.items():
            if name not in view.pending and view.versions.digest(name) != digest:
                return [Drop(index=attempt.index, why="stale", name=name)]
        if not attempt.wants or attempt.wants in view.pending:
            return []
        name, attempt.wants = attempt.wants, ""
        if name not in view.versions.names:
            attempt.given[name] = ""
            return [Deliver(index=attempt.index, name=name)]
        if self._lives(view.versions, name):
            return [Drop(index=attempt.index, why="lives", name=name)]
        news: dict[Version, None] = {}
        reached = view.versions.reach([name])
        for member in reached - view.pending.keys():
            version = view.versions.names.get(member)
            if version is not None and member not in attempt.given and not is_hidden(member):
                if attempt.belief.digest(member) not in {"", version.digest}:
                    # Its code may have met the old one already, by a name that nobody foresaw.
                    return [Drop(index=attempt.index, why="stale", name=member)]
                attempt.belief.names[member] = version
                attempt.belief.writer[member] = view.versions.writer[member]
                attempt.given[member] = version.digest
                news[version] = None
        pending = frozenset(reached & view.pending.keys())
        return [Deliver(index=attempt.index, name=name, versions=tuple(news), pending=pending)]

    def _start(self, index: int, view: View, need: Resources, *, forced: bool = False) -> Start:
        segment, outlook = self.segments[index], self.outlooks[index]
        reads = self._reads(segment, view) | segment.deletes | outlook.needs
        bind = frozenset(n for n in reads if n in view.versions.names and n not in view.pending)
        given = {n: view.versions.digest(n) for n in reads if n not in view.pending}
        given |= view.versions.settings()
        belief = view.versions.copy()
        for name in view.pending:
            belief.names.pop(name, None)
        self.standing[index] = Standing(
            index=index, belief=belief, given=given, need=need, forced=forced
        )
        devices: tuple[int, ...] = ()
        if self._holder is not None and need != NOTHING and self._holder.fits(need):
            devices = self._holder.take(str(index), need)
        return Start(
            index=index,
            belief=belief,
            pending=frozenset(view.pending),
            bind=bind,
            devices=devices,
            forced=forced,
        )

    def _reads(self, segment: Segment, view: View) -> set[str]:
        """What the segment may read; what pending names will reach is not known yet."""
        names = self.versions_read(segment, view.versions)
        return names - {PROCESS, COUNT, SHOWN}

    @staticmethod
    def versions_read(segment: Segment, versions: Versions) -> set[str]:
        """The names that a segment mentions, and what they reach."""
        return versions.read_by(
            segment.reads,
            writes=segment.writes,
            hints=segment.hints,
            everything=segment.everything,
        )

    @staticmethod
    def _lives(versions: Versions, name: str) -> bool:
        version = versions.names.get(name)
        return version is not None and not version.artifact

    # -- resources ------------------------------------------------------------------------------

    def _grant(self, need: Resources, reserved: list[str]) -> bool:
        """Whether a segment gets what it needs: never before one above it that needs something."""
        if need == NOTHING or self._holder is None:
            return True
        return "" not in reserved and self._holder.fits(need)

    def _reserve(self, need: Resources, reserved: list[str], index: int) -> None:
        """Keep what a segment above will need out of the hands of those below."""
        if need == NOTHING or self._holder is None:
            return
        if not self._holder.fits(need):
            reserved.append("")  # who comes later takes nothing before this one has it
            return
        key = f"for {index}"
        self._holder.take(key, need)
        reserved.append(key)

    def _unreserve(self, reserved: list[str]) -> None:
        for key in filter(None, reserved):
            assert self._holder is not None
            self._holder.give_back(key)

    def _make_room(self, need: Resources) -> list[Drop]:
        """The latest attempts go until what the front needs is free."""
        drops: list[Drop] = []
        for index in sorted(self.standing, reverse=True):
            if self._holder is None or self._holder.fits(need):
                break
            if self.standing[index].need != NOTHING and index != self.front:
                drops.append(Drop(index=index, why="late", name="resources"))
                self.gone(index)
        return drops


def _unread(entry: Entry, view: View) -> Iterator[tuple[str, str]]:
    """The settings that are set now and that the entry found as they begin."""
    return ((name, "") for name in view.versions.settings() if name not in entry.reads)
