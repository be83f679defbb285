"""Tracking that no run waits for: what a kernel is told, and what is started behind a run."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_GUEST = Path(__file__).with_name("guest_mlflow.py")

_INSTALL = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("_mlops_tracking", {path!r})
module = importlib.util.module_from_spec(spec)
sys.modules["_mlops_tracking"] = module
spec.loader.exec_module(module)
module.install({folder!r}, {uri!r}, {experiment!r})
"""


def greeting(folder: Path, uri: str, experiment: str) -> tuple[str, ...]:
    """What to evaluate in a fresh kernel so that `mlflow` in a cell logs to the run."""
    source = _INSTALL.format(path=str(_GUEST), folder=str(folder), uri=uri, experiment=experiment)
    return (f"exec({source!r}, {{}})",)


def start_upkeep(root: Path) -> int:
    """Look after the project in a process of its own, which outlives this one; its number."""
    log = str(root / ".mlops" / "tracking.log")
    append = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    return os.posix_spawn(
        sys.executable,
        [sys.executable, "-m", "mlops_lab.services.upkeep", str(root)],
        dict(os.environ),
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, log, append, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )
