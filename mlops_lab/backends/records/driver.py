"""The process that drives a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_lab.records.run import Run

if TYPE_CHECKING:
    import psutil

TOLERANCE = 2.0
"""Seconds by which a process's start may seem to move when the clock is set."""


def driver(run: Run) -> psutil.Process | None:
    """The run's driver, if it is on this machine and alive; known by its number and its start."""
    import psutil

    if run.pid <= 0:
        return None
    try:
        process = psutil.Process(run.pid)
        born, zombie = process.create_time(), process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return None
    return process if abs(born - run.pid_started) <= TOLERANCE and not zombie else None
