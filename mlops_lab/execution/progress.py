"""What happens in a run, told step by step: a step may have several segments."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from mlops_lab.errors import RunFailed
from mlops_lab.ir.pipeline import Pipeline
from mlops_lab.ir.step import Step
from mlops_lab.records.entry import Entry
from mlops_lab.records.events import (
    CellFinished,
    CellStarted,
    Event,
    Noted,
    StepFinished,
    StepStarted,
)
from mlops_lab.records.versions import EVERYTHING


class Progress:
    """Turns what becomes of segments into events about steps."""

    def __init__(self, pipeline: Pipeline, tell: Callable[[Event], None]) -> None:
        self._tell = tell
        self._pipeline = pipeline
        self._steps = {index: step for step in pipeline.steps for index in step.segments}
        self._done: dict[str, list[_Part]] = {}
        self._worker: dict[str, str] = {}
        self._why: dict[str, tuple[str, ...]] = {}
        self._noted: set[str] = set()

    def step_of(self, index: int) -> Step | None:
        """The step that a segment belongs to; None for setup and parameters."""
        return self._steps.get(index)

    def note(self, text: str, step: str | None = None) -> None:
        """Something that the user should know; said once."""
        if text not in self._noted:
            self._noted.add(text)
            self._tell(Noted(at=time.time(), text=text, step=step))

    def begins(self, index: int, worker: str, attempt: int, why: tuple[str, ...]) -> None:
        """A segment is about to run."""
        name = self._pipeline.segments[index].name
        self._worker[name] = worker
        self._why[name] = tuple(dict.fromkeys((*self._why.get(name, ()), *why)))
        self._tell(
            StepStarted(
                at=time.time(), step=name, worker=worker, attempt=attempt, why=self._why[name]
            )
        )

    def cell_begins(self, step: str, cell: int) -> None:
        """A cell, counted from 1, was sent to the kernel."""
        self._tell(CellStarted(at=time.time(), step=step, cell=cell))

    def cell_ends(self, step: str, cell: int, seconds: float, *, failed: bool) -> None:
        """The kernel is done with it."""
        status: Any = "failed" if failed else "succeeded"
        event = CellFinished(at=time.time(), step=step, cell=cell, seconds=seconds, status=status)
        self._tell(event)

    def adopted(self, index: int, entry: Entry) -> None:
        """A segment's cached result was taken."""
        self._finish(index, _Part(seconds=0.0, attempts=0, cached=True, entry=entry))

    def ran(self, index: int, seconds: float, attempts: int, entry: Entry | None) -> None:
        """A segment ran well."""
        self._finish(index, _Part(seconds=seconds, attempts=attempts, cached=False, entry=entry))

    def failed(self, index: int, attempts: int, error: RunFailed) -> None:
        """A segment failed for good."""
        part = _Part(seconds=0.0, attempts=attempts, cached=False, entry=None)
        self._finish(index, part, error)

    def _finish(self, index: int, part: _Part, error: RunFailed | None = None) -> None:
        segment = self._pipeline.segments[index]
        parts = self._done.setdefault(segment.name, [])
        parts.append(part)
        step = self._steps.get(index)
        if step is not None and index != step.segments[-1] and error is None:
            return
        entries = [p.entry for p in parts if p.entry is not None]
        own = {name for e in entries for w in e.writes for name in w.names}
        reads = {name for e in entries for name, digest in e.reads.items() if digest}
        metrics = {k: v for e in entries for k, v in e.metrics.items()}
        del self._done[segment.name]
        self._tell(
            StepFinished(
                at=time.time(),
                step=segment.name,
                status="failed" if error else "succeeded",
                cached=all(p.cached for p in parts),
                seconds=sum(p.seconds for p in parts),
                attempts=max(p.attempts for p in parts),
                worker=self._worker.get(segment.name),
                reads=_visible(reads) if entries else _visible({n for n, _ in _reads(step)}),
                writes=_visible(own) if entries else tuple(step.writes if step else ()),
                resources=_asked(step),
                metrics=metrics or None,
                why=self._why.get(segment.name, ()),
                entries=tuple(e.id for e in entries),
                cell=error.cell if error else None,
                error=f"{error.ename}: {error.evalue}" if error else None,
                traceback=error.traceback if error else None,
            )
        )


class _Part:
    def __init__(self, *, seconds: float, attempts: int, cached: bool, entry: Entry | None) -> None:
        self.seconds = seconds
        self.attempts = attempts
        self.cached = cached
        self.entry = entry


def _reads(step: Step | None) -> tuple[tuple[str, str | None], ...]:
    return step.reads if step is not None else ()


def _visible(names: set[str]) -> tuple[str, ...]:
    return tuple(sorted(n for n in names if not n.startswith("@") and n != EVERYTHING))


def _asked(step: Step | None) -> dict[str, Any] | None:
    if step is None:
        return None
    asked = {key: value for key, value in asdict(step.resources).items() if value}
    return asked or None
