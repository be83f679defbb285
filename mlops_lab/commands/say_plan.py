"""A plan in words: what will run, and why; what is cached; what may run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from mlops_lab.commands.answer import Table
from mlops_lab.commands.paint import paint
from mlops_lab.commands.say import duration
from mlops_lab.ir.plan import Decision, Plan

FATES = {
    "cached": ("=", "cyan", "cached"),
    "run": ("≠", "yellow", "will run"),
    "may-run": ("?", None, "may run"),
    "left-out": ("–", None, "left out"),
}


def plan_headline(plan: Plan) -> str:
    """The plan in one line: '2 to run, 1 may run, 5 cached'."""
    fates = [plan.fate(step.name).fate for step in plan.pipeline]
    words = {
        "to run": fates.count("run"),
        "may run": fates.count("may-run"),
        "cached": fates.count("cached"),
        "left out": fates.count("left-out"),
    }
    return ", ".join(f"{n} {word}" for word, n in words.items() if n) or "nothing to run"


def plan_parts(plan: Plan, *, alone: bool = False) -> Iterator[str | Table]:
    """The plan as a page: headline, then each step with its first cause, and where it may run.

    `alone`: there is one kernel only.
    """
    yield plan_headline(plan)
    if plan.pipeline.steps:
        yield _table([(s.name, plan.fate(s.name)) for s in plan.pipeline], alone=alone)
    for note in plan.pipeline.notes:
        yield str(note)


def plan_json(plan: Plan) -> dict[str, Any]:
    """The plan as JSON's types."""
    return {
        "headline": plan_headline(plan),
        "parameters": dict(plan.parameters),
        "steps": [_step_json(step.name, plan.fate(step.name)) for step in plan.pipeline],
        "notes": [asdict(note) for note in plan.pipeline.notes],
    }


def _table(fates: list[tuple[str, Decision]], *, alone: bool) -> Table:
    """A row a step; where it runs only if there is a choice."""
    known = any(d.home or d.waits or d.seconds is not None for _, d in fates if d.where)
    if alone or not known:
        return Table(rows=tuple(_row(name, decision) for name, decision in fates))
    return Table(
        head=("", "step", "", "why", "where"),
        rows=tuple((*_row(name, decision), decision.where) for name, decision in fates),
    )


def _row(name: str, decision: Decision) -> tuple[str, ...]:
    sign, colour, words = FATES[decision.fate]
    mark = paint(sign, colour)
    why = str(decision.why[0]) if decision.why else ""
    more = len(decision.why) - 1
    runs = decision.fate in ("run", "may-run")
    if runs and decision.seconds is not None and decision.seconds >= 0.05:
        words += f", took {duration(decision.seconds)}"
    return (f"  {mark}", name, words, why + (f" (and {more} more)" if more > 0 else ""))


def _step_json(name: str, decision: Decision) -> dict[str, Any]:
    why = [{**asdict(reason), "text": str(reason)} for reason in decision.why]
    return {
        "name": name,
        "fate": decision.fate,
        "why": why,
        "home": decision.home,
        "where": decision.where,
        "waits": list(decision.waits),
        "seconds": decision.seconds,
    }
