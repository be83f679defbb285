"""What happens in a run, told step by step: a step may have several segments."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from mlops_lab.errors import RunFailed
from mlops_lab.execution.needing import Needing
from mlops_lab.ir.pipeline import Pipeline
from mlops_lab.ir.step import Step
from mlops_lab.records.entry import Entry
from mlops_lab.records.events import (
    AttemptDropped,
    AttemptFinished,
    AttemptWaits,
    CellFinished,
    CellStarted,
    Event,
    Noted,
    StepFinished,
    StepStarted,
)
from mlops_lab.records.versions import (
    COUNT,
    EVERYTHING,
    GENERATORS,
    PROCESS,
    SHOWN,
    is_setting,
)

_HIDDEN = {
    **dict.fromkeys(GENERATORS, "the random generator"),
    COUNT: "the execution count",
    PROCESS: "the process",
    SHOWN: "what cells showed",
}


class Progress:
    """Turns what becomes of segments into events about steps; `needing` tells what they needed."""

    def __init__(
        self, pipeline: Pipeline, tell: Callable[[Event], None], needing: Needing | None = None
    ) -> None:
        self._tell = tell
        self._needing = needing or Needing()
        self._pipeline = pipeline
        self._steps = {index: step for step in pipeline.steps for index in step.segments}
        self._done: dict[str, list[_Part]] = {}
        self._worker: dict[str, str] = {}
        self._why: dict[str, tuple[str, ...]] = {}
        self._noted: set[str] = set()
        self._early: dict[tuple[int, str], float] = {}
        self._at_cell: dict[int, str] = {}

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
        self._takes(index, worker)
        self._why[name] = tuple(dict.fromkeys((*self._why.get(name, ()), *why)))
        self._tell(
            StepStarted(
                at=time.time(), step=name, worker=worker, attempt=attempt, why=self._why[name]
            )
        )

    def early_begins(self, index: int, worker: str) -> None:
        """A scout begins a segment ahead of home."""
        name, now = self._pipeline.segments[index].name, time.time()
        self._early[index, worker] = now
        self._takes(index, worker)
        self._tell(StepStarted(at=now, step=name, worker=worker, early=True))

    def early_waits(self, index: int, worker: str, name: str = "") -> None:
        """A scout waits for a name that a step above is to make; without one: it goes on."""
        step = self._pipeline.segments[index].name
        self._tell(AttemptWaits(at=time.time(), step=step, worker=worker, name=_said(name)))

    def early_ends(self, index: int, worker: str, seconds: float, waited: float = 0.0) -> None:
        """A scout has a segment done; home has still to adopt it."""
        self._tell(
            AttemptFinished(
                at=time.time(),
                step=self._pipeline.segments[index].name,
                worker=worker,
                seconds=seconds,
                waited=waited,
                started=self._early.get((index, worker), 0.0),
            )
        )

    def dropped(
        self, index: int, worker: str, why: str, name: str = "", seconds: float = 0.0
    ) -> None:
        """What a scout did of a segment is thrown away, because of `name`, a name or an act."""
        self._tell(
            AttemptDropped(
                at=time.time(),
                step=self._pipeline.segments[index].name,
                worker=worker,
                why=why,
                name=_said(name),
                seconds=seconds,
                started=self._early.pop((index, worker), 0.0),
            )
        )

    def cell_begins(self, step: str, cell: int) -> None:
        """A cell, counted from 1, was sent to the kernel."""
        worker = self._at_cell.get(cell, "")
        self._tell(CellStarted(at=time.time(), step=step, cell=cell, worker=worker))

    def cell_ends(self, step: str, cell: int, seconds: float, *, failed: bool) -> None:
        """The kernel is done with it."""
        status: Any = "failed" if failed else "succeeded"
        self._tell(
            CellFinished(
                at=time.time(),
                step=step,
                cell=cell,
                seconds=seconds,
                status=status,
                worker=self._at_cell.get(cell, ""),
            )
        )

    def adopted(self, index: int, entry: Entry) -> None:
        """A segment's cached result was taken."""
        self._finish(index, _Part(seconds=0.0, attempts=0, cached=True, entry=entry))

    def ran(self, index: int, seconds: float, attempts: int, entry: Entry | None) -> None:
        """A segment ran well."""
        self._finish(index, _Part(seconds=seconds, attempts=attempts, cached=False, entry=entry))

    def took(
        self,
        index: int,
        entry: Entry,
        worker: str,
        seconds: float,
        why: tuple[str, ...] = (),
    ) -> None:
        """Home adopted what a scout had done of a segment; `why` it wasn't cached."""
        name = self._pipeline.segments[index].name
        self._early.pop((index, worker), None)
        self._worker[name] = worker
        self._why[name] = tuple(dict.fromkeys((*self._why.get(name, ()), *why)))
        part = _Part(seconds=seconds, attempts=1, cached=False, entry=entry, early=True)
        self._finish(index, part)

    def failed(
        self, index: int, attempts: int, error: RunFailed, used: Mapping[str, float] | None = None
    ) -> None:
        """A segment failed for good; `used` is what it took of memory and time, where known."""
        part = _Part(seconds=0.0, attempts=attempts, cached=False, entry=None, used=used)
        self._finish(index, part, error)

    def _takes(self, index: int, worker: str) -> None:
        for cell in self._pipeline.segments[index].cells:
            self._at_cell[cell.number] = worker

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
        saved = sum(p.entry.seconds for p in parts if p.cached and p.entry is not None)
        del self._done[segment.name]
        self._tell(
            StepFinished(
                at=time.time(),
                step=segment.name,
                status="failed" if error else "succeeded",
                cached=all(p.cached for p in parts),
                early=any(p.early for p in parts),
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
                memory=max((p.memory for p in parts), default=0) or None,
                cpu=sum(cpus) if (cpus := [p.cpu for p in parts if p.cpu is not None]) else None,
                saved=saved,
                needs=self._needing.of(entries),
            )
        )


class _Part:
    def __init__(
        self,
        *,
        seconds: float,
        attempts: int,
        cached: bool,
        entry: Entry | None,
        early: bool = False,
        used: Mapping[str, float] | None = None,
    ) -> None:
        self.seconds = seconds
        self.attempts = attempts
        self.cached = cached
        self.entry = entry
        self.early = early
        taken = used or {}
        self.memory = entry.memory if entry else int(taken.get("memory", 0))
        self.cpu = entry.cpu if entry else taken.get("cpu")


def _reads(step: Step | None) -> tuple[tuple[str, str | None], ...]:
    return step.reads if step is not None else ()


def _visible(names: set[str]) -> tuple[str, ...]:
    return tuple(sorted(n for n in names if not n.startswith("@") and n != EVERYTHING))


def _asked(step: Step | None) -> dict[str, Any] | None:
    if step is None:
        return None
    asked = {key: value for key, value in asdict(step.resources).items() if value}
    return asked or None


def _said(name: str) -> str:
    """A name as a person knows it."""
    if name in _HIDDEN:
        return _HIDDEN[name]
    if is_setting(name):
        return f"setting {name[1:]}"
    return name[1:].partition("#")[0] if name.startswith("@") else name
