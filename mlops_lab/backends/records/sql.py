"""Events, runs and the cache's ledger in one SQL database."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa

from mlops_lab.backends.records import pages, schema, tables
from mlops_lab.backends.records.engine import connect, explained
from mlops_lab.backends.records.knock import EVENTS, knock, listeners
from mlops_lab.backends.records.notify import notify
from mlops_lab.backends.records.projection import (
    ORDERED,
    folded_runs,
    keep_fold,
    some,
    stored_events,
    text,
)
from mlops_lab.interfaces import Standing, Wish
from mlops_lab.records import entry as entry_json
from mlops_lab.records import events as event_json
from mlops_lab.records.entry import Entry
from mlops_lab.records.events import Event, RunFinished, RunStarted, Tracked
from mlops_lab.records.run import Run

FOLD_EVERY = 512
"""A run's fold is stored once in so many events; a reader adds those behind it."""

_INSERT_EVENTS = sa.insert(tables.events)
_COUNT_UP = sa.text(
    "INSERT INTO runs (run_id, seq, status, notebook, executor, started, host, pid, pid_started) "
    "VALUES (:run_id, :n, 'running', '', '', :at, '', 0, 0) "
    "ON CONFLICT (run_id) DO UPDATE SET seq = runs.seq + :n RETURNING seq, status"
)
_KEEP_ENTRY = sa.text(
    "INSERT INTO entries (id, code, notebook, step, run_id, created, used, body) "
    "VALUES (:id, :code, :notebook, :step, :run_id, :created, :used, :body) "
    "ON CONFLICT (id) DO UPDATE SET code = excluded.code, notebook = excluded.notebook, "
    "step = excluded.step, run_id = excluded.run_id, created = excluded.created, "
    "used = excluded.used, body = excluded.body"
)


class SqlRecords:
    """Events, runs and the cache's ledger; an EventLog and a Ledger over one engine.

    Safe for threads, and for as many processes as like to share the database. What is committed
    is told at once to those who listen: at `ears`, or by PostgreSQL on any machine.
    """

    def __init__(self, engine: sa.Engine, where: str, ears: Path | None = None) -> None:
        self.where = where
        self._ears = ears
        self._reads = engine
        self._writes = engine.execution_options(writes=True)

    @classmethod
    def open(cls, place: str | Path, ears: Path | None = None) -> Self:
        """The records at a path, ":memory:", or a URL of SQLite or PostgreSQL.

        `ears` is where those listen who want to know of changes: beside the file, if there is one.
        Raises BackendError where they can't be had, are damaged, or are newer than this version.
        """
        with explained(str(place)):
            engine, where = connect(place)
        if ears is None and isinstance(place, Path):
            ears = listeners(place.parent)
        # PostgreSQL tells all there are; a knock would be the same news once more.
        records = cls(engine, where, ears if engine.dialect.name == "sqlite" else None)
        with records._read() as connection:
            ready = schema.version(connection) == tables.HEAD
        if not ready:  # else there is no need to wait for those who write
            with records._write() as connection:
                schema.ensure(connection, where)
        return records

    def close(self) -> None:
        """Let go of the database."""
        self._reads.dispose()

    @contextmanager
    def _write(self) -> Iterator[sa.Connection]:
        with explained(self.where), self._writes.begin() as connection:
            yield connection

    @contextmanager
    def _read(self) -> Iterator[sa.Connection]:
        with explained(self.where), self._reads.connect() as connection:
            yield connection

    # ------------------------------------------------------------------------------ events

    def append(self, run_id: str, events: Iterable[Event]) -> int:
        """Commit events, all or none; the sequence number of the last one."""
        new = list(events)
        with self._write() as connection:
            last, _ = _append(connection, run_id, new)
            notify(connection, EVENTS, run_id)
        self._tell(run_id)
        return last

    def settle(self, run_id: str, events: Iterable[Event]) -> bool:
        """Commit events if the run is still running; whether it was."""
        new = list(events)
        with explained(self.where), self._writes.connect() as connection:
            _, status = _append(connection, run_id, new)
            if status == "running":
                notify(connection, EVENTS, run_id)
                connection.commit()
            else:
                connection.rollback()
        self._tell(run_id)
        return status == "running"

    def read(self, run_id: str, after: int = 0) -> Sequence[tuple[int, Event]]:
        """The run's events behind a sequence number."""
        with self._read() as connection:
            return stored_events(connection, run_id, after)

    def runs(self, notebook: str | None = None, limit: int | None = None) -> Sequence[Run]:
        """The runs, the newest first."""
        chosen = ORDERED.limit(limit) if limit is not None else ORDERED
        if notebook is not None:
            chosen = chosen.where(tables.runs.c.notebook == notebook)
        with self._read() as connection:
            return folded_runs(connection, chosen)

    def running(self, host: str | None = None) -> Sequence[Run]:
        """The runs that have not ended as far as the records know, the newest first."""
        chosen = ORDERED.where(tables.runs.c.status == "running")
        if host is not None:
            chosen = chosen.where(tables.runs.c.host == host)
        with self._read() as connection:
            return folded_runs(connection, chosen)

    def untracked(self) -> Sequence[Run]:
        """The runs that have ended and that the tracking server doesn't know, the oldest first."""
        c = tables.runs.c
        chosen = ORDERED.where(c.status != "running", c.mlflow_run_id.is_(None))
        with self._read() as connection:
            return folded_runs(connection, chosen)[::-1]

    def page(self, wish: Wish) -> tuple[Sequence[Run], int]:
        """Some of the runs that are wished for, the newest first, and how many there are."""
        with self._read() as connection:
            return pages.page(connection, wish)

    def standing(self, ids: Iterable[str], since: float | None = None) -> dict[str, Standing]:
        """Where the runs stand that still run, that are named, or that began since then."""
        with self._read() as connection:
            return pages.standing(connection, ids, since)

    def remove(self, run_id: str) -> bool:
        """Forget a run that is over; whether there was one."""
        with self._write() as connection:
            done = pages.forget(connection, run_id)
            notify(connection, EVENTS, run_id)
        self._tell(run_id)
        return done

    def _tell(self, run_id: str) -> None:
        if self._ears is not None:
            knock(self._ears, EVENTS, run_id)

    # ------------------------------------------------------------------------------ entries

    def find(self, codes: Iterable[str]) -> dict[str, list[Entry]]:
        """The entries of each code digest, the newest first."""
        c = tables.entries.c
        found: dict[str, list[Entry]] = {}
        with self._read() as connection:
            for few in some(dict.fromkeys(codes)):
                chosen = sa.select(c.code, c.body).where(c.code.in_(few))
                for code, body in connection.execute(chosen.order_by(c.created.desc(), c.id)):
                    found.setdefault(code, []).append(entry_json.from_json(json.loads(body)))
        return found

    def keep(self, entries: Iterable[Entry]) -> None:
        """Remember executions; one that is known already is replaced."""
        rows = [_entry_row(entry) for entry in entries]
        if rows:
            with self._write() as connection:
                connection.execute(_KEEP_ENTRY, rows)

    def forget(self, ids: Iterable[str]) -> None:
        """Remember these no longer."""
        c = tables.entries.c
        with self._write() as connection:
            for few in some(ids):
                connection.execute(sa.delete(tables.entries).where(c.id.in_(few)))

    def entries(self, ids: Iterable[str]) -> dict[str, Entry]:
        """The entries with these ids, those that are known."""
        c = tables.entries.c
        found: dict[str, Entry] = {}
        with self._read() as connection:
            for few in some(ids):
                for name, body in connection.execute(sa.select(c.id, c.body).where(c.id.in_(few))):
                    found[name] = entry_json.from_json(json.loads(body))
        return found

    def touch(self, ids: Iterable[str], at: float | None = None) -> None:
        """Note that entries were used, now or at a time."""
        c = tables.entries.c
        now = time.time() if at is None else at
        with self._write() as connection:
            for few in some(ids):
                connection.execute(sa.update(tables.entries).where(c.id.in_(few)).values(used=now))

    def by_use(self) -> Sequence[tuple[float, Entry]]:
        """All entries with the time of their last use, the longest unused first."""
        c = tables.entries.c
        with self._read() as connection:
            rows = connection.execute(sa.select(c.used, c.body).order_by(c.used, c.id))
            return [(used, entry_json.from_json(json.loads(body))) for used, body in rows]


def _append(connection: sa.Connection, run_id: str, new: Sequence[Event]) -> tuple[int, str]:
    """The last sequence number, and the run's status before these events."""
    at = new[0].at if new else 0.0
    # Tracking comes late: a run may have been removed in the meantime.
    late = bool(new) and all(isinstance(event, Tracked) for event in new)
    if not new or (late and not pages.known(connection, run_id)):
        seq = connection.execute(
            sa.select(tables.runs.c.seq).where(tables.runs.c.run_id == run_id)
        ).scalar()
        return int(seq or 0), "running"
    counted = connection.execute(_COUNT_UP, {"run_id": run_id, "n": len(new), "at": at}).one()
    last, status = int(counted[0]), str(counted[1])
    first = last - len(new) + 1
    connection.execute(
        _INSERT_EVENTS,
        [
            {
                "run_id": run_id,
                "seq": seq,
                "at": event.at,
                "kind": type(event).__name__,
                "body": text(event_json.to_json(event)),
            }
            for seq, event in enumerate(new, start=first)
        ],
    )
    milestone = any(isinstance(event, (RunStarted, RunFinished, Tracked)) for event in new)
    if milestone or last // FOLD_EVERY != (first - 1) // FOLD_EVERY:
        keep_fold(connection, run_id, last)
    return last, status


def _entry_row(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "code": entry.code,
        "notebook": entry.notebook,
        "step": entry.step,
        "run_id": entry.run_id,
        "created": entry.created,
        "used": entry.created,
        "body": text(entry_json.to_json(entry)),
    }
