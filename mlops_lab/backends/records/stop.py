"""Stops a run: its driver, and every process that the run started."""

from __future__ import annotations

import signal
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from mlops_lab.backends.records.driver import driver
from mlops_lab.errors import UsageError
from mlops_lab.records.run import Run

if TYPE_CHECKING:
    import psutil

PATIENCE = 9.0
"""Seconds that a driver has to end by itself what it started; all is over within ten."""


def stop(run: Run, patience: float = PATIENCE) -> None:
    """Interrupt the run's driver as Ctrl-C does; kill what is left of it after `patience`.

    Raises UsageError where the run isn't running, or not on this machine.
    """
    import psutil

    process = _running(run)
    family = _children(process)
    try:
        process.send_signal(signal.SIGINT)
        process.wait(patience)
    except psutil.NoSuchProcess:
        pass
    except psutil.TimeoutExpired:
        family = [process, *_children(process), *family]
    _kill(family)


def release(run: Run, patience: float = PATIENCE) -> None:
    """Tell the driver of a run that is over to let go of the kernel that it keeps.

    Raises UsageError where it keeps none here.
    """
    import psutil

    process = kept_by(run)
    if process is None:
        raise UsageError(f"run {run.run_id} keeps no kernel on this machine")
    family = _children(process)
    try:
        process.send_signal(signal.SIGTERM)
        process.wait(patience)
    except psutil.NoSuchProcess:
        pass
    except psutil.TimeoutExpired:
        _kill([process, *family])


def kept_by(run: Run) -> psutil.Process | None:
    """The driver that keeps a kernel for a run that is over; None where none does, here."""
    if run.kept is None or run.host != socket.gethostname() or not Path(run.kept).exists():
        return None
    return driver(run)


def _running(run: Run) -> psutil.Process:
    if run.status != "running":
        raise UsageError(f"run {run.run_id} is not running: it {_ended(run)}")
    if run.host != socket.gethostname():
        raise UsageError(
            f"run {run.run_id} is driven by process {run.pid} on {run.host}; cancel it there"
        )
    process = driver(run)
    if process is None:
        raise UsageError(
            f"run {run.run_id} is not running: its driver (process {run.pid}) is gone; "
            f"`mlops runs resume {run.run_id}` goes on from the finished steps"
        )
    return process


def _ended(run: Run) -> str:
    passive = run.status in {"cancelled", "interrupted"}
    return f"was {run.status}" if passive else str(run.status)


def _children(process: psutil.Process) -> list[psutil.Process]:
    import psutil

    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _kill(family: list[psutil.Process]) -> None:
    import psutil

    for process in family:
        try:
            # psutil looks at the start time too: never another process with the same number.
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(family, timeout=1)
