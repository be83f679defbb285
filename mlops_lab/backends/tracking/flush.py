"""Brings a project's finished runs to tracking; no run waits for it."""

from __future__ import annotations

import time
from pathlib import Path

from mlops_lab.backends.records.sql import SqlRecords
from mlops_lab.backends.tracking.guest_mlflow import lock
from mlops_lab.errors import BackendError, MlopsError
from mlops_lab.interfaces import Tracker
from mlops_lab.records.events import Tracked


def flush(
    records: SqlRecords, tracker: Tracker, root: Path, run_id: str | None = None
) -> list[str]:
    """Bring the runs that wait for it, in their order, or one; those that were brought.

    One process at a time does this for a project. A server that can't be reached is not asked
    again: all wait. One run that it refuses doesn't keep the others; the error is raised at last.
    """
    folder = root / ".mlops"
    done: list[str] = []
    refused: list[MlopsError] = []
    with lock(folder / "mlflow.flush.lock"):
        for run in records.untracked():
            if run_id not in {None, run.run_id}:
                continue
            entries = records.entries(name for step in run.steps for name in step.entries)
            try:
                known = tracker.flush(run, list(entries.values()), folder / "runs" / run.run_id)
            except BackendError:
                raise
            except MlopsError as error:
                refused.append(error)
                continue
            records.append(run.run_id, [Tracked(at=time.time(), mlflow_run_id=known)])
            done.append(run.run_id)
    if refused:
        raise refused[0]
    return done
