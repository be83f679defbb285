"""One watcher a project: what happens in its runs, told to all clients that look at it.

Nothing runs while nobody looks. Who commits an event tells (see backends.records.ears); as news
may be lost, and a driver that is killed has none, it looks by itself every few seconds.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mlops_lab.backends.records.ears import Ways
from mlops_lab.backends.records.knock import EVENTS
from mlops_lab.errors import MlopsError, NotFound
from mlops_lab.records.head import RunHead
from mlops_lab.records.run import Run, advance
from mlops_lab.server.adapters import to_json
from mlops_lab.server.ears import Ears
from mlops_lab.server.messages import LogMoved, RunDeleted, RunMoved, ServerMessage
from mlops_lab.services.history import History

_log = logging.getLogger(__name__)

BREATH = 0.1
"""Seconds between two looks: a client hears of a run ten times a second at most."""
ROUND = 3.0
"""Seconds after which it looks although nobody has told it anything."""
FIRST = 1.0
"""The same while it can't be told: the project has no records yet, or their database is away."""
CLOCKS = 600.0
"""Seconds by which the clocks of machines may differ that share records."""
CAUGHT_UP = 500
"""So many runs that have ended are told to a client that comes back, the newest ones."""


class Client(Protocol):
    """Somebody who looks at a project."""

    def send(self, message: bytes) -> None:
        """Take a message, without waiting."""
        ...

    @property
    def behind(self) -> bool:
        """Whether so much waits for it that logs had better wait, too."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A run after its first `seq` events."""

    seq: int
    run: Run


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What a look has found: runs that moved, with what they were before; those that are gone."""

    moved: list[tuple[Known | None, Known]]
    gone: list[str]


Tails = dict[tuple[str, str], int]
"""The logs that a client follows, each up to which byte it has it: (run, step) → after."""


class Watch:
    """Watches the project at `root` for as long as somebody looks.

    `history` opens what has run there, None where nothing has; `head` tells a run in one line;
    `ways` are those by which it can be told that something has happened.
    """

    def __init__(
        self,
        root: Path,
        history: Callable[[], History | None],
        head: Callable[[Run], RunHead],
        ways: Callable[[], Ways],
    ) -> None:
        self._root = root
        self._history = history
        self._head = head
        self._clients: dict[Client, Tails] = {}
        self._asked: set[tuple[Client, str, str]] = set()  # logs that nothing was said of yet
        self._running: dict[str, Known] = {}
        self._over: dict[str, int] = {}
        self._dirty: set[str] = set()
        self._wake = asyncio.Event()
        self._turn = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._ears = Ears(ways, self._told)
        self._looked = time.time()
        self._deaf_since: float | None = None

    async def join(self, client: Client, seen: Mapping[str, int]) -> None:
        """Tell a client what moved behind what it has seen, then whatever happens.

        Raises BackendError where the records are away: it had better leave, and come back later.
        """
        async with self._turn:
            await self._listen()  # before the first look, so that nothing falls between
            await self._look()
            for message in await asyncio.to_thread(self._missed, dict(seen)):
                client.send(message)
            self._clients[client] = {}
        if self._task is None:
            self._task = asyncio.create_task(self._watch(), name=f"mlops-watch {self._root}")

    async def leave(self, client: Client) -> None:
        """A client looks no more; who watches for nobody stops."""
        self._clients.pop(client, None)
        self._asked = {asked for asked in self._asked if asked[0] is not client}
        if not self._clients:
            await self.close()

    def tail(self, client: Client, run_id: str, step: str, after: int) -> None:
        """Tell the client what a step prints, from a byte of its log on; nothing, too, at first."""
        self._clients[client][run_id, step] = max(0, after)
        self._asked.add((client, run_id, step))
        self.look()

    def untail(self, client: Client, run_id: str, step: str) -> None:
        """Tell it no more."""
        self._clients[client].pop((run_id, step), None)
        self._asked.discard((client, run_id, step))

    def look(self) -> None:
        """Look now: something has happened."""
        self._wake.set()

    async def close(self) -> None:
        """Watch no more."""
        task, self._task = self._task, None
        self._ears.close()  # before anything is waited for: somebody may join in the meantime
        self._running.clear()
        self._over.clear()
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    # -- the loop -------------------------------------------------------------------------------

    async def _watch(self) -> None:
        while True:
            heard = await self._heard()
            try:
                async with self._turn:
                    await self._listen()
                    await self._look(all_round=not heard)
                    await self._read_on()
            except Exception:  # noqa: BLE001  # whatever it is, the next look may go well
                _log.exception("the runs of %s can't be watched", self._root)
            await asyncio.sleep(BREATH)

    async def _heard(self) -> bool:
        """Wait for news; whether there was some before it was time to look anyway."""
        try:
            await asyncio.wait_for(self._wake.wait(), ROUND if self._ears.all_open else FIRST)
        except TimeoutError:
            return False
        self._wake.clear()
        return True

    def _told(self, words: tuple[str, ...]) -> None:
        if words[:1] == (EVENTS,):
            self._dirty.update(words[1:])
        self._wake.set()

    async def _listen(self) -> None:
        """Be there to be told; what may have happened unheard is looked for."""
        heard_all = await self._ears.open()
        if not heard_all and self._clients and self._deaf_since is None:
            self._deaf_since = self._looked

    # -- looking --------------------------------------------------------------------------------

    async def _look(self, *, all_round: bool = False) -> None:
        """Find what moved, and tell it."""
        wanted = {*self._dirty, *self._running}
        self._dirty.clear()
        since, began = None, time.time()
        if self._deaf_since is not None:
            since = self._deaf_since - CLOCKS
        elif all_round:  # what was told may be lost on its way
            since = self._looked - CLOCKS
        if since is not None:
            wanted.update(self._over)
        try:
            seen = await asyncio.to_thread(self._find, wanted, since, all_round)
        except MlopsError:
            self._dirty |= wanted - self._running.keys()  # a database that is away comes back
            return
        self._looked, self._deaf_since = began, None
        for before, now in seen.moved:
            self._note(now)
            self._tell(self._moved(before, now))
        for run_id in seen.gone:
            self._running.pop(run_id, None)
            self._over.pop(run_id, None)
            self._tell(to_json(RunDeleted(run_id=run_id), ServerMessage))

    def _find(self, wanted: set[str], since: float | None, all_round: bool) -> _Seen:
        history = self._history()
        if history is None:
            return _Seen(moved=[], gone=sorted(self._running))
        if all_round:
            history.notice_deaths()
        standing = history.standing(wanted, since)
        moved: list[tuple[Known | None, Known]] = []
        for run_id, place in sorted(standing.items(), key=lambda item: item[1].started):
            before = self._running.get(run_id)
            if place.seq != (before.seq if before else self._over.get(run_id)):
                with suppress(NotFound):
                    moved.append((before, _now(history, run_id, before)))
        return _Seen(moved=moved, gone=sorted(wanted - standing.keys()))

    def _note(self, now: Known) -> None:
        run_id = now.run.run_id
        if now.run.status == "running":
            self._running[run_id] = now
        else:
            self._running.pop(run_id, None)
            self._over[run_id] = now.seq

    def _moved(self, before: Known | None, now: Known) -> bytes:
        """A run that moved: of its steps those that changed."""
        old = {step.name: step for step in before.run.steps} if before else {}
        steps = tuple(step for step in now.run.steps if old.get(step.name) != step)
        message = RunMoved(seq=now.seq, head=self._head(now.run), steps=steps, notes=now.run.notes)
        return to_json(message, ServerMessage)

    def _missed(self, seen: dict[str, int]) -> list[bytes]:
        """What a client that has seen so much has missed."""
        running = [self._moved(None, known) for known in self._running.values()]
        history = self._history()
        if history is None:
            return [to_json(RunDeleted(run_id=run_id), ServerMessage) for run_id in seen]
        named = history.standing(seen)
        oldest = min((named[run_id].started for run_id in seen if run_id in named), default=None)
        standing = history.standing(seen, oldest)
        gone = [run_id for run_id in seen if run_id not in standing]
        ended = [
            (place.started, run_id)
            for run_id, place in standing.items()
            if not place.running and place.seq > seen.get(run_id, 0)
        ]
        told = [to_json(RunDeleted(run_id=run_id), ServerMessage) for run_id in gone]
        for _, run_id in sorted(ended)[-CAUGHT_UP:]:
            if run_id not in self._running:
                with suppress(NotFound):
                    told.append(self._moved(None, _now(history, run_id, None)))
        return [*told, *running]

    # -- logs -----------------------------------------------------------------------------------

    async def _read_on(self) -> None:
        """Tell those that follow logs what was printed since."""
        for client, tails in list(self._clients.items()):
            if client.behind:
                continue
            for (run_id, step), after in list(tails.items()):
                first = (client, run_id, step) in self._asked
                message, behind, more = await asyncio.to_thread(
                    self._printed, run_id, step, after, first=first
                )
                if tails.get((run_id, step)) != after:
                    continue  # it follows it no more, or from another place
                tails[run_id, step] = behind
                self._asked.discard((client, run_id, step))
                if message:
                    client.send(message)
                if more:
                    self.look()

    def _printed(
        self, run_id: str, step: str, after: int, *, first: bool
    ) -> tuple[bytes, int, bool]:
        try:
            history = self._history()
            part = history.printed(run_id, step, after) if history else None
        except (MlopsError, OSError):
            part = None
        if part is None or not (part.text or first):
            return b"", part.after if part else after, False
        moved = LogMoved(run_id=run_id, step=step, after=part.after, text=part.text)
        return to_json(moved, ServerMessage), part.after, part.more

    def _tell(self, message: bytes) -> None:
        for client in list(self._clients):
            client.send(message)


def _now(history: History, run_id: str, before: Known | None) -> Known:
    """The run as it is now; only what happened since is read."""
    if before is None:
        seq, run = history.exactly(run_id)
        return Known(seq=seq, run=run)
    seq, run = before.seq, before.run
    for seq, event in history.since(run_id, before.seq):  # noqa: B007  the last one's number counts
        run = advance(run, event)
    return Known(seq=seq, run=run)
