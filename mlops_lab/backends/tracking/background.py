"""Tracking that no run waits for: what a kernel is told, and what is started behind a run."""

from __future__ import annotations

import os
import subprocess
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


def start_flush(root: Path, run_id: str) -> None:
    """Bring the run to MLflow in a process of its own, which outlives this one."""
    log = root / ".mlops" / "tracking.log"
    with log.open("ab") as file:
        subprocess.Popen(
            [sys.executable, "-m", "mlops_lab.backends.tracking.flush", str(root)],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
            env={**os.environ, "MLOPS_FLUSH": run_id},
        )
