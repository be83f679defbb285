"""What may run ahead of home, and what may go on: the decisions, without clock or kernel.

The board knows the front, what is committed, what the segments below are expected to do, and the
attempts that are on their way. `moves` says what is to be done now. Nothing here makes a result
right or wrong: home judges each when it gets there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from mlops_lab.execution.grants import Grants, Holder
from mlops_lab.execution.moves import NOTHING, Deliver, Drop, Move, Standing, Start, View
from mlops_lab.execution.tactics import Sensible, Tactics
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
    is_surrounding,
)

HORIZON = 64
"""So many segments below the front are looked at."""
HOME = "home"


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
        self._grants = Grants(holder)
        self._tactics = tactics or Sensible()

    # -- what happens ---------------------------------------------------------------------------

    def reach(self, index: int, versions: Versions, count: int) -> None:
        """Home has committed all above a segment, whose first cell has that execution count."""
        self.front = index
        self.versions = versions
        self.count = count
        self.busy = False
        self._grants.give_back(HOME)

    def home_runs(self) -> list[Drop]:
        """Home runs the segment at the front itself; what has to go to make room for it."""
        self.busy = True
        drops = self._make_room()
        self._grants.take(HOME, self.need(self.front))
        return drops

    def wants(self, index: int, name: str) -> None:
        """An attempt waits for a name."""
        self.standing[index].wants = name

    def finished(self, index: int, entry: Entry) -> None:
        """An attempt is done; its result waits for home."""
        self.gone(index)
        self.done[index] = entry

    def gone(self, index: int, barred: str = "") -> None:
        """An attempt, or its result, is no more; `barred` says why there shall be no other."""
        if self.standing.pop(index, None) is not None:
            self._grants.give_back(str(index))
        self.done.pop(index, None)
        if barred:
            self.barred[index] = barred

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
        # One is at work at the front: home, or the attempt that home waits for.
        working = sum(1 for i, a in self.standing.items() if not a.wants and i != self.front)
        room = self._workers - 1 - working
        # Attempts that wait hold a kernel each; there is an end to that.
        kernels = 2 * self._workers + 1 - len(self.standing)
        closed = not start
        self.more = False
        for index, view in self._views(found):
            if index in self.standing:
                told = self._look(self.standing[index], view, room > 0 or index == self.front)
                found += told
                room -= any(isinstance(move, Deliver) for move in told) and index != self.front
                continue
            closed = closed or self.outlooks[index].barrier
            if index in self.done or (index in self._known and self._holds(index, view) != "no"):
                continue
            if index == self.front:
                if not self.busy:
                    self._grants.keep(index, self.need(index))
                continue
            if closed or self.more:
                continue
            if self.waits_for(index, view) or not self._grants.open(self.need(index)):
                self._grants.keep(index, self.need(index))
            elif room > 0 and kernels > 0:
                found.append(self._start(index, view))
                room -= 1
                kernels -= 1
            else:
                self.more = True
        self._grants.end_round()
        return found

    def cede(self) -> Start | None:
        """A start of the segment at the front, where tactics have home leave it to a scout."""
        index, view = self.front, View(versions=self.versions)
        if index in self.standing or not self._tactics.cedes(index):
            return None
        if self.waits_for(index, view) or not self._grants.fits(self.need(index)):
            return None
        return self._start(index, view)

    def require(self) -> tuple[list[Drop], Start]:
        """A start of the segment at the front, which home can't run; what has to go for it."""
        index, view = self.front, View(versions=self.versions)
        return self._make_room(), self._start(index, view, forced=True)

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
        if outlook.needs & view.pending.keys():  # it could take them for missing, and go on
            return "needs names from above at its start"
        if PROCESS in names:
            return f"a step above changes {names[PROCESS].live}"
        if any(v.live for n, v in names.items() if is_surrounding(n)):
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
        if any(g in pending for g in GENERATORS if g in outlook.reads | outlook.writes):
            return "draws from a generator that a step above uses"
        reads = view.reads(self.segments[index])
        live = sorted(name for name in reads - pending.keys() if view.lives(name))
        if live:
            return f"reads {live[0]}, which lives in one kernel"
        if outlook.at_once(reads & pending.keys()):
            return "has nothing to do before it waits"
        return ""

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
                blame = view.contradicts(result)
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
        return view.holds(self.done.get(index) or self._known[index])

    def _look(self, attempt: Standing, view: View, room: bool) -> list[Move]:
        """Whether an attempt can go on, and what it gets if there is room for it to go on."""
        if attempt.dropped:
            return []
        expected = dict.fromkeys(view.versions.settings(), "") | attempt.given
        for name, digest in expected.items():
            if name not in view.pending and view.versions.digest(name) != digest:
                return [attempt.drop("stale", name)]
        if not room or not attempt.wants or attempt.wants in view.pending:
            return []
        name, attempt.wants = attempt.wants, ""
        if name not in view.versions.names:
            attempt.given[name] = ""
            return [Deliver(index=attempt.index, name=name)]
        if view.lives(name):
            return [attempt.drop("lives", name)]
        news: dict[Version, None] = {}
        reached = view.versions.reach([name])
        for member in reached - view.pending.keys():
            version = view.versions.names.get(member)
            if version is not None and member not in attempt.given and not is_hidden(member):
                if attempt.belief.digest(member) not in {"", version.digest}:
                    # Its code may have met the old one already, by a name that nobody foresaw.
                    return [attempt.drop("stale", member)]
                attempt.belief.names[member] = version
                attempt.belief.writer[member] = view.versions.writer[member]
                attempt.given[member] = version.digest
                news[version] = None
        pending = frozenset(reached & view.pending.keys())
        return [Deliver(index=attempt.index, name=name, versions=tuple(news), pending=pending)]

    def _start(self, index: int, view: View, *, forced: bool = False) -> Start:
        need = self.need(index)
        segment, outlook = self.segments[index], self.outlooks[index]
        reads = view.reads(segment) | segment.deletes | outlook.needs
        bind = frozenset(n for n in reads if n in view.versions.names and n not in view.pending)
        given = {n: view.versions.digest(n) for n in reads if n not in view.pending}
        given |= view.versions.settings()
        belief = view.versions.copy()
        for name in view.pending:
            belief.names.pop(name, None)
        self.standing[index] = Standing(
            index=index, belief=belief, given=given, need=need, forced=forced
        )
        return Start(
            index=index,
            belief=belief,
            pending=frozenset(view.pending),
            bind=bind,
            devices=self._grants.take(str(index), need),
            forced=forced,
        )

    def _make_room(self) -> list[Drop]:
        """The latest attempts go until what the front needs is free."""
        drops: list[Drop] = []
        for index in sorted(self.standing, reverse=True):
            if self._grants.fits(self.need(self.front)):
                break
            attempt = self.standing[index]
            if attempt.need != NOTHING:
                if not attempt.dropped:
                    drops.append(attempt.drop("late", "resources"))
                self._grants.give_back(str(index))
        return drops
