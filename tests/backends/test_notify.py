"""NOTIFY and LISTEN: who commits to PostgreSQL is heard on a connection of one's own."""

from __future__ import annotations

import select
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from mlops_lab.backends.records.ears import ways
from mlops_lab.backends.records.engine import connect
from mlops_lab.backends.records.knock import EVENTS
from mlops_lab.backends.records.notify import Wire
from mlops_lab.backends.records.sql import SqlRecords
from mlops_lab.errors import BackendError
from mlops_lab.records.events import Noted, RunFinished
from tests.postgresql import Postgresql


@pytest.fixture
def url(postgresql: Postgresql) -> str:
    postgresql.clear()
    return postgresql.url


@pytest.fixture
def wire(url: str) -> Iterator[Wire]:
    wire = Wire(url)
    yield wire
    wire.close()


def heard(wire: Wire, patience: float = 5.0) -> list[tuple[str, ...]]:
    """What is told from now on until it is quiet again."""
    found = []
    while select.select([wire], [], [], patience)[0] and wire.known:
        found += wire.heard()
        patience = 0.1
    return found


def test_what_is_committed_is_told_and_what_is_not_is_not(url: str, wire: Wire) -> None:
    records = SqlRecords.open(url)
    records.append("run-1", [Noted(at=1.0, text="hello")])
    assert heard(wire) == [(EVENTS, "run-1")]
    assert wire.heard() == []
    assert records.settle("run-1", [RunFinished(at=2.0, status="succeeded", seconds=1.0)])
    assert heard(wire) == [(EVENTS, "run-1")]
    assert not records.settle("run-1", [Noted(at=3.0, text="late")])
    assert heard(wire, 0.2) == []
    assert records.remove("run-1")
    assert heard(wire) == [(EVENTS, "run-1")]
    records.close()


def test_records_in_another_schema_are_another_projects(url: str, wire: Wire) -> None:
    engine, _ = connect(url)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA IF EXISTS theirs CASCADE"))
        connection.execute(sa.text("CREATE SCHEMA theirs"))
    engine.dispose()
    there = f"{url}&options=-csearch_path%3Dtheirs"
    theirs, records = Wire(there), SqlRecords.open(there)
    records.append("run-1", [Noted(at=1.0, text="hello")])
    assert heard(theirs) == [(EVENTS, "run-1")]
    assert heard(wire, 0.2) == []
    records.close()
    theirs.close()


def test_who_is_cut_off_knows_it(url: str, wire: Wire, postgresql: Postgresql) -> None:
    assert wire.known
    postgresql.stop()
    try:
        assert (heard(wire), wire.known) == ([], False)
        with pytest.raises(BackendError, match="not reachable"):
            Wire(url)
    finally:
        postgresql.start()


def test_a_wire_leaves_no_connection_behind(url: str) -> None:
    listening = sa.text("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
    wire = Wire(url)
    engine, _ = connect(url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        assert connection.execute(listening).scalar() == 1
        wire.close()
        deadline = time.monotonic() + 5
        while connection.execute(listening).scalar() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert connection.execute(listening).scalar() == 0
    engine.dispose()


def test_there_are_as_many_ways_as_the_records_have(tmp_path: Path) -> None:
    there = "postgresql://host/records"
    assert list(ways(tmp_path / ".mlops", "")) == []
    assert list(ways(tmp_path / ".mlops", there)) == [there]
    assert list(ways(tmp_path, there)) == ["socket", there]
