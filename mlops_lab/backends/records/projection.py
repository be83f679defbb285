"""Runs as lists show them: each one's stored fold, and the events behind it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import sqlalchemy as sa

from mlops_lab.backends.records import tables
from mlops_lab.records import events as event_json
from mlops_lab.records import run as run_json
from mlops_lab.records.events import Event
from mlops_lab.records.run import Run, advance

ORDERED = sa.select(tables.runs.c.run_id, tables.runs.c.seq).order_by(
    tables.runs.c.started.desc(), tables.runs.c.run_id.desc()
)
"""The runs, the newest first."""

_KEEP_FOLD = sa.text(
    "INSERT INTO folds (run_id, seq, body) VALUES (:run_id, :seq, :body) "
    "ON CONFLICT (run_id) DO UPDATE SET seq = excluded.seq, body = excluded.body"
)


def keep_fold(connection: sa.Connection, run_id: str, last: int) -> None:
    """Store the fold of the run's first `last` events, and what lists sort and choose by."""
    (run,) = folded_runs(connection, ORDERED.where(tables.runs.c.run_id == run_id))
    body = text(run_json.to_json(run))
    connection.execute(_KEEP_FOLD, {"run_id": run_id, "seq": last, "body": body})
    connection.execute(
        sa.update(tables.runs)
        .where(tables.runs.c.run_id == run_id)
        .values(
            status=run.status,
            notebook=run.notebook,
            executor=run.executor,
            started=run.started,
            seconds=run.seconds,
            host=run.host,
            pid=run.pid,
            pid_started=run.pid_started,
            mlflow_run_id=run.mlflow_run_id,
        )
    )


def folded_runs(connection: sa.Connection, chosen: sa.Select[Any]) -> list[Run]:
    """The chosen runs: each one's stored fold, and the events behind it on top."""
    order = [run_id for run_id, _ in connection.execute(chosen)]
    folded: dict[str, Run] = {}
    for few in some(order):
        folded |= _fold(connection, few)
    return [folded[run_id] for run_id in order]


def _fold(connection: sa.Connection, ids: Sequence[str]) -> dict[str, Run]:
    runs, folds, events = tables.runs.c, tables.folds.c, tables.events.c
    folded = {run_id: Run(run_id=run_id) for run_id in ids}
    for run_id, body in connection.execute(
        sa.select(folds.run_id, folds.body).where(folds.run_id.in_(ids))
    ):
        folded[run_id] = run_json.from_json(json.loads(body))
    behind = (
        sa.select(events.run_id, events.kind, events.at, events.body)
        .select_from(
            tables.runs.outerjoin(tables.folds, folds.run_id == runs.run_id).join(
                tables.events,
                sa.and_(events.run_id == runs.run_id, events.seq > sa.func.coalesce(folds.seq, 0)),
            )
        )
        .where(runs.run_id.in_(ids))
        .order_by(events.run_id, events.seq)
    )
    for run_id, kind, at, body in connection.execute(behind):
        folded[run_id] = advance(folded[run_id], _event(kind, at, body))
    return folded


def stored_events(connection: sa.Connection, run_id: str, after: int) -> list[tuple[int, Event]]:
    """The run's events behind a sequence number."""
    c = tables.events.c
    chosen = (
        sa.select(c.seq, c.kind, c.at, c.body)
        .where(c.run_id == run_id, c.seq > after)
        .order_by(c.seq)
    )
    return [(seq, _event(kind, at, body)) for seq, kind, at, body in connection.execute(chosen)]


def _event(kind: str, at: float, body: str) -> Event:
    # A newer version may have written kinds that this one has no name for.
    return event_json.from_json(json.loads(body)) if kind in event_json.KINDS else Event(at=at)


def some(items: Iterable[str], size: int = 500) -> Iterator[list[str]]:
    """The items in portions that one statement can take."""
    rest = iter(items)
    while portion := list(islice(rest, size)):
        yield portion


def text(body: Mapping[str, Any]) -> str:
    """The body as it is stored."""
    # A date or a numpy number among the parameters is kept as it prints.
    return json.dumps(body, separators=(",", ":"), default=str)
