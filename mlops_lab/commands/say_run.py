"""A run in words, as a page and at its end; one of its steps as a page."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from mlops_lab.commands.answer import Table
from mlops_lab.commands.say import (
    duration,
    from_here,
    headline,
    icon,
    state,
    step_words,
    value_text,
)
from mlops_lab.commands.say_drop import drop_line, drop_words
from mlops_lab.commands.say_needs import needs_lines, step_needs
from mlops_lab.commands.say_timeline import timeline_lines, timeline_short, timeline_words
from mlops_lab.records.needs import RunNeeds
from mlops_lab.records.run import Run
from mlops_lab.records.step import StepRecord
from mlops_lab.records.timeline import timeline


def run_parts(run: Run, *, kernels: bool = True) -> Iterator[str | Table]:
    """A run as a page: headline, steps, the rest; what several kernels brought in a line."""
    yield headline(run)
    if run.steps:
        yield Table(
            head=("", "step", "", "why"),
            rows=tuple(
                (icon(state(s)), s.name, step_words(s), s.why[0] if s.why else "")
                for s in run.steps
            ),
        )
    if run.error:
        yield run.error
    yield from run_tail(run, kernels=kernels)


def run_page(run: Run, needs: RunNeeds) -> Iterator[str | Table]:
    """The same, what it needed and where it ran, and when its workers were busy with what."""
    yield from run_parts(run, kernels=False)
    yield from needs_lines(run, needs)
    if lines := tuple(timeline_page(run)):
        yield ""
        yield from lines


def timeline_page(run: Run) -> Iterator[str]:
    """When its workers were busy with what, what that brought, and what was tried in vain."""
    found = timeline(run, None if run.seconds is not None else time.time())
    lines = tuple(timeline_lines(found, tuple(step.name for step in run.steps)))
    if not lines:
        return
    yield from lines
    yield from timeline_words(found)
    width = min(32, max((len(step.name) for step in run.steps if step.dropped), default=0))
    for step in run.steps:
        for drop in step.dropped:
            yield drop_line(step.name, drop, width)


def run_tail(run: Run, *, notes: bool = True, kernels: bool = True) -> Iterator[str]:
    """What is worth knowing of a run besides its steps; without the notes if they were seen."""
    found = timeline(run)
    facts = {
        "kernels": timeline_short(found) if kernels and len(found.rows) > 1 else "",
        "run": run.run_id,
        "output": from_here(run.output),
        "metrics": _pairs(run.metrics),
        "parameters": _pairs(run.params),
    }
    for name, value in facts.items():
        if value:
            yield f"  {name:<10}  {value}"
    for note in run.notes if notes else ():
        yield f"  note        {note}"


def step_page(step: StepRecord, needs: RunNeeds) -> Iterator[str | Table]:
    """A step of a run: what became of it, and why; what it read and left; what was tried early."""
    yield f"{icon(state(step))} {step.name}  {step_words(step)}"
    facts: dict[str, str] = {
        "why": "; ".join(step.why),
        "worker": step.worker or "",
        "waited": f"{duration(step.waited)} for values from above" if step.waited else "",
        "reads": ", ".join(step.reads),
        "writes": ", ".join(step.writes),
        "metrics": _pairs(step.metrics),
        "asked for": _pairs(step.resources),
        **step_needs(step, needs),
        "error": step.error or "",
    }
    for name, value in facts.items():
        if value:
            yield f"  {name:<10}  {value}"
    for drop in step.dropped:
        yield f"  dropped     {drop_words(drop)}"


def _pairs(values: dict[str, Any]) -> str:
    return " · ".join(f"{name} {value_text(value)}" for name, value in values.items())
