"""A run in one line, as lists show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from mlops_lab.records.run import Run, RunStatus
from mlops_lab.records.step import StepRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class RunHead:
    """A run in one line.

    `notebook` is its path from the project's root, `path` from the root of who asks, where it lies
    below that. `project` is the project's root seen from there. Of its `steps`, `done` have
    succeeded, `cached` of them without running, which `saved` so many seconds; `step` and `cell`
    are where it is, or failed. `user` asked for it by `surface`: panel, cli, magic, papermill or
    schedule, empty where it isn't known.
    """

    run_id: str
    status: RunStatus
    notebook: str
    path: str | None = None
    project: str = ""
    name: str
    executor: str
    started: float
    seconds: float | None = None
    steps: int
    done: int
    cached: int
    saved: float = 0.0
    step: str | None = None
    cell: int | None = None
    error: str | None = None
    params: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    git_commit: str | None = None
    git_dirty: bool | None = None
    mlflow_run_id: str | None = None
    resumed: str | None = None
    host: str = ""
    user: str = ""
    surface: str = ""


def head(run: Run, *, path: str | None = None, project: str = "") -> RunHead:
    """The run in one line, for somebody who sees its notebook at `path`."""
    done = [step for step in run.steps if step.status == "succeeded"]
    at = _where(run.steps)
    return RunHead(
        run_id=run.run_id,
        status=run.status,
        notebook=run.notebook,
        path=path,
        project=project,
        name=PurePosixPath(run.notebook).stem,
        executor=run.executor,
        started=run.started,
        seconds=run.seconds,
        steps=len(run.steps),
        done=len(done),
        cached=sum(step.cached for step in done),
        saved=run.saved,
        step=at.name if at else None,
        cell=at.cell if at else None,
        error=run.error,
        params=dict(run.params),
        metrics=run.metrics,
        git_commit=run.git_commit,
        git_dirty=run.git_dirty,
        mlflow_run_id=run.mlflow_run_id,
        resumed=run.resumed,
        host=run.host,
        user=run.user,
        surface=run.surface,
    )


def _where(steps: Sequence[StepRecord]) -> StepRecord | None:
    """The step that failed, else the one that runs; home's before those that run ahead of it."""
    failed = [step for step in steps if step.status == "failed"]
    running = [step for step in steps if step.status == "running"]
    home = [step for step in running if not step.early]
    return next(iter([*failed, *home, *running]), None)
