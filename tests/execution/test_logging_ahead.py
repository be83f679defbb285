"""What steps log to tracking when they run ahead of home: sent once, with the step."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from mlops_lab.records.run import Run

from .lab import Lab


class Ceded:
    """Tactics that leave every segment to a scout."""

    def dares(self, index: int) -> bool:
        return False

    def cedes(self, index: int) -> bool:
        return True


def _run(folder: Path, *cells: str) -> tuple[Run, dict[str, float], dict[str, str]]:
    """The run, and the metrics and parameters that its MLflow run has in the end."""
    lab = Lab(folder, {f"step{number}": source for number, source in enumerate(cells)})
    (folder / "mlops.toml").write_text('tracking = "mlflow"\n')
    lab.bench.runs.tactics = {"tactics": Ceded(), "patience": 0.0}
    run = lab.bench.runs.tracked(lab.run(workers=2))
    assert run.mlflow_run_id is not None
    with closing(sqlite3.connect(folder / ".mlops" / "mlflow.db")) as database:
        metrics, params = (
            dict(
                database.execute(
                    f"select key, value from {table} where run_uuid = ?", [run.mlflow_run_id]
                ).fetchall()
            )
            for table in ("latest_metrics", "params")
        )
    return run, metrics, params


def test_plain_numbers_of_a_scouts_step_reach_tracking_with_it(tmp_path: Path) -> None:
    run, metrics, params = _run(
        tmp_path,
        "import mlflow",
        "mlflow.log_param('depth', 3)\nmlflow.log_metric('loss', 0.5, step=1)",
        "mlflow.log_metrics({'score': 0.9, 'loss': 0.25}, step=2)\nmlflow.set_tag('kind', 'lab')",
    )
    assert run.status == "succeeded"
    assert [step.early for step in run.steps[1:]] == [True, True]
    assert (metrics["score"], metrics["loss"], params["depth"]) == (0.9, 0.25, "3")


def test_a_parameter_with_a_second_value_is_refused_as_in_one_kernel(tmp_path: Path) -> None:
    run, _, params = _run(
        tmp_path, "import mlflow", "mlflow.log_param('depth', 3)", "mlflow.log_param('depth', 4)"
    )
    assert params["depth"] == "3"
    assert run.steps[2].dropped
    assert not run.steps[2].early


def test_what_looks_at_the_tracked_run_stays_at_home(tmp_path: Path) -> None:
    run, metrics, _ = _run(
        tmp_path,
        "import mlflow",
        "mlflow.log_metric('loss', 0.5)",
        "print(mlflow.active_run() is not None)",
    )
    assert run.status == "succeeded"
    assert not any(step.early for step in run.steps[1:])
    assert metrics["loss"] == 0.5
