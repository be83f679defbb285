"""What became of a step: a fold of the events about it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any

from mlops_lab.records.events import (
    AttemptDropped,
    AttemptFinished,
    AttemptWaits,
    CellFinished,
    CellStarted,
    Event,
    RunFinished,
    StepFinished,
    StepStarted,
)
from mlops_lab.records.span import (
    Drop,
    Span,
    begin,
    changed,
    chosen,
    drop_from_json,
    span_from_json,
    waits,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """What became of a step. `cell` is the one running, or the one that failed.

    `cells` counts the step's code cells; 0 where the run did not say. A step is `ready` when a
    scout has it done and home has still to adopt it. `early` says that a scout's attempt counts,
    or may yet; `ended` when the worker was done with it; `waited` how many of its `seconds` it
    waited for names, and `waits` for which it does now; `dropped` holds what was thrown away.
    `memory` is the most that its kernel took, in bytes, and `cpu` the seconds of its threads, when
    it ran; None where that isn't known. `saved`: seconds that the cache has saved.
    """

    name: str
    status: str = "waiting"
    cached: bool = False
    attempts: int = 0
    worker: str | None = None
    started: float | None = None
    ended: float | None = None
    seconds: float | None = None
    early: bool = False
    waited: float = 0.0
    waits: str = ""
    spans: tuple[Span, ...] = ()
    dropped: tuple[Drop, ...] = ()
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
    memory: int | None = None
    cpu: float | None = None
    saved: float = 0.0


def after(step: StepRecord, event: Event) -> StepRecord:
    """The step after one more event about it, or after the end of its run."""
    match event:
        case StepStarted():
            return _started(step, event)
        case CellStarted():
            return _cell_started(step, event)
        case CellFinished():
            return _cell_finished(step, event)
        case AttemptWaits():
            return _waits(step, event)
        case AttemptFinished():
            return _ready(step, event)
        case AttemptDropped():
            return _dropped(step, event)
        case StepFinished():
            return _finished(step, event)
        case RunFinished():
            return _left_behind(step, event)
        case _:
            return step


def step_from_json(body: dict[str, Any]) -> StepRecord:
    """The step that was written as JSON; fields from a newer version are left out."""
    known = {f.name for f in fields(StepRecord)}
    tuples = {"reads", "writes", "why", "entries"}
    values: dict[str, Any] = {k: v for k, v in body.items() if k in known}
    values |= {k: tuple(v) for k, v in values.items() if k in tuples}
    values["spans"] = tuple(map(span_from_json, values.get("spans", ())))
    values["dropped"] = tuple(map(drop_from_json, values.get("dropped", ())))
    return StepRecord(**values)


def _started(step: StepRecord, event: StepStarted) -> StepRecord:
    spans = step.spans
    last = chosen(spans, "")
    if event.attempt > max(1, step.attempts):  # what the attempt before it did of the cells is lost
        spans = changed(spans, last, cells=0)
    span = Span(worker=event.worker, started=event.at, early=event.early)
    return replace(
        step,
        status="running",
        worker=event.worker,
        attempts=event.attempt,
        started=event.at,
        ended=None,
        early=event.early,
        waits="",
        why=event.why,
        spans=begin(spans, span),
        cells_done=sum(s.cells for s in spans),
    )


def _cell_started(step: StepRecord, event: CellStarted) -> StepRecord:
    spans = changed(step.spans, chosen(step.spans, event.worker), ended=None)
    return replace(step, status="running", cell=event.cell, ended=None, spans=spans)


def _cell_finished(step: StepRecord, event: CellFinished) -> StepRecord:
    span = chosen(step.spans, event.worker)
    # A segment that isn't its step's last ends with its last cell: no event says more.
    done = span.cells + 1 if span else 0
    spans = changed(step.spans, span, cells=done, ended=event.at)
    return replace(step, cells_done=step.cells_done + 1, spans=spans)


def _waits(step: StepRecord, event: AttemptWaits) -> StepRecord:
    span = chosen(step.spans, event.worker)
    told = waits(span, event.at, event.name) if span else ()
    return replace(step, waits=event.name, spans=changed(step.spans, span, waits=told))


def _ready(step: StepRecord, event: AttemptFinished) -> StepRecord:
    span = chosen(step.spans, event.worker, event.started)
    told = waits(span, event.at, "") if span else ()
    spans = changed(step.spans, span, ended=event.at, waited=event.waited, waits=told)
    return replace(
        step,
        status="running" if any(s.ended is None for s in spans) else "ready",
        ended=event.at,
        seconds=event.seconds,
        waited=sum(s.waited for s in spans),
        waits="",
        spans=spans,
    )


def _dropped(step: StepRecord, event: AttemptDropped) -> StepRecord:
    span = chosen(step.spans, event.worker, event.started)
    spans = tuple(s for s in step.spans if s is not span)
    drop = Drop(
        worker=event.worker,
        started=span.started if span else event.started or event.at - event.seconds,
        seconds=event.seconds,
        why=event.why,
        name=event.name,
        waits=waits(span, event.at, "") if span else (),
    )
    left = replace(
        step,
        waited=sum(s.waited for s in spans),
        waits="",
        spans=spans,
        dropped=(*step.dropped, drop),
        cells_done=sum(s.cells for s in spans),
    )
    if any(s.ended is None for s in spans) or any(not s.early for s in spans):
        return left
    if spans:
        return replace(left, status="ready")
    return replace(
        left,
        status="waiting",
        early=False,
        worker=None,
        attempts=0,
        started=None,
        ended=None,
        seconds=None,
        cell=None,
        why=(),
    )


def _finished(step: StepRecord, event: StepFinished) -> StepRecord:
    spans = tuple(replace(s, ended=event.at) if s.ended is None else s for s in step.spans)
    ends = [s.ended for s in spans if s.ended is not None]
    return replace(
        step,
        status=event.status,
        cached=event.cached,
        early=event.early,
        ended=max(ends) if ends and not event.cached else event.at,
        waits="",
        spans=spans,
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
        memory=event.memory,
        cpu=event.cpu,
        saved=event.saved,
    )


def _left_behind(step: StepRecord, end: RunFinished) -> StepRecord:
    """A step as the end of its run leaves it: what ran was stopped, what waited is not reached.

    What a scout has begun, or done, and home did not adopt counts as not reached.
    """
    spans = tuple(replace(s, ended=end.at) if s.ended is None else s for s in step.spans)
    left = {"running": end.status, "waiting": "skipped", "ready": "skipped"}
    status = "skipped" if step.early and step.status == "running" else left.get(step.status)
    return replace(step, spans=spans, waits="", status=status) if status else step
