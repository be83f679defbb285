"""What became of the runs, read off real records."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from mlops_lab.backends.records.reap import reap
from mlops_lab.backends.records.sql import SqlRecords
from mlops_lab.backends.records.stop import stop
from mlops_lab.errors import NotFound, UsageError
from mlops_lab.records.diff import CellChange, Change, CodeChange, StepChange
from mlops_lab.records.events import Event, RunFinished, RunStarted, StepFinished, StepStarted
from mlops_lab.records.run import Run
from mlops_lab.services.code import code, code_changes
from mlops_lab.services.history import History


@pytest.fixture
def records() -> Iterator[SqlRecords]:
    records = SqlRecords.open(":memory:")
    yield records
    records.close()


@pytest.fixture
def history(records: SqlRecords, tmp_path: Path) -> History:
    return History(records, tmp_path)


def run(name: str, at: float, rate: float = 0.1, **identity: object) -> list[Event]:
    known = {"host": "elsewhere", "pid": 1, "pid_started": 1.0} | identity
    start = RunStarted(
        at=at,
        run_id=name,
        notebook="train.ipynb",
        output=f".mlops/runs/{name}/train.ipynb",
        executor="local",
        params={"rate": rate, "seed": 7},
        steps=("load", "fit"),
        **known,
    )
    return [start, StepStarted(at=at, step="load", worker="home")]


def ended(at: float, loss: float, cached: bool) -> list[Event]:
    return [
        StepFinished(at=at, step="load", status="succeeded", cached=cached, seconds=1.0),
        StepFinished(
            at=at,
            step="fit",
            status="succeeded",
            cached=False,
            seconds=2.0,
            metrics={"loss": loss},
            why=("parameter rate changed",),
        ),
        RunFinished(at=at, status="succeeded", seconds=3.0),
    ]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("last", "20261121-b7"), ("20261121-a1", "20261121-a1"), ("20261121-b", "20261121-b7")],
)
def test_a_run_is_found_by_its_id_its_beginning_or_as_the_last(
    wanted: str, found: str, history: History, records: SqlRecords
) -> None:
    records.append("20261121-a1", run("20261121-a1", 1.0))
    records.append("20261121-b7", run("20261121-b7", 2.0))
    assert history.show(wanted).run_id == found


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("20261121-a2", "no run '20261121-a2'; near are: 20261121-a1"),
        ("20261121", "begins 2 runs"),
        ("", "no run ''; near are"),
    ],
)
def test_a_run_that_is_not_there_is_answered_with_those_that_come_near(
    wanted: str, message: str, history: History, records: SqlRecords
) -> None:
    records.append("20261121-a1", run("20261121-a1", 1.0))
    records.append("20261121-b7", run("20261121-b7", 2.0))
    with pytest.raises(NotFound, match=message):
        history.show(wanted)


def test_a_project_without_runs_says_how_to_make_one(history: History) -> None:
    with pytest.raises(NotFound, match="mlops run NOTEBOOK"):
        history.show("last")


def test_logs_are_the_lines_of_the_steps_in_order(
    history: History, records: SqlRecords, tmp_path: Path
) -> None:
    records.append("r1", run("r1", 1.0))
    logs = tmp_path / ".mlops" / "runs" / "r1" / "logs"
    logs.mkdir(parents=True)
    (logs / "fit.log").write_text("epoch 1\nepoch 2")
    (logs / "load.log").write_bytes(b"10 rows\n\xff\n")
    assert list(history.logs("r1")) == ["10 rows\n", "\ufffd\n", "epoch 1\n", "epoch 2"]
    assert list(history.logs("r1", "fit")) == ["epoch 1\n", "epoch 2"]
    with pytest.raises(NotFound, match="no step 'fti' in run r1; its steps are: load, fit"):
        history.logs("r1", "fti")


def notebook(root: Path, run_id: str, codes: dict[str, str]) -> None:
    """The output of a run, whose cells have their tags before their code."""
    path = root / ".mlops" / "runs" / run_id / "train.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = [
        {"cell_type": "code", "metadata": {"tags": tags.split()}, "source": code, "outputs": []}
        for tags, code in codes.items()
    ]
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}))


LOAD = {"step:load": "x = 1"}


def test_a_diff_says_what_differs_and_why(
    history: History, records: SqlRecords, tmp_path: Path
) -> None:
    records.append("a", [*run("a", 1.0), *ended(2.0, loss=0.5, cached=False)])
    records.append("b", [*run("b", 3.0, rate=0.2), *ended(4.0, loss=0.4, cached=False)])
    notebook(tmp_path, "a", LOAD | {"step:fit": "y = x\nz = 1"})
    notebook(tmp_path, "b", LOAD | {"step:fit": "y = x\nz = 2"})
    found = history.diff("a", "b")
    assert found.parameters == (Change(what="rate", a=0.1, b=0.2),)
    assert found.metrics == (Change(what="loss", a=0.5, b=0.4),)
    assert [step for step in found.steps if not step.same] == [
        StepChange(
            name="fit",
            status=("succeeded", "succeeded"),
            cached=(False, False),
            seconds=(2.0, 2.0),
            why=("parameter rate changed",),
            code=CodeChange(
                cells=(
                    CellChange(
                        a="y = x\nz = 1", b="y = x\nz = 2", gone=((10, 11),), come=((10, 11),)
                    ),
                ),
                text="--- a/fit\n+++ b/fit\n@@ -1,2 +1,2 @@\n y = x\n-z = 1\n+z = 2",
            ),
        )
    ]
    assert (found.outside, found.unread) == (None, ())


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        (LOAD, LOAD, {}),
        (LOAD, {"": "import os"} | LOAD, {"preamble": [(None, "import os")]}),
        (
            LOAD,
            {"": "%%mlops step fit\ny = x"},
            {"load": [("x = 1", None)], "fit": [(None, "y = x")]},
        ),
        (
            LOAD | {"imports": "import os"},
            LOAD | {"imports": "import re"},
            {"": [("import os", "import re")]},
        ),
        (
            {"parameters": "rate = 1", "injected-parameters": "rate = 2"} | LOAD,
            {"parameters": "rate = 1", "injected-parameters": "rate = 3"} | LOAD,
            {"": [("rate = 2", "rate = 3")]},
        ),
        (LOAD | {"papermill-error-cell-tag": "# an error"}, LOAD, {}),
        (LOAD | {"skip": "1"}, LOAD | {"skip": "2"}, {}),
    ],
)  # fmt: skip
def test_code_is_compared_step_by_step_as_it_ran(
    a: dict[str, str],
    b: dict[str, str],
    said: dict[str, list[tuple[str | None, str | None]]],
    tmp_path: Path,
    history: History,
) -> None:
    codes = []
    for run_id, cells in (("a", a), ("b", b)):
        notebook(tmp_path, run_id, cells)
        one = Run(run_id=run_id, output=f".mlops/runs/{run_id}/train.ipynb")
        codes.append(code(one, history.output(one)))
    found = code_changes(*codes)
    assert {name: [(c.a, c.b) for c in found[name].cells] for name in found} == said


def test_a_run_without_its_output_is_said_to_be_so_and_no_code_counts_as_changed(
    history: History, records: SqlRecords, tmp_path: Path
) -> None:
    records.append("a", [*run("a", 1.0), *ended(2.0, loss=0.5, cached=False)])
    records.append("b", [*run("b", 3.0), *ended(4.0, loss=0.5, cached=False)])
    notebook(tmp_path, "b", LOAD)
    found = history.diff("a", "b")
    assert found.unread == ("a",)
    assert [step.code for step in found.steps] == [None, None]


# ----------------------------------------------------------------------------------- stopping

POLITE = (
    "import time\nprint(1, flush=True)\n"
    "try:\n    time.sleep(60)\nexcept KeyboardInterrupt:\n    print('interrupted')"
)
DEAF = (
    "import signal, subprocess, sys, time\n"
    "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    "child = subprocess.Popen([sys.executable, '-c', 'input()'], start_new_session=True,"
    " stdin=subprocess.PIPE)\n"
    "print(child.pid, flush=True)\ntime.sleep(60)"
)


def driver(code: str) -> tuple[subprocess.Popen[str], int, dict[str, object]]:
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    said = int(process.stdout.readline())
    born = psutil.Process(process.pid).create_time()
    return process, said, {"host": socket.gethostname(), "pid": process.pid, "pid_started": born}


def test_a_run_is_cancelled_by_interrupting_its_driver(records: SqlRecords, tmp_path: Path) -> None:
    process, _, identity = driver(POLITE)
    records.append("r1", run("r1", 1.0, **identity))
    history = History(records, tmp_path, reap=lambda: reap(records))
    assert history.cancel("r1").status == "cancelled"
    assert process.communicate()[0] == "interrupted\n"


def test_a_driver_that_does_not_listen_is_killed_with_all_that_it_started(
    history: History, records: SqlRecords
) -> None:
    process, child, identity = driver(DEAF)
    records.append("r1", run("r1", 1.0, **identity))
    stop(history.show("r1"), patience=0.2)
    process.communicate()
    for pid in (process.pid, child):
        # Whoever adopts the orphan may take its time to bury it.
        gone = not psutil.pid_exists(pid)
        assert gone or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_a_run_whose_driver_died_is_shown_as_interrupted(
    records: SqlRecords, tmp_path: Path
) -> None:
    process, _, identity = driver(POLITE)
    records.append("r1", run("r1", 1.0, **identity))
    history = History(records, tmp_path, reap=lambda: reap(records))
    assert history.show("r1").status == "running"
    process.kill()
    process.communicate()
    assert [(run.status, run.steps[0].status) for run in history.list()] == [
        ("interrupted", "interrupted")
    ]


@pytest.mark.parametrize(
    ("events", "message"),
    [
        (ended(2.0, loss=0.1, cached=True), "run r1 is not running: it succeeded"),
        ([], "run r1 is driven by process 1 on elsewhere; cancel it there"),
    ],
)
def test_what_does_not_run_here_can_not_be_cancelled(
    events: list[Event], message: str, history: History, records: SqlRecords
) -> None:
    records.append("r1", [*run("r1", 1.0), *events])
    with pytest.raises(UsageError, match=message):
        history.cancel("r1")


def test_another_process_with_the_drivers_number_is_not_touched(
    history: History, records: SqlRecords
) -> None:
    process, _, identity = driver(POLITE)
    records.append("r1", run("r1", 1.0, **identity | {"pid_started": 1.0}))
    with pytest.raises(UsageError, match="is gone; `mlops runs resume r1`"):
        history.cancel("r1")
    assert process.poll() is None
    process.kill()
    process.communicate()
