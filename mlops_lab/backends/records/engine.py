"""An engine on SQLite or PostgreSQL whose transactions can be trusted."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.pool import StaticPool

from mlops_lab.backends.records.place import prepare
from mlops_lab.errors import BackendError

BUSY = 30.0
"""Seconds to wait for another process that writes."""


def connect(place: str | Path) -> tuple[sa.Engine, str]:
    """An engine, and the name of its database as an error may show it.

    `place` is a path, ":memory:", or a SQLAlchemy URL of SQLite or PostgreSQL.
    """
    text = str(place)
    if text in {":memory:", "sqlite://", "sqlite:///:memory:"}:
        return _sqlite("sqlite://", poolclass=StaticPool), "memory"
    if "://" not in text:
        path = prepare(Path(text))
        return _sqlite(sa.URL.create("sqlite", database=str(path))), str(path)
    try:
        url = sa.make_url(text)
        if url.get_backend_name() == "sqlite":
            path = prepare(Path(url.database or "records.db"))
            return _sqlite(url.set(database=str(path))), str(path)
        if url.get_backend_name() == "postgresql":
            return _postgresql(url), url.render_as_string(hide_password=True)
    except (exc.ArgumentError, exc.NoSuchModuleError) as error:
        raise BackendError(f"the records' address can't be read: {error}") from error
    raise BackendError(
        f"records can't live in {url.get_backend_name()}; name a file or a PostgreSQL URL "
        "(postgresql://host/database)"
    )


def _sqlite(url: str | sa.URL, **options: Any) -> sa.Engine:
    engine = sa.create_engine(url, connect_args={"timeout": BUSY}, **options)

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        # The driver begins no transaction of its own: `_begin` does, and says which kind.
        connection.isolation_level = None
        _write_ahead(connection)
        connection.execute("PRAGMA synchronous=NORMAL")

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        # A reader that turns writer late can't wait for its turn; one that says so early can.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _write_ahead(connection: Any) -> None:
    """Switch to WAL; the busy timeout doesn't cover two processes that do so at once."""
    deadline = time.monotonic() + BUSY
    while True:
        try:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


_POSTGRESQL = {
    "connect_timeout": 10,
    # Who only listens says nothing: without these a line that was cut off seems well for hours.
    "keepalives_idle": 60,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}


def _postgresql(url: sa.URL) -> sa.Engine:
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    try:
        return sa.create_engine(url, pool_pre_ping=True, connect_args=_POSTGRESQL)
    except ModuleNotFoundError as error:
        raise BackendError(
            "records in PostgreSQL need psycopg; run `pip install 'mlops-lab[postgresql]'`"
        ) from error


@contextmanager
def explained(where: str) -> Iterator[None]:
    """Say what is wrong with a database, and the way out, where a driver only says that it is."""
    try:
        yield
    except exc.DBAPIError as error:
        raise BackendError(_explain(str(error.orig), where)) from error


def _explain(text: str, where: str) -> str:
    first = text.strip().split("\n", maxsplit=1)[0]
    if "malformed" in first or "not a database" in first:
        return (
            f"records at {where} are damaged ({first}); move the file away together with its -wal "
            "and -shm, and new records begin; outputs and artifacts of the runs are not touched"
        )
    if "locked" in first or "busy" in first:
        return (
            f"records at {where} have been locked by another process for {BUSY:.0f} s; end it, or "
            "set MLOPS_RECORDS to a PostgreSQL URL where many write"
        )
    if "readonly" in first or "read-only" in first:
        return f"records at {where} are read-only; give yourself write access to file and folder"
    if "full" in first:
        return f"the disk that holds the records at {where} is full; make room and resume the run"
    return f"records at {where} are not reachable: {first}; is the database there?"
