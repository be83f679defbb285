"""Knocks: who commits tells who listens, and never waits."""

from __future__ import annotations

import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlops_lab.backends.records.knock import EVENTS, Listener, knock, listeners
from mlops_lab.backends.records.sql import SqlRecords
from mlops_lab.records.events import Noted, Tracked


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return listeners(tmp_path / ("a long name " * 15) / ".mlops")


@pytest.fixture
def listener(place: Path) -> Iterator[Listener]:
    listener = Listener(place)
    yield listener
    listener.close()


def test_a_knock_is_heard_however_long_the_projects_path(listener: Listener, place: Path) -> None:
    knock(place, EVENTS, "run-1")
    knock(place, "log", "run-1", "load")
    assert listener.heard() == [(EVENTS, "run-1"), ("log", "run-1", "load")]
    assert listener.heard() == []


def test_all_who_listen_hear_it(listener: Listener, place: Path) -> None:
    other = Listener(place)
    knock(place, EVENTS, "run-1")
    other.close()
    knock(place, EVENTS, "run-2")
    assert listener.heard() == [(EVENTS, "run-1"), (EVENTS, "run-2")]


def test_who_is_gone_without_a_word_is_forgotten(listener: Listener, place: Path) -> None:
    dead = Listener(place)
    dead.socket.close()
    (place / "nonsense").symlink_to("/nowhere")
    knock(place, EVENTS, "run-1")
    assert len(list(place.iterdir())) == 1
    assert listener.heard() == [(EVENTS, "run-1")]
    dead.close()


def test_nobody_waits_for_who_does_not_hear(listener: Listener, place: Path) -> None:
    began = time.monotonic()
    for _ in range(5000):
        knock(place, EVENTS, "run-1")
    assert time.monotonic() - began < 2
    assert listener.heard()
    knock(place, EVENTS, "run-2")
    assert listener.heard() == [(EVENTS, "run-2")]


def test_where_nobody_listens_nothing_is_left(tmp_path: Path) -> None:
    knock(listeners(tmp_path / ".mlops"), EVENTS, "run-1")
    assert list(tmp_path.iterdir()) == []


def test_only_its_owner_reaches_a_listener(listener: Listener, place: Path) -> None:
    door = next(place.iterdir()).readlink()
    for folder in (place, door.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_listener_leaves_nothing_behind(place: Path) -> None:
    listener = Listener(place)
    door = next(place.iterdir()).readlink()
    assert listener.known
    listener.close()
    assert (list(place.iterdir()), door.parent.exists(), listener.known) == ([], False, False)
    with pytest.raises(OSError, match="Bad file descriptor"):
        listener.socket.getsockname()


def test_what_is_committed_is_told_and_what_is_not_is_not(tmp_path: Path) -> None:
    records = SqlRecords.open(tmp_path / ".mlops" / "records.db")
    listener = Listener(listeners(tmp_path / ".mlops"))
    records.append("run-1", [Noted(at=1.0, text="hello")])
    assert listener.heard() == [(EVENTS, "run-1")]
    assert not records.remove("run-1"), "it is not over"
    records.settle("run-1", [Noted(at=2.0, text="bye")])
    assert set(listener.heard()) == {(EVENTS, "run-1")}
    listener.close()
    records.close()


def test_a_run_that_is_removed_does_not_come_back_when_it_is_tracked(tmp_path: Path) -> None:
    records = SqlRecords.open(tmp_path / ".mlops" / "records.db")
    records.append("run-1", [Tracked(at=1.0, mlflow_run_id="m")])
    assert (list(records.runs()), list(records.read("run-1"))) == ([], [])
    records.close()
