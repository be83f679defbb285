"""Brings a project's finished runs to MLflow: `python -m mlops_lab.backends.tracking.flush ROOT`.

Started detached behind a run, so that no run waits for its tracking.
"""

from __future__ import annotations

import os
import sys
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


def main(words: list[str]) -> int:
    """Bring the runs of the project at ROOT, or only RUN_ID; the exit code."""
    from mlops_lab.backends.tracking.mlflow import MlflowTracker

    if len(words) not in {1, 2}:
        sys.stderr.write("usage: python -m mlops_lab.backends.tracking.flush ROOT [RUN_ID]\n")
        return 2
    os.nice(10)
    root = Path(words[0]).absolute()
    place = os.environ.get("MLOPS_RECORDS") or root / ".mlops" / "records.db"
    try:
        records = SqlRecords.open(place)
        try:
            flush(records, MlflowTracker(root), root, *words[1:])
        finally:
            records.close()
    except MlopsError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
