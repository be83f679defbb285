"""A run: a fold of its events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal

from mlops_lab.records.events import (
    CellFinished,
    CellStarted,
    Event,
    Noted,
    RunFinished,
    RunStarted,
    StepFinished,
    StepStarted,
    Tracked,
)

RunStatus = Literal["running", "succeeded", "failed", "cancelled", "interrupted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """What became of a step. `cell` is the one running, or the one that failed.

    `cells` counts the step's code cells; 0 where the run did not say.
    """

    name: str
    status: str = "waiting"
    cached: bool = False
    attempts: int = 0
    worker: str | None = None
    started: float | None = None
    seconds: float | None = None
    cells_done: int = 0
    cells: int = 0
    cell: int | None = None
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    resources: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    why: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()
    error: str | None = None
    traceback: str | None = None


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
    mlflow_run_id: str | None = None

    @property
    def metrics(self) -> dict[str, float]:
        """The metrics of all steps; a later step's value replaces an earlier one's."""
        return {k: v for step in self.steps for k, v in step.metrics.items()}


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
            )
        case Noted():
            return replace(run, notes=(*run.notes, event.text))
        case StepStarted():
            return _on_step(
                run,
                event.step,
                status="running",
                worker=event.worker,
                attempts=event.attempt,
                started=event.at,
                why=event.why,
            )
        case CellStarted():
            return _on_step(run, event.step, cell=event.cell)
        case CellFinished():
            done = next((s.cells_done for s in run.steps if s.name == event.step), 0)
            return _on_step(run, event.step, cells_done=done + 1)
        case StepFinished():
            return _on_step(
                run,
                event.step,
                status=event.status,
                cached=event.cached,
                seconds=event.seconds,
                attempts=event.attempts,
                worker=event.worker,
                reads=event.reads,
                writes=event.writes,
                resources=event.resources or {},
                metrics=event.metrics or {},
                why=event.why,
                entries=event.entries,
                cell=event.cell,
                error=event.error,
                traceback=event.traceback,
            )
        case RunFinished():
            status: Any = event.status
            steps = tuple(_left_behind(step, event.status) for step in run.steps)
            return replace(
                run, status=status, seconds=event.seconds, error=event.error, steps=steps
            )
        case Tracked():
            return replace(run, mlflow_run_id=event.mlflow_run_id)
        case _:
            return run


def _on_step(run: Run, name: str, **changes: Any) -> Run:
    for at, step in enumerate(run.steps):
        if step.name == name:
            rest = run.steps[at + 1 :]
            return replace(run, steps=(*run.steps[:at], replace(step, **changes), *rest))
    return run


def to_json(run: Run) -> dict[str, Any]:
    """The run as JSON's types."""
    return asdict(run)


def from_json(body: dict[str, Any]) -> Run:
    """The run that `to_json` wrote; fields from a newer version are left out."""
    known = {f.name for f in fields(Run)}
    values = {k: v for k, v in body.items() if k in known}
    values["steps"] = tuple(_step(step) for step in body["steps"])
    values["notes"] = tuple(values["notes"])
    return Run(**values)


def _step(body: dict[str, Any]) -> StepRecord:
    known = {f.name for f in fields(StepRecord)}
    tuples = {"reads", "writes", "why", "entries"}
    values: dict[str, Any] = {k: v for k, v in body.items() if k in known}
    values |= {k: tuple(v) for k, v in values.items() if k in tuples}
    return StepRecord(**values)


def _left_behind(step: StepRecord, status: str) -> StepRecord:
    """A step as the end of its run leaves it: what ran was stopped, what waited is not reached."""
    left = {"running": status, "waiting": "skipped"}
    return replace(step, status=left[step.status]) if step.status in left else step
