"""Runs whose driver died without a word."""

from __future__ import annotations

import socket
import time

from mlops_lab.backends.records.driver import driver
from mlops_lab.backends.records.sql import SqlRecords
from mlops_lab.records.events import Event, RunFinished, StepFinished
from mlops_lab.records.run import Run


def reap(records: SqlRecords) -> list[str]:
    """Write down, for each run of this host whose driver is gone, that it was interrupted.

    The ids of these runs. A run that ended in the meantime is left as it is.
    """
    return [
        run.run_id
        for run in records.running(host=socket.gethostname())
        if driver(run) is None and records.settle(run.run_id, _last_words(run, time.time()))
    ]


def _last_words(run: Run, now: float) -> list[Event]:
    steps: list[Event] = [
        StepFinished(
            at=now,
            step=step.name,
            status="interrupted",
            cached=False,
            seconds=max(0.0, now - (step.started or now)),
            attempts=step.attempts,
            worker=step.worker,
            why=step.why,
            cell=step.cell,
        )
        for step in run.steps
        if step.status == "running" and not step.early  # home had not reached those
    ]
    error = (
        f"its driver (process {run.pid} on {run.host}) is gone; "
        f"`mlops runs resume {run.run_id}` goes on from the finished steps"
    )
    seconds = max(0.0, now - run.started)
    return [*steps, RunFinished(at=now, status="interrupted", seconds=seconds, error=error)]
