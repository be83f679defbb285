"""A run: a fold of its events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal

from mlops_lab.records.events import (
    AttemptDropped,
    AttemptFinished,
    AttemptWaits,
    CellFinished,
    CellStarted,
    Event,
    KernelKept,
    Noted,
    RunFinished,
    RunStarted,
    StepFinished,
    StepStarted,
    Tracked,
)
from mlops_lab.records.step import StepRecord, after, step_from_json

RunStatus = Literal["running", "succeeded", "failed", "cancelled", "interrupted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One execution of a notebook. Times are in seconds, `started` since 1970."""

    run_id: str
    status: RunStatus = "running"
    notebook: str = ""
    output: str = ""
    executor: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    started: float = 0.0
    seconds: float | None = None
    steps: tuple[StepRecord, ...] = ()
    notes: tuple[str, ...] = ()
    error: str | None = None
    host: str = ""
    pid: int = 0
    pid_started: float = 0.0
    git_commit: str | None = None
    git_dirty: bool | None = None
    resumed: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    kernel: str = ""
    user: str = ""
    surface: str = ""
    added: int | None = None
    """The place, from 0, of a cell in the output that the notebook hasn't."""
    mlflow_run_id: str | None = None
    kept: str | None = None
    """The connection file of the kernel that stays because its step failed,"""
    kept_until: float | None = None
    """until then at the latest."""

    @property
    def metrics(self) -> dict[str, float]:
        """The metrics of all steps; a later step's value replaces an earlier one's."""
        return {k: v for step in self.steps for k, v in step.metrics.items()}

    @property
    def saved(self) -> float:
        """Seconds that the cache has saved."""
        return sum(step.saved for step in self.steps)


def fold(events: Iterable[Event], run_id: str = "") -> Run:
    """The run that these events, in order, make."""
    run = Run(run_id=run_id)
    for event in events:
        run = advance(run, event)
    return run


def advance(run: Run, event: Event) -> Run:
    """The run after one more event."""
    match event:
        case RunStarted():
            return replace(
                run,
                run_id=event.run_id,
                status="running",
                notebook=event.notebook,
                output=event.output,
                executor=event.executor,
                params=event.params,
                started=event.at,
                steps=tuple(
                    StepRecord(name=name, cells=event.cells.get(name, 0)) for name in event.steps
                ),
                host=event.host,
                pid=event.pid,
                pid_started=event.pid_started,
                git_commit=event.git_commit,
                git_dirty=event.git_dirty,
                resumed=event.resumed,
                options=event.options,
                kernel=event.kernel,
                user=event.user,
                surface=event.surface,
                added=event.added,
            )
        case Noted():
            return replace(run, notes=(*run.notes, event.text))
        case RunFinished():
            status: Any = event.status
            # Of a step that stands in several places a part may have run before another failed.
            others = any(step.status == "failed" for step in run.steps)
            end = replace(event, status="skipped") if others else event
            steps = tuple(after(step, end) for step in run.steps)
            return replace(
                run, status=status, seconds=event.seconds, error=event.error, steps=steps
            )
        case KernelKept():
            return replace(run, kept=event.connection, kept_until=event.until)
        case Tracked():
            return replace(run, mlflow_run_id=event.mlflow_run_id)
        case (
            StepStarted()
            | CellStarted()
            | CellFinished()
            | AttemptWaits()
            | AttemptFinished()
            | AttemptDropped()
            | StepFinished()
        ):
            told = tuple(
                after(step, event) if step.name == event.step else step for step in run.steps
            )
            return replace(run, steps=told)
        case _:
            return run


def to_json(run: Run) -> dict[str, Any]:
    """The run as JSON's types."""
    return asdict(run)


def from_json(body: dict[str, Any]) -> Run:
    """The run that `to_json` wrote; fields from a newer version are left out."""
    known = {f.name for f in fields(Run)}
    values = {k: v for k, v in body.items() if k in known}
    values["steps"] = tuple(step_from_json(step) for step in body["steps"])
    values["notes"] = tuple(values["notes"])
    return Run(**values)
