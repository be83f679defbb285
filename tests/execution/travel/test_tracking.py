"""A scout leaves mlflow alone: nothing is logged early, twice, or from a dropped attempt."""

from __future__ import annotations

import sqlite3

import pytest

from mlops_lab.backends.tracking.background import greeting

from .conftest import Pool

USES = {
    "log_metric": "mlflow.log_metric('a', 1)",
    "start_run": "with mlflow.start_run(): pass",
    "active_run": "print(mlflow.active_run())",
    "autolog": "mlflow.autolog()",
    "set_tracking_uri": "mlflow.set_tracking_uri('sqlite:///other.db')",
    "set_experiment": "mlflow.set_experiment('other')",
    "search_runs": "mlflow.search_runs()",
    "MlflowClient": "mlflow.MlflowClient()",
}


@pytest.mark.parametrize("name", USES)
def test_a_scout_stops_before_it_uses_tracking(name: str, pool: Pool) -> None:
    database = pool.folder / "mlflow.db"
    told = greeting(pool.folder / "run", f"sqlite:///{database}", "lab")
    scout = pool.start(scout=True, greeting=told)
    scout.run("import mlflow")
    assert scout.refused(USES[name]) == f"mlflow.{name}"
    assert not database.exists() or not _runs(str(database))


def _runs(database: str) -> list[object]:
    with sqlite3.connect(database) as connection:
        return connection.execute("select * from runs").fetchall()
