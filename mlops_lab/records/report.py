"""A run as other programs read it: the JSON of `mlops run --json`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from mlops_lab.records.run import Run
from mlops_lab.records.step import StepRecord
from mlops_lab.records.timeline import timeline, timeline_json


def report(run: Run) -> dict[str, Any]:
    """The run with the keys that are promised, in JSON's types."""
    return {
        "run_id": run.run_id,
        "status": run.status,
        "notebook": run.notebook,
        "output": run.output,
        "seconds": run.seconds,
        "params": dict(run.params),
        "metrics": run.metrics,
        "mlflow_run_id": run.mlflow_run_id,
        "user": run.user,
        "surface": run.surface,
        "host": run.host,
        "kernel": run.kernel,
        "git_commit": run.git_commit,
        "git_dirty": run.git_dirty,
        "saved": run.saved,
        "steps": [_step(step) for step in run.steps],
    }


def full_report(run: Run) -> dict[str, Any]:
    """The same with the timeline, which is long."""
    return report(run) | {"timeline": timeline_json(timeline(run))}


def _step(step: StepRecord) -> dict[str, Any]:
    return {
        "name": step.name,
        "status": step.status,
        "cached": step.cached,
        "attempts": step.attempts,
        "worker": step.worker,
        "seconds": step.seconds,
        "reads": list(step.reads),
        "writes": list(step.writes),
        "resources": dict(step.resources),
        "error": step.error,
        "early": step.early,
        "waited": step.waited,
        "memory": step.memory,
        "cpu": step.cpu,
        "saved": step.saved,
        "dropped": [asdict(drop) | {"waited": drop.waited} for drop in step.dropped],
    }
