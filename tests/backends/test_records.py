"""Events, runs and the ledger, over every database that they may live in."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa

from mlops_lab.backends.records import reap as reaper
from mlops_lab.backends.records import schema, tables
from mlops_lab.backends.records.engine import connect
from mlops_lab.backends.records.place import file_system, prepare
from mlops_lab.backends.records.reap import reap
from mlops_lab.backends.records.sql import FOLD_EVERY, SqlRecords
from mlops_lab.errors import BackendError
from mlops_lab.records.entry import Entry, Version
from mlops_lab.records.events import (
    CellFinished,
    CellStarted,
    Event,
    Noted,
    RunFinished,
    RunStarted,
    StepFinished,
    StepStarted,
    Tracked,
)
from mlops_lab.records.run import Run, fold
from tests.postgresql import Postgresql

# ------------------------------------------------------------------------- where records live


@pytest.fixture(params=["file", "memory", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "file":
        return str(tmp_path / ".mlops" / "records.db")
    if request.param == "memory":
        return ":memory:"
    server: Postgresql = request.getfixturevalue("postgresql")
    server.clear()
    return server.url


@pytest.fixture
def records(place: str) -> Iterator[SqlRecords]:
    records = SqlRecords.open(place)
    yield records
    records.close()


# ------------------------------------------------------------------------------------- events


def started(run_id: str = "r1", at: float = 1.0, **changes: object) -> RunStarted:
    event = RunStarted(
        at=at,
        run_id=run_id,
        notebook="train.ipynb",
        output=f".mlops/runs/{run_id}/train.ipynb",
        executor="local",
        params={"rate": 0.1, "token": "env:TOKEN", "odd": "ü\x00\udc80"},
        steps=("load", "fit"),
        host="elsewhere",
        pid=1,
        pid_started=1.0,
        cells={"load": 1, "fit": 2},
    )
    return replace(event, **changes)


STORY: list[Event] = [
    started(),
    Noted(at=1.1, text="one worker"),
    StepStarted(at=1.2, step="load", worker="home", why=("has no result with this code yet",)),
    CellStarted(at=1.2, step="load", cell=2),
    CellFinished(at=1.3, step="load", cell=2, seconds=0.1, status="succeeded"),
    StepFinished(
        at=1.3,
        step="load",
        status="succeeded",
        cached=False,
        seconds=0.1,
        writes=("x",),
        metrics={"rows": 10.0, "loss": float("inf")},
        entries=("e1",),
    ),
    StepFinished(
        at=1.4, step="fit", status="failed", cached=False, seconds=0.2, error="ValueError"
    ),
    RunFinished(at=1.5, status="failed", seconds=0.5, error="step 'fit' failed"),
    Tracked(at=1.6, mlflow_run_id="m1"),
]


def test_what_was_appended_is_read_in_order(records: SqlRecords) -> None:
    assert records.append("r1", STORY[:3]) == 3
    assert records.append("r1", STORY[3:]) == len(STORY)
    assert records.read("r1") == list(enumerate(STORY, start=1))
    assert records.read("r1", after=len(STORY) - 1) == [(len(STORY), STORY[-1])]
    assert records.append("r1", []) == len(STORY)


@pytest.mark.parametrize("length", range(1, len(STORY) + 1))
def test_a_run_in_the_list_is_the_fold_of_its_events(length: int) -> None:
    records = SqlRecords.open(":memory:")
    for event in STORY[:length]:
        records.append("r1", [event])
    assert records.runs() == [fold(STORY[:length])]
    records.close()


def test_a_long_run_in_the_list_is_the_fold_of_its_events(records: SqlRecords) -> None:
    notes = [Noted(at=float(i), text=str(i)) for i in range(2 * FOLD_EVERY)]
    records.append("r1", STORY[:1])
    for i in range(0, len(notes), 100):
        records.append("r1", notes[i : i + 100])
    assert records.runs() == [fold([STORY[0], *notes])]


def test_the_newest_run_is_first(records: SqlRecords) -> None:
    for name, at, notebook in (("a", 1.0, "x.ipynb"), ("b", 3.0, "y.ipynb"), ("c", 2.0, "x.ipynb")):
        records.append(name, [started(name, at=at, notebook=notebook)])
    assert [run.run_id for run in records.runs()] == ["b", "c", "a"]
    assert [run.run_id for run in records.runs(notebook="x.ipynb")] == ["c", "a"]
    assert [run.run_id for run in records.runs(limit=1)] == ["b"]
    assert records.runs(notebook="none.ipynb") == []


def test_an_append_is_all_or_none(records: SqlRecords) -> None:
    records.append("r1", STORY[:1])

    def breaks() -> Iterator[Event]:
        yield STORY[1]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        records.append("r1", breaks())
    assert len(records.read("r1")) == 1


def test_events_of_a_newer_version_are_passed_over(records: SqlRecords) -> None:
    records.append("r1", STORY[:1])
    records.append("r1", STORY[1:2])
    with records._write() as connection:
        connection.execute(
            sa.update(tables.events).where(tables.events.c.seq == 2).values(kind="X")
        )
    assert records.read("r1")[1] == (2, Event(at=1.1))
    assert records.runs()[0].notes == ()


# ------------------------------------------------------------------------------------- ledger

ENTRY = Entry(
    id="e1",
    code="c1",
    notebook="train.ipynb",
    step="load",
    run_id="r1",
    created=1.0,
    seconds=0.5,
    reads={"x": "d1"},
    writes=(Version(names=("a", "b"), digest="d2", artifact="d2", refs=("f",)),),
    files_written={"gone.csv": None},
    metrics={"loss": 0.1},
    tracked=({"kind": "metric", "key": "loss", "value": 0.1, "step": 0, "timestamp": 1},),
)


def test_what_the_ledger_keeps_is_found_by_code_the_newest_first(records: SqlRecords) -> None:
    newer = replace(ENTRY, id="e2", created=2.0)
    other = replace(ENTRY, id="e3", code="c2")
    records.keep([ENTRY, newer, other])
    assert records.find(["c1", "c2", "c3"]) == {"c1": [newer, ENTRY], "c2": [other]}
    assert records.entries(["e1", "e9"]) == {"e1": ENTRY}


def test_an_entry_kept_again_replaces_the_one_before(records: SqlRecords) -> None:
    again = replace(ENTRY, seconds=9.0)
    records.keep([ENTRY])
    records.keep([again])
    assert records.find(["c1"]) == {"c1": [again]}


def test_what_is_forgotten_is_not_found(records: SqlRecords) -> None:
    many = [replace(ENTRY, id=str(i), code=str(i)) for i in range(1200)]
    records.keep(many)
    assert len(records.find(str(i) for i in range(1200))) == 1200
    records.forget(str(i) for i in range(1, 1200))
    assert records.find(str(i) for i in range(1200)) == {"0": [many[0]]}


def test_what_was_used_last_is_last(records: SqlRecords) -> None:
    records.keep([ENTRY, replace(ENTRY, id="e2", created=2.0)])
    records.touch(["e1"], at=3.0)
    assert [(used, entry.id) for used, entry in records.by_use()] == [(2.0, "e2"), (3.0, "e1")]


# ------------------------------------------------------------------------------------- schema


def test_the_migrations_make_the_tables(place: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    engine, where = connect(place)
    with engine.connect() as connection:
        schema.upgrade(connection, where, None)
        assert schema.version(connection) == tables.HEAD
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []
        connection.commit()
    engine.dispose()


def test_a_new_database_is_as_if_migrated(records: SqlRecords) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with records._read() as connection:
        assert schema.version(connection) == tables.HEAD
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []


def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "records.db"
    records = SqlRecords.open(path)
    with records._write() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    records.close()
    with pytest.raises(BackendError, match=r"newer mlops-lab.*9999.*upgrade"):
        SqlRecords.open(path)
    engine, _ = connect(path)
    with engine.connect() as connection:
        assert schema.version(connection) == "9999"
    engine.dispose()


def test_records_at_head_need_no_alembic(tmp_path: Path) -> None:
    code = (
        "import sys; from mlops_lab.backends.records.sql import SqlRecords;"
        f"SqlRecords.open({str(tmp_path / 'r.db')!r}).close();"
        "print(sorted({'alembic', 'sqlalchemy.orm', 'mlflow'} & set(sys.modules)))"
    )
    for _ in range(2):
        assert subprocess.check_output([sys.executable, "-c", code], text=True) == "[]\n"


# -------------------------------------------------------------------------------------- place


def test_the_records_are_their_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        records = SqlRecords.open(tmp_path / "a" / ".mlops" / "records.db")
        records.append("r1", STORY)
        files = {p.name: p.stat().st_mode & 0o777 for p in (tmp_path / "a" / ".mlops").iterdir()}
        assert files == {"records.db": 0o600, "records.db-wal": 0o600, "records.db-shm": 0o600}
        assert (tmp_path / "a" / ".mlops").stat().st_mode & 0o777 == 0o700
        records.close()
    finally:
        os.umask(before)


def test_a_folder_that_all_may_write_to_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    with pytest.raises(BackendError, match="chmod o-w"):
        SqlRecords.open(tmp_path / "records.db")
    assert list(tmp_path.iterdir()) == []


MOUNTS = r"""
/dev/sda1 / ext4 rw 0 0
server:/export /home nfs4 rw 0 0
tmpfs /home/me/local tmpfs rw 0 0
me@host:/x /mnt/my\040files fuse.sshfs rw 0 0
/dev/sdb1 /over ext4 rw 0 0
//nas/x /over cifs rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/srv", "ext4"),
        ("/home/you/project", "nfs4"),
        ("/home/me/local/project", "tmpfs"),
        ("/homely", "ext4"),
        ("/mnt/my files/x", "fuse.sshfs"),
        ("/over/x", "cifs"),
    ],
)
def test_the_file_system_is_that_of_the_nearest_mount(
    folder: str, kind: str, tmp_path: Path
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS)
    assert file_system(Path(folder), mounts) == kind


def test_a_network_file_system_is_refused_with_the_way_out(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"server:/x {tmp_path} nfs rw 0 0\n")
    with pytest.raises(BackendError, match=r"network file system \(nfs\).*PostgreSQL"):
        prepare(tmp_path / "records.db", mounts)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://host/x", "records can't live in mysql"),
        ("nosuch://host/x", "nosuch"),
        ("postgresql://postgres:hidden@127.0.0.1:1/x", "not reachable"),
    ],
)
def test_a_database_that_can_not_be_had_is_named(url: str, message: str) -> None:
    with pytest.raises(BackendError, match=message) as caught:
        SqlRecords.open(url)
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("damage", ["garbage", "page"])
def test_damaged_records_are_named_with_the_way_out(damage: str, tmp_path: Path) -> None:
    path = tmp_path / "records.db"
    records = SqlRecords.open(path)
    records.append("r1", STORY)
    records.close()
    body = bytearray(path.read_bytes())
    for page in range(0 if damage == "garbage" else 1, len(body) // 4096):
        body[page * 4096 : page * 4096 + 200] = b"\xa5" * 200
    path.write_bytes(body)
    with pytest.raises(BackendError, match=rf"{path} are damaged .*move the file away"):
        SqlRecords.open(path).read("r1")
    assert path.read_bytes() == bytes(body)


def test_records_that_stay_locked_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlops_lab.backends.records.engine.BUSY", 0.1)
    one, two = SqlRecords.open(tmp_path / "r.db"), SqlRecords.open(tmp_path / "r.db")
    with one._write(), pytest.raises(BackendError, match="locked by another process"):
        two.append("r1", STORY)
    one.close()
    two.close()


def test_who_only_reads_waits_for_nobody_who_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlops_lab.backends.records.engine.BUSY", 0.1)
    one = SqlRecords.open(tmp_path / "r.db")
    one.append("r1", STORY)
    with one._write():
        two = SqlRecords.open(tmp_path / "r.db")
        assert len(two.read("r1")) == len(STORY)
        two.close()
    one.close()


# -------------------------------------------------------------------------------- many writers

WRITER = """
import sys
from mlops_lab.backends.records.sql import SqlRecords
from mlops_lab.records.events import Noted
records = SqlRecords.open(sys.argv[1])
print("ready", flush=True)
for i in range(int(sys.argv[3])):
    pair = [Noted(at=float(i), text=f"{sys.argv[2]} {i} {half}" * 50) for half in "ab"]
    records.append("shared", pair)
    if i == 20:
        print("going", flush=True)
records.close()
"""


def _write(place: str, name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, place, name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("place", ["file", "postgresql"], indirect=True)
def test_two_processes_append_side_by_side(place: str) -> None:
    writers = [_write(place, name, 200) for name in ("x", "y")]
    for writer in writers:
        writer.communicate()
        assert writer.returncode == 0
    records = SqlRecords.open(place)
    found = records.read("shared")
    assert [seq for seq, _ in found] == list(range(1, 801))
    notes = [event.text.split()[:2] for _, event in found if isinstance(event, Noted)]
    for name in ("x", "y"):
        assert [int(i) for who, i in notes if who == name] == [i for i in range(200) for _ in "ab"]
    assert notes[::2] == notes[1::2]
    assert len(records.runs()[0].notes) == 800
    records.close()


def test_records_opened_twice_by_one_process_go_on_being_read(tmp_path: Path) -> None:
    place = str(tmp_path / "records.db")
    first = SqlRecords.open(place)
    first.read("shared")  # it holds a connection, and its share of the locks
    SqlRecords.open(place).close()
    _write(place, "x", 1).communicate()  # the last to leave clears the log away
    second = SqlRecords.open(place)
    second.append("shared", [Noted(at=1.0, text="later")])
    assert len(first.read("shared")) == len(second.read("shared")) == 3
    first.close()
    second.close()


def test_a_writer_killed_in_the_middle_leaves_whole_appends(tmp_path: Path) -> None:
    place = str(tmp_path / "records.db")
    for _ in range(3):
        with _write(place, "x", 1_000_000) as writer:
            assert writer.stdout is not None
            assert [writer.stdout.readline() for _ in range(2)] == ["ready\n", "going\n"]
            writer.send_signal(signal.SIGKILL)
        records = SqlRecords.open(place)
        found = records.read("shared")
        assert [seq for seq, _ in found] == list(range(1, len(found) + 1))
        assert len(found) % 2 == 0
        with records._read() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        records.close()


def test_an_append_of_one_event_takes_less_than_a_millisecond(tmp_path: Path) -> None:
    records = SqlRecords.open(tmp_path / "records.db")
    records.append("r1", STORY[:1])
    times = []
    for i in range(200):
        before = time.perf_counter()
        records.append("r1", [CellStarted(at=1.0, step="load", cell=i)])
        times.append(time.perf_counter() - before)
    records.close()
    assert sorted(times)[len(times) // 2] < 0.001


# ------------------------------------------------------------------------------------- reaping


def _driver() -> tuple[subprocess.Popen[bytes], dict[str, object]]:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    born = psutil.Process(process.pid).create_time()
    return process, {"host": socket.gethostname(), "pid": process.pid, "pid_started": born}


def test_a_run_whose_driver_died_is_interrupted(records: SqlRecords) -> None:
    process, identity = _driver()
    records.append("r1", [started(**identity), *STORY[1:4]])
    assert reap(records) == []
    process.kill()
    # Still a zombie, until somebody waits for it.
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert reap(records) == ["r1"]
    process.communicate()
    run = records.runs()[0]
    assert (run.status, run.steps[0].status, run.steps[1].status) == (
        "interrupted", "interrupted", "skipped",
    )  # fmt: skip
    assert run.error is not None
    assert "mlops runs resume r1" in run.error
    assert reap(records) == []


def test_another_process_with_the_same_number_is_not_the_driver(records: SqlRecords) -> None:
    process, identity = _driver()
    identity["pid_started"] = float(str(identity["pid_started"])) - 60
    records.append("r1", [started(**identity)])
    assert reap(records) == ["r1"]
    process.communicate(b"\n")


def test_a_run_on_another_host_is_left_to_that_host(records: SqlRecords) -> None:
    records.append("r1", [started(host="elsewhere", pid=2**22 - 1)])
    assert reap(records) == []


def test_a_run_that_ended_while_it_was_looked_at_keeps_its_end(
    records: SqlRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    records.append("r1", [started(host=socket.gethostname(), pid=2**22 - 1)])

    def ends_meanwhile(run: Run) -> None:
        records.append(run.run_id, [RunFinished(at=2.0, status="succeeded", seconds=1.0)])

    monkeypatch.setattr(reaper, "driver", ends_meanwhile)
    assert reap(records) == []
    assert records.runs()[0].status == "succeeded"
