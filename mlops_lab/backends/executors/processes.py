"""Processes that belong together, found and ended."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterable
from contextlib import suppress

import psutil

MARK = "MLOPS_WORKER_ID"
"""Set in a kernel's environment, so that what it started is known whoever adopted it."""


def marked(name: str, value: str) -> list[psutil.Process]:
    """Every process of this user that has the variable in its environment."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.environ().get(name) == value:
                found.append(process)
    return [process for process in found if process.pid != os.getpid()]


def family(pid: int, mark: str) -> list[psutil.Process]:
    """The process, its descendants, its session, and all that carries its mark.

    Each of these alone misses something: children that were orphaned, a session that was left,
    an environment that was emptied.
    """
    kin: dict[int, psutil.Process] = {process.pid: process for process in marked(MARK, mark)}
    for process in psutil.process_iter():
        with suppress(ProcessLookupError, PermissionError):
            if os.getsid(process.pid) == pid:
                kin[process.pid] = process
    for process in list(kin.values()):
        with suppress(psutil.Error):
            kin |= {child.pid: child for child in process.children(recursive=True)}
    kin.pop(os.getpid(), None)
    return list(kin.values())


async def end(
    processes: Iterable[psutil.Process], grace: float = 1.0, *, now: bool = False
) -> list[psutil.Process]:
    """Ask the processes to end, then make them; those that are still there, normally none.

    `now` doesn't ask. A psutil.Process knows when its process started, so another one that got the
    same number since is safe.
    """
    left = list(processes)
    for number in (signal.SIGKILL,) if now else (signal.SIGTERM, signal.SIGKILL):
        for process in left:
            with suppress(psutil.Error):
                process.send_signal(number)
        left = await _gone(left, grace)
    return left


async def _gone(processes: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Those of the processes that are still there after so many seconds.

    They need not be our children, so the system tells nobody when they end: look, and look again.
    """
    deadline = asyncio.get_running_loop().time() + seconds
    left = [process for process in processes if _lives(process)]
    while left and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(0.01)
        left = [process for process in left if _lives(process)]
    return left


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
