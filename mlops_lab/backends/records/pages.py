"""Runs as lists ask for them: a page, those that moved, one less."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from mlops_lab.backends.records import tables
from mlops_lab.backends.records.projection import ORDERED, folded_runs, some
from mlops_lab.interfaces import Standing, Wish
from mlops_lab.records.run import Run

_RUNS = tables.runs.c


def page(connection: sa.Connection, wish: Wish) -> tuple[list[Run], int]:
    """The runs that are wished for, the newest first, and how many there are in all."""
    said = list(_conditions(wish))
    count = sa.select(sa.func.count()).select_from(tables.runs).where(*said)
    total = int(connection.execute(count).scalar_one())
    chosen = ORDERED.where(*said).offset(wish.offset).limit(wish.limit)
    return folded_runs(connection, chosen), total


def standing(
    connection: sa.Connection, ids: Iterable[str], since: float | None
) -> dict[str, Standing]:
    """Where the runs stand that still run, that are named, or that began since then."""
    wanted = [_RUNS.status == "running"]
    wanted += [_RUNS.run_id.in_(few) for few in some(ids)]
    wanted += [_RUNS.started >= since] if since is not None else []
    chosen = sa.select(_RUNS.run_id, _RUNS.seq, _RUNS.status, _RUNS.started)
    return {
        run_id: Standing(seq=seq, running=status == "running", started=started)
        for run_id, seq, status, started in connection.execute(chosen.where(sa.or_(*wanted)))
    }


def forget(connection: sa.Connection, run_id: str) -> bool:
    """Forget a run and its events, unless it still runs; whether that was done."""
    over = sa.delete(tables.runs).where(_RUNS.run_id == run_id, _RUNS.status != "running")
    if connection.execute(over).rowcount == 0:
        return False
    for table in (tables.folds, tables.events):
        connection.execute(sa.delete(table).where(table.c.run_id == run_id))
    return True


def known(connection: sa.Connection, run_id: str) -> bool:
    """Whether there is such a run."""
    chosen = sa.select(_RUNS.run_id).where(_RUNS.run_id == run_id)
    return connection.execute(chosen).first() is not None


def _conditions(wish: Wish) -> Iterator[sa.ColumnElement[bool]]:
    if wish.notebook is not None:
        yield _RUNS.notebook == wish.notebook
    if wish.status:
        yield _RUNS.status.in_(wish.status)
    for word in wish.search.split():
        name, sign, value = word.partition("=")
        yield _holds(name, value) if sign and name else _mentions(word)


def _mentions(word: str) -> sa.ColumnElement[bool]:
    columns: tuple[Any, ...] = (_RUNS.run_id, _RUNS.notebook, _RUNS.executor, _RUNS.status)
    return sa.or_(*(column.icontains(word, autoescape=True) for column in columns))


def _holds(name: str, value: str) -> sa.ColumnElement[bool]:
    """Whether a parameter, or a metric, has a value that begins so."""
    body = tables.folds.c.body
    key, text = json.dumps(name), json.dumps(value)[1:-1]
    found = sa.or_(
        body.contains(f"{key}:{text}", autoescape=True),
        body.contains(f'{key}:"{text}', autoescape=True),
    )
    return _RUNS.run_id.in_(sa.select(tables.folds.c.run_id).where(found))
