"""How much memory this kernel has to itself, and how much its machine has left."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

_GROUP = Path("/sys/fs/cgroup")


def memory() -> dict[str, int]:
    """`own`: bytes private to this process, mapped artifacts aside. `free`: bytes to be had."""
    try:
        _, resident, shared = Path("/proc/self/statm").read_text().split()[:3]
    except OSError:
        import psutil  # comes with ipykernel

        system: Any = psutil.virtual_memory()
        return {"own": int(psutil.Process().memory_info().rss), "free": int(system.available)}
    own = (int(resident) - int(shared)) * os.sysconf("SC_PAGE_SIZE")
    return {"own": own, "free": _free()}


def _free() -> int:
    known = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    free = int(known["MemAvailable"].split()[0]) * 1024
    with suppress(OSError, ValueError, KeyError, StopIteration):
        folder = _GROUP / _own_group()
        limit = int((folder / "memory.max").read_text())  # "max" where there is none
        used = int((folder / "memory.current").read_text())
        lines = (folder / "memory.stat").read_text().splitlines()
        cached = dict(line.split() for line in lines)["inactive_file"]
        free = min(free, limit - used + int(cached))
    return max(0, free)


def _own_group() -> str:
    lines = Path("/proc/self/cgroup").read_text().splitlines()
    return next(line for line in lines if line.startswith("0::")).removeprefix("0::/")


def offer_to_the_killer() -> None:
    """Where memory runs out, Linux ends this process first."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
