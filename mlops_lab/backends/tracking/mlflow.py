"""Brings finished runs to MLflow."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mlops_lab.backends.tracking.guest_mlflow import ensure
from mlops_lab.errors import BackendError, MlopsError
from mlops_lab.records.entry import Entry
from mlops_lab.records.run import Run

QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "15",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
}
"""No telemetry, and an answer within seconds where a server is dead (MLflow's own is minutes)."""

STATUS = {"succeeded": "FINISHED", "failed": "FAILED"}
REFUSALS = {
    "BAD_REQUEST", "INVALID_PARAMETER_VALUE", "INVALID_STATE", "PERMISSION_DENIED",
    "RESOURCE_DOES_NOT_EXIST",
}  # fmt: skip
PARAM_LENGTH, TAG_LENGTH, KEY_LENGTH = 6000, 5000, 250


def tracking_uri(root: Path, environ: Mapping[str, str] = os.environ) -> str:
    """Where the project's runs are tracked: MLFLOW_TRACKING_URI, else SQLite in `.mlops/`."""
    return environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{root.absolute()}/.mlops/mlflow.db"


def experiment_name(notebook: str, environ: Mapping[str, str] = os.environ) -> str:
    """The experiment of a notebook's runs: MLFLOW_EXPERIMENT_NAME, else the notebook's name."""
    return environ.get("MLFLOW_EXPERIMENT_NAME") or Path(notebook).stem or "notebook"


class MlflowTracker:
    """One MLflow run for each run of the project at `root`."""

    def __init__(self, root: Path, uri: str | None = None) -> None:
        self._root = root
        self._uri = uri or tracking_uri(root)

    def flush(self, run: Run, entries: Sequence[Entry], folder: Path) -> str:
        """Bring a finished run to MLflow, once however often it is called; its id there.

        `entries` are those of the run's steps; what the code of cached ones logged is logged
        again. Raises BackendError where MLflow can't be reached: the run stays to be brought.
        Raises MlopsError where it takes this run not, and may take others.
        """
        uri = self._known(folder)
        with _reached(uri):
            client = _client(uri)
            run_id = ensure(
                client, str(folder), uri, experiment_name(run.notebook), started=run.started
            )
            there = client.get_run(run_id).data
            _log(client, run_id, _content(run, _replayed(run, entries), there))
            client.log_dict(run_id, _table(run), "steps.json")
            output = self._root / run.output
            if run.output and output.is_file():
                client.log_artifact(run_id, str(output))
            ended = int((run.started + (run.seconds or 0.0)) * 1000)
            client.set_terminated(run_id, STATUS.get(run.status, "KILLED"), ended)
        return run_id

    def _known(self, folder: Path) -> str:
        """Where the run is already, else where it shall be."""
        place = folder / "mlflow_uri"
        return place.read_text(encoding="utf-8").strip() if place.exists() else self._uri


def _client(uri: str) -> Any:
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    from mlflow import MlflowClient

    return MlflowClient(tracking_uri=uri)


@contextmanager
def _reached(uri: str) -> Iterator[None]:
    """Say where a run could not be brought, and that nothing is lost."""
    try:
        yield
    except Exception as error:
        from mlflow.exceptions import MlflowException
        from requests import RequestException
        from sqlalchemy.exc import SQLAlchemyError

        if not isinstance(error, (MlflowException, RequestException, SQLAlchemyError, OSError)):
            raise
        first = str(error).strip().split("\n", maxsplit=1)[0]
        if getattr(error, "error_code", "") in REFUSALS:
            raise MlopsError(f"MLflow at {_shown(uri)} refuses the run: {first}") from error
        raise BackendError(
            f"MLflow at {_shown(uri)} did not take the run: {first}; it stays recorded here, and "
            "is brought there after the next run"
        ) from error


def _shown(uri: str) -> str:
    """The address without a password."""
    scheme, arrow, rest = uri.partition("://")
    return scheme + arrow + rest.rpartition("@")[2] if "@" in rest else uri


Records = Mapping[str, Sequence[Mapping[str, Any]]]


def _replayed(run: Run, entries: Sequence[Entry]) -> Records:
    """What the code of cached steps once logged, and of those that ran ahead, by kind.

    The times count from the step's start in this run, so that a second flush says the same.
    """
    known = {entry.id: entry for entry in entries}
    found: dict[str, list[dict[str, Any]]] = {"metric": [], "param": [], "tag": []}
    for step in run.steps:
        if not (step.cached or step.early):
            continue
        tracked = [r for name in step.entries if name in known for r in known[name].tracked]
        first = min((int(r["timestamp"]) for r in tracked), default=0)
        began = int((step.started or run.started) * 1000)
        for r in tracked:
            at = int(r["timestamp"]) if step.early else began + int(r["timestamp"]) - first
            found[r["kind"]].append({**r, "timestamp": at})
    return found


def _content(run: Run, replayed: Records, there: Any) -> dict[str, list[Any]]:
    """The metrics, params and tags that the MLflow run still lacks.

    What the code itself has logged stands: a parameter can't be set twice, and a step's metric
    of the same name is the same number once more.
    """
    from mlflow.entities import Metric, Param, RunTag

    metrics = [Metric(r["key"], r["value"], r["timestamp"], r["step"]) for r in replayed["metric"]]
    mine = {metric.key for metric in metrics} | set(there.metrics)
    ended = int((run.started + (run.seconds or 0.0)) * 1000)
    metrics += [Metric(k, v, ended, 0) for k, v in _named(run.metrics).items() if k not in mine]
    params = {k: _text(v) for k, v in _named(run.params).items()}
    params |= {r["key"]: str(r["value"]) for r in replayed["param"]}
    tags = {r["key"]: str(r["value"]) for r in replayed["tag"]} | _tags(run)
    return {
        "metrics": metrics,
        "params": [Param(k, v[:PARAM_LENGTH]) for k, v in params.items() if k not in there.params],
        "tags": [RunTag(k, v[:TAG_LENGTH]) for k, v in tags.items()],
    }


def _log(client: Any, run_id: str, content: Mapping[str, list[Any]]) -> None:
    """Log in portions that one request may hold: 100 of a kind, 1,000 metrics."""
    for kind, items in content.items():
        size = 1000 if kind == "metrics" else 100
        for first in range(0, len(items), size):
            client.log_batch(run_id, **{kind: items[first : first + size]})


def _named(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values under names that MLflow takes: `loss (%)` is `loss ___`."""
    return {re.sub(r"[^\w./ -]", "_", k, flags=re.ASCII)[:KEY_LENGTH]: v for k, v in values.items()}


def _text(value: object) -> str:
    # `env:NAME` is a secret's name, and is logged as written; its value never comes this far.
    return value if isinstance(value, str) else repr(value)


def _tags(run: Run) -> dict[str, str]:
    tags = {
        "mlops.run_id": run.run_id,
        "mlops.notebook": run.notebook,
        "mlops.executor": run.executor,
        "mlops.status": run.status,
        "mlops.error": run.error or "",
        "mlops.git_commit": run.git_commit or "",
        "mlops.git_dirty": "" if run.git_dirty is None else str(run.git_dirty).lower(),
        "mlops.resumed": run.resumed or "",
        "mlflow.source.name": run.notebook,
        "mlflow.source.type": "NOTEBOOK",
        "mlflow.source.git.commit": run.git_commit or "",
        # MLflow's interface shows a JSON file with this mark as a table.
        "mlflow.loggedArtifacts": '[{"path": "steps.json", "type": "table"}]',
    }
    return {name: value for name, value in tags.items() if value}


COLUMNS = ("name", "status", "cached", "attempts", "worker", "seconds", "reads", "writes", "why",
           "error")  # fmt: skip


def _table(run: Run) -> dict[str, Any]:
    """The steps as `mlflow.log_table` writes a table."""

    def cell(value: object) -> object:
        return ", ".join(value) if isinstance(value, tuple) else value

    rows = [[cell(getattr(step, column)) for column in COLUMNS] for step in run.steps]
    return {"columns": list(COLUMNS), "data": rows}
