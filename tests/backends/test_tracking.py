"""Runs in MLflow, in a store of their own; and what a cell logs, in a real kernel."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from mlops_lab.backends import tracking
from mlops_lab.backends.records.sql import SqlRecords
from mlops_lab.backends.tracking.flush import flush
from mlops_lab.backends.tracking.guest_mlflow import ensure
from mlops_lab.backends.tracking.mlflow import (
    QUIET,
    MlflowTracker,
    experiment_name,
    tracking_uri,
)
from mlops_lab.errors import BackendError, MlopsError
from mlops_lab.records.entry import Entry
from mlops_lab.records.events import Event, RunFinished, RunStarted, StepFinished, Tracked
from mlops_lab.records.run import Run, fold

pytestmark = pytest.mark.filterwarnings("ignore:.*noload.*")  # in MLflow's own models

GUEST = Path(tracking.__file__).with_name("guest_mlflow.py")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose MLflow database is there already: making one takes seconds."""
    root = tmp_path_factory.mktemp("project")
    folder = root / ".mlops" / "runs" / "first"
    ensure(client(root), str(folder), tracking_uri(root, {}), "first")
    return root


@pytest.fixture
def root(store: Path, request: pytest.FixtureRequest) -> Path:
    return store


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A run's id, another one for each test."""
    return request.node.name.replace("[", "-").replace("]", "")[-60:]


def client(root: Path) -> Any:
    os.environ.update({k: v for k, v in QUIET.items() if k not in os.environ})
    from mlflow import MlflowClient

    return MlflowClient(tracking_uri=tracking_uri(root, {}))


def events(name: str, status: str = "succeeded", **changes: Any) -> list[Event]:
    known: dict[str, Any] = {"params": {"rate": 0.1, "token": "env:TOKEN", "kind": "rf"}}
    return [
        RunStarted(
            at=1000.0,
            run_id=name,
            notebook="work/train.ipynb",
            output=f".mlops/runs/{name}/train.ipynb",
            executor="local",
            steps=("load", "fit"),
            host="here",
            pid=1,
            pid_started=1.0,
            git_commit="c0ffee",
            git_dirty=True,
            **(known | changes),
        ),
        StepFinished(
            at=1001.0, step="load", status="succeeded", cached=True, seconds=0.0, entries=("e1",)
        ),
        StepFinished(
            at=1002.0,
            step="fit",
            status=status if status != "cancelled" else "interrupted",
            cached=False,
            seconds=1.0,
            metrics={"loss": 0.25, "rows": 10.0},
            entries=("e2",),
            why=("code changed",),
        ),
        RunFinished(at=1002.0, status=status, seconds=2.0),
    ]


def entry(name: str, *tracked: dict[str, Any]) -> Entry:
    return Entry(
        id=name, code="c", notebook="n", step="s", run_id="old", created=1.0, seconds=1.0,
        tracked=tracked,
    )  # fmt: skip


def metric(value: float, step: int, timestamp: int) -> dict[str, Any]:
    return {"kind": "metric", "key": "acc", "value": value, "step": step, "timestamp": timestamp}


ENTRIES = [
    entry(
        "e1",
        metric(0.5, 0, 50_000),
        metric(0.6, 1, 50_100),
        {"kind": "param", "key": "depth", "value": "3", "step": 0, "timestamp": 50_000},
        {"kind": "tag", "key": "team", "value": "blue", "step": 0, "timestamp": 50_000},
    ),
    entry("e2", metric(0.9, 2, 60_000)),
]


def write_output(root: Path, run: Run) -> Path:
    path = root / run.output
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}")
    return path.parent


def test_a_flushed_run_is_in_mlflow_whole_and_once(root: Path, name: str) -> None:
    run = fold(events(name))
    folder = write_output(root, run)
    tracker = MlflowTracker(root, tracking_uri(root, {}))
    ids = {tracker.flush(run, ENTRIES, folder) for _ in range(2)}
    assert len(ids) == 1
    (run_id,) = ids
    assert (folder / "mlflow_run_id").read_text() == run_id
    mlflow = client(root)
    there = mlflow.get_run(run_id)
    assert there.data.params == {"rate": "0.1", "token": "env:TOKEN", "kind": "rf", "depth": "3"}
    # The cached step's metrics come again; what the other one logged went there while it ran.
    assert there.data.metrics == {"acc": 0.6, "loss": 0.25, "rows": 10.0}
    history = [(m.value, m.step, m.timestamp) for m in mlflow.get_metric_history(run_id, "acc")]
    assert sorted(history) == [(0.5, 0, 1_000_000), (0.6, 1, 1_000_100)]
    assert len(mlflow.get_metric_history(run_id, "loss")) == 1
    assert {k: v for k, v in there.data.tags.items() if k.startswith("mlops.")} == {
        "mlops.run_id": name,
        "mlops.notebook": "work/train.ipynb",
        "mlops.executor": "local",
        "mlops.status": "succeeded",
        "mlops.git_commit": "c0ffee",
        "mlops.git_dirty": "true",
    }
    assert there.data.tags["team"] == "blue"
    assert mlflow.get_experiment(there.info.experiment_id).name == "train"
    assert (there.info.start_time, there.info.end_time) == (1_000_000, 1_002_000)
    assert sorted(file.path for file in mlflow.list_artifacts(run_id)) == [
        "steps.json",
        "train.ipynb",
    ]
    place = root / ".mlops" / "mlartifacts" / run_id / "artifacts" / "steps.json"
    table = json.loads(place.read_text())
    rows = [dict(zip(table["columns"], row, strict=True)) for row in table["data"]]
    assert [(row["name"], row["cached"], row["why"]) for row in rows] == [
        ("load", True, ""),
        ("fit", False, "code changed"),
    ]


@pytest.mark.parametrize(
    ("status", "there"),
    [
        ("succeeded", "FINISHED"),
        ("failed", "FAILED"),
        ("cancelled", "KILLED"),
        ("interrupted", "KILLED"),
    ],
)
def test_a_run_ends_there_as_it_ended_here(status: str, there: str, root: Path, name: str) -> None:
    run = fold(events(name, status))
    folder = root / ".mlops" / "runs" / name
    run_id = MlflowTracker(root, tracking_uri(root, {})).flush(run, [], folder)
    assert client(root).get_run(run_id).info.status == there


def test_a_run_of_many_and_long_parameters_is_taken(root: Path, name: str) -> None:
    params = {f"p{i}": "x" * 7000 for i in range(250)}
    run = fold(events(name, params=params))
    folder = root / ".mlops" / "runs" / name
    run_id = MlflowTracker(root, tracking_uri(root, {})).flush(run, [], folder)
    assert len(client(root).get_run(run_id).data.params) == 250


def test_two_processes_that_ask_for_the_run_get_the_same_one(root: Path, name: str) -> None:
    folder = str(root / ".mlops" / "runs" / name)
    code = (
        "import sys; from mlflow import MlflowClient;"
        "from mlops_lab.backends.tracking.guest_mlflow import ensure;"
        "uri, folder = sys.argv[1:];"
        "print(ensure(MlflowClient(tracking_uri=uri), folder, uri, 'race'))"
    )
    command = [sys.executable, "-c", code, tracking_uri(root, {}), folder]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert len({process.communicate()[0] for process in both}) == 1
    Path(folder, "mlflow_run_id").unlink()
    # Its tag is known to the server, where another machine sees no file of ours.
    found = ensure(client(root), folder, tracking_uri(root, {}), "race")
    assert len(client(root).search_runs([client(root).get_run(found).info.experiment_id])) == 1


def test_a_dead_server_is_named_soon_and_the_run_waits(root: Path, name: str) -> None:
    records = SqlRecords.open(":memory:")
    records.append(name, events(name))
    before = time.monotonic()
    with pytest.raises(BackendError, match=r"MLflow at http://127.0.0.1:9 .* stays recorded"):
        flush(records, MlflowTracker(root, "http://me:hidden@127.0.0.1:9"), root)
    assert time.monotonic() - before < 10
    assert [run.run_id for run in records.untracked()] == [name]
    assert flush(records, MlflowTracker(root, tracking_uri(root, {})), root) == [name]
    assert records.untracked() == []
    assert isinstance(records.read(name)[-1][1], Tracked)
    assert flush(records, MlflowTracker(root, tracking_uri(root, {})), root) == []
    records.close()


def test_a_run_that_is_refused_does_not_keep_the_others(root: Path, name: str) -> None:
    records = SqlRecords.open(":memory:")
    for run_id in (f"{name}-1", f"{name}-2"):
        records.append(run_id, events(run_id))
    gone = root / ".mlops" / "runs" / f"{name}-1"
    gone.mkdir(parents=True)
    (gone / "mlflow_run_id").write_text("0" * 32)
    with pytest.raises(MlopsError, match="refuses the run"):
        flush(records, MlflowTracker(root, tracking_uri(root, {})), root)
    assert [run.run_id for run in records.untracked()] == [f"{name}-1"]
    records.close()


def test_names_that_mlflow_does_not_take_are_made_fit(root: Path, name: str) -> None:
    run = replace(fold(events(name)), params={"größe": 1, "a:b/c": 2})
    folder = root / ".mlops" / "runs" / name
    run_id = MlflowTracker(root, tracking_uri(root, {})).flush(run, [], folder)
    assert client(root).get_run(run_id).data.params == {"gr__e": "1", "a_b/c": "2"}


def test_what_says_where_a_run_is_tracked_is_the_owners_alone(root: Path, name: str) -> None:
    folder = root / ".mlops" / "runs" / name
    MlflowTracker(root, tracking_uri(root, {})).flush(fold(events(name)), [], folder)
    assert {path.stat().st_mode & 0o077 for path in (folder, *folder.iterdir())} == {0}


def test_the_flusher_brings_what_waits(root: Path, name: str) -> None:
    records = SqlRecords.open(root / ".mlops" / "records.db")
    records.append(name, events(name))
    records.keep(ENTRIES)
    subprocess.run([sys.executable, "-m", "mlops_lab.services.upkeep", str(root)], check=True)
    known = records.runs()[0].mlflow_run_id
    assert known is not None
    assert client(root).get_run(known).data.params["depth"] == "3"
    records.close()


@pytest.mark.parametrize(
    ("environ", "uri", "experiment"),
    [
        ({}, "sqlite:////p/.mlops/mlflow.db", "train"),
        (
            {"MLFLOW_TRACKING_URI": "http://x", "MLFLOW_EXPERIMENT_NAME": "churn"},
            "http://x",
            "churn",
        ),
    ],
)
def test_mlflows_own_variables_say_where_runs_go(
    environ: dict[str, str], uri: str, experiment: str
) -> None:
    assert tracking_uri(Path("/p"), environ) == uri
    assert experiment_name("work/train.ipynb", environ) == experiment


@pytest.mark.parametrize("variable", ["MLFLOW_DISABLE_TELEMETRY", "DO_NOT_TRACK"])
def test_mlflow_sends_no_telemetry(variable: str) -> None:
    code = "from mlflow.telemetry.utils import is_telemetry_disabled as off; print(off())"
    bare = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME"}}
    answer = subprocess.check_output(
        [sys.executable, "-c", code], text=True, env=bare | {variable: QUIET[variable]}
    )
    assert answer == "True\n"


# -------------------------------------------------------------------------------- in a kernel

Ran = Callable[..., tuple[list[str], list[dict[str, Any]], Any]]

LOAD = (
    "import types as _t\n_guest = _t.ModuleType('_mlops_mlflow')\n"
    f"exec(open({str(GUEST)!r}).read(), _guest.__dict__)"
)
LOGGED = "import json as _j; print(_j.dumps(_guest.logged())); assert _guest.logged() == []"
RESET = (
    "import os as _os, mlflow, mlflow.tracking.fluent as _f\n"
    "while mlflow.active_run(): mlflow.end_run()\n"
    "_f._active_experiment_id = None; _os.environ.pop('MLFLOW_EXPERIMENT_ID', None)\n"
    "mlflow.set_tracking_uri(None)"
)


class Kernel:
    """A real kernel, with the guest loaded."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._client = NotebookClient(
            nbformat.v4.new_notebook(), timeout=120, resources={"metadata": {"path": folder}}
        )
        self._context = self._client.setup_kernel(
            env=os.environ | {"MLFLOW_LOGGING_LEVEL": "ERROR"}
        )
        self._context.__enter__()
        self.say(LOAD)

    def say(self, source: str) -> str:
        """What the cell prints."""
        cell = nbformat.v4.new_code_cell(source)
        self._client.nb.cells.append(cell)
        self._client.execute_cell(cell, len(self._client.nb.cells) - 1)
        return "".join(output.text for output in cell.outputs if output.output_type == "stream")

    def end(self) -> None:
        """End the kernel."""
        self._context.__exit__(None, None, None)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """A kernel that goes from run to run, as one that has imported mlflow already."""
    kernel = Kernel(tmp_path_factory.mktemp("shared"))
    yield kernel
    kernel.end()


def _run_in(kernel: Kernel, root: Path, name: str, cells: tuple[str, ...]) -> Any:
    folder = root / ".mlops" / "runs" / name
    install = f"_guest.install({str(folder)!r}, {tracking_uri(root, {})!r}, 'cells')"
    sources = cells if "HERE" in cells else ("HERE", *cells)
    said = [kernel.say(install if cell == "HERE" else cell) for cell in sources]
    logged = json.loads(kernel.say(LOGGED))
    marker = folder / "mlflow_run_id"
    there = client(root).get_run(marker.read_text()) if marker.exists() else None
    assert list(kernel.folder.iterdir()) == [], "mlflow left something beside the notebook"
    return [text for text, cell in zip(said, sources, strict=True) if cell != "HERE"], logged, there


@pytest.fixture
def ran(root: Path, name: str, shared: Kernel) -> Ran:
    """Runs cells in a kernel of a run: what they print, what they logged, the MLflow run."""
    shared.say(RESET)
    return lambda *cells: _run_in(shared, root, name, cells)


@pytest.fixture
def ran_afresh(root: Path, name: str, tmp_path: Path) -> Iterator[Ran]:
    """The same in a kernel that has done nothing yet."""
    kernel = Kernel(tmp_path)
    yield lambda *cells: _run_in(kernel, root, name, cells)
    kernel.end()


def brief(records: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(r["kind"], r["key"], r["value"], r["step"]) for r in records]


FLUENT = (
    "mlflow.log_param('depth', 3); mlflow.log_metric('acc', 0.5, step=2)",
    "mlflow.log_metrics({'a': 1, 'b': 2}, step=1); mlflow.set_tag('team', 'blue')",
)
RECORDED = [
    ("param", "depth", "3", 0),
    ("metric", "acc", 0.5, 2),
    ("metric", "a", 1.0, 1),
    ("metric", "b", 2.0, 1),
    ("tag", "team", "blue", 0),
]


@pytest.mark.parametrize(
    "cells",
    [
        ("from mlflow import log_metric, log_param, start_run\nimport mlflow", *FLUENT),
        ("from mlflow import start_run\nimport mlflow", "HERE", "r = start_run()", *FLUENT),
    ],
    ids=["imported-after", "imported-before"],
)
def test_mlflow_is_met_whenever_it_is_imported(ran_afresh: Ran, cells: tuple[str, ...]) -> None:
    _check(*ran_afresh(*cells))


@pytest.mark.parametrize(
    "cells",
    [
        FLUENT,
        tuple(f"with mlflow.start_run():\n    {code}" for code in FLUENT),
        (FLUENT[0], "mlflow.end_run()", FLUENT[1]),
        ("run = mlflow.start_run(run_name='mine')", *FLUENT),
    ],
    ids=["plain", "with", "ended", "named"],
)
def test_what_a_cell_logs_lands_in_the_run(ran: Ran, cells: tuple[str, ...]) -> None:
    _check(*ran(*cells))


def _check(said: list[str], logged: list[dict[str, Any]], there: Any) -> None:
    assert said == [""] * len(said)
    assert brief(logged) == RECORDED
    assert there.data.params == {"depth": "3"}
    assert there.data.metrics == {"acc": 0.5, "a": 1.0, "b": 2.0}
    assert there.data.tags["team"] == "blue"


def test_importing_mlflow_alone_makes_no_run(ran: Ran) -> None:
    assert ran("import mlflow") == ([""], [], None)


def test_runs_in_a_loop_are_the_run_and_its_children(ran: Ran, root: Path) -> None:
    loop = (
        "import mlflow\nfor depth in (1, 2, 3):\n    with mlflow.start_run():\n"
        "        mlflow.log_param('depth', depth)\n        mlflow.log_metric('acc', depth / 10)\n"
        "print(mlflow.active_run())"
    )
    again = (
        "with mlflow.start_run():\n    mlflow.log_param('kind', 'rf')\n"
        "with mlflow.start_run(nested=True):\n    mlflow.log_params({'depth': 4})"
    )
    said, logged, there = ran(loop, again)
    assert said == ["None\n", ""]
    assert there.data.params == {"depth": "1", "kind": "rf"}
    assert brief(logged)[:2] == [("param", "depth", "1", 0), ("metric", "acc", 0.1, 0)]
    children = client(root).search_runs(
        [there.info.experiment_id],
        filter_string=f"tags.`mlflow.parentRunId` = '{there.info.run_id}'",
    )
    found = sorted((run.data.params["depth"], run.info.status) for run in children)
    assert found == [("2", "FINISHED"), ("3", "FINISHED"), ("4", "FINISHED")]


def test_a_parameter_set_twice_in_one_run_is_an_error_as_ever(ran: Ran) -> None:
    code = (
        "import mlflow\nmlflow.log_param('a', 1)\n"
        "try:\n    mlflow.log_param('a', 2)\nexcept mlflow.MlflowException:\n    print('refused')"
    )
    assert ran(code)[0] == ["refused\n"]


def test_an_experiment_that_the_code_chooses_is_the_runs(ran: Ran, root: Path) -> None:
    _, _, there = ran(
        "import mlflow\nx = mlflow.set_experiment('churn')", "mlflow.log_metric('a', 1)"
    )
    assert client(root).get_experiment(there.info.experiment_id).name == "churn"


def test_an_experiment_chosen_later_takes_nothing_away(ran: Ran) -> None:
    _, logged, there = ran(
        "import mlflow\nwith mlflow.start_run():\n    mlflow.log_metric('a', 1)",
        "x = mlflow.set_experiment('later')",
        "with mlflow.start_run():\n    mlflow.log_metric('b', 2)",
    )
    assert there.data.metrics == {"a": 1.0, "b": 2.0}
    assert len(logged) == 2


def test_a_store_of_her_own_is_left_to_her(ran: Ran, root: Path, name: str) -> None:
    own = tracking_uri(root, {}).replace("mlflow.db", "own.db")
    _, logged, there = ran(
        f"import mlflow\nmlflow.set_tracking_uri({own!r})\nmlflow.set_experiment('x')\n"
        "import logging",
        "with mlflow.start_run() as run:\n    mlflow.log_metric('a', 1)\nmlflow.active_run()",
    )
    assert (logged, there) == ([], None)


def test_a_process_that_a_cell_starts_logs_there_too(ran: Ran) -> None:
    code = "import mlflow; mlflow.log_metric('from_child', 7)"
    _, _, there = ran(
        "import mlflow\nmlflow.log_metric('a', 1)",
        f"import subprocess, sys\nx = subprocess.run([sys.executable, '-c', {code!r}], check=True)",
    )
    assert there.data.metrics == {"a": 1.0, "from_child": 7.0}


def test_two_runs_of_a_cached_step_have_the_same_metrics(ran: Ran, root: Path) -> None:
    """The whole way: a live step logs, its entry keeps that, the next run has it from the cache."""
    _, logged, first = ran("import mlflow", *FLUENT)
    kept = [replace(ENTRIES[0], tracked=tuple(logged))]
    run = fold(events("replayed", params={}))
    folder = root / ".mlops" / "runs" / "replayed"
    run_id = MlflowTracker(root, tracking_uri(root, {})).flush(run, kept, folder)
    second = client(root).get_run(run_id)
    assert second.data.params == first.data.params
    assert second.data.metrics.items() >= first.data.metrics.items()
    assert second.data.tags["team"] == "blue"
