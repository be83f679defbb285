"""How two runs differ, in words: parameters, metrics, steps with why, code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from mlops_lab.commands.answer import Table
from mlops_lab.commands.say import duration, value_text
from mlops_lab.records.diff import Change, RunDiff, StepChange

SHOWN = {"succeeded": "ran", "skipped": "not reached", None: "not there"}


def diff_parts(diff: RunDiff) -> Iterator[str | Table]:
    """The difference as a page; what is the same is only counted."""
    changed = [step for step in diff.steps if not step.same]
    same = len(diff.steps) - len(changed)
    needs = diff.needs.changes
    ended = diff.status[0] != diff.status[1]
    facts = (ended, diff.parameters, diff.metrics, needs, changed, diff.outside)
    yield f"{diff.a} {diff.status[0]} → {diff.b} {diff.status[1]}"
    if not any(facts) and not diff.unread:
        yield "nothing differs but the time"
    for title, changes in (("parameters", diff.parameters), ("metrics", diff.metrics)):
        if changes:
            yield Table(head=(title, "", ""), rows=tuple(_change(change) for change in changes))
    if needs:
        rows = tuple(_change(Change(what=need.what, a=need.a, b=need.b)) for need in needs)
        yield Table(head=(f"environment and data ({diff.needs.same} the same)", "", ""), rows=rows)
    if diff.needs.unlisted:
        yield f"{diff.needs.unlisted} files more were read; they are not compared"
    if changed:
        head = (f"steps ({same} the same)", "", "", "why")
        yield Table(head=head, rows=tuple(_step(step) for step in changed))
    for run in diff.unread:
        yield f"the output of {run} is gone, so their code can't be compared"
    for code in (diff.outside, *(step.code for step in changed)):
        if code:
            yield f"\n{code.text.rstrip()}"


def diff_json(diff: RunDiff) -> dict[str, Any]:
    """The difference as JSON's types."""
    return asdict(diff)


def _change(change: Change) -> tuple[str, ...]:
    a, b = (("–" if side is None else value_text(side)) for side in (change.a, change.b))
    return (f"  {change.what}", a, f"→ {b}")


def _step(step: StepChange) -> tuple[str, ...]:
    a, b = (
        _words(status, cached, seconds)
        for status, cached, seconds in zip(step.status, step.cached, step.seconds, strict=True)
    )
    return (f"  {step.name}", a, f"→ {b}", step.why[0] if step.why else "")


def _words(status: str | None, cached: bool | None, seconds: float | None) -> str:
    if cached and status == "succeeded":
        return "cached"
    word = SHOWN.get(status, status or "")
    return f"{word} {duration(seconds)}".strip() if status in {"succeeded", "failed"} else word
