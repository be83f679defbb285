"""How one run differs from another."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mlops_lab.records.needsdiff import NeedsDiff
from mlops_lab.records.run import Run
from mlops_lab.records.step import StepRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that differs between two runs; None on the side where it isn't."""

    what: str
    a: Any
    b: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class StepChange:
    """A step in both runs; None on the side where it isn't.

    `why` is what made it run in `b`; `code` is a unified diff of its cells, empty where equal.
    """

    name: str
    status: tuple[str | None, str | None]
    cached: tuple[bool | None, bool | None]
    seconds: tuple[float | None, float | None]
    error: tuple[str | None, str | None] = (None, None)
    why: tuple[str, ...] = ()
    code: str = ""

    @property
    def same(self) -> bool:
        """Whether the step went the same way, whatever time it took."""
        pairs = (self.status, self.cached, self.error)
        return not self.code and all(a == b for a, b in pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDiff:
    """How run `b` differs from run `a`; `steps` holds all of them, the same ones too."""

    a: str
    b: str
    status: tuple[str, str]
    parameters: tuple[Change, ...] = ()
    metrics: tuple[Change, ...] = ()
    steps: tuple[StepChange, ...] = ()
    needs: NeedsDiff = field(default_factory=NeedsDiff)


def compare(
    one: Run,
    two: Run,
    code_one: Mapping[str, str],
    code_two: Mapping[str, str],
    needs: NeedsDiff | None = None,
) -> RunDiff:
    """How run `two` differs from run `one`, given the code of each one's steps and their needs."""
    before = {step.name: step for step in one.steps}
    after = {step.name: step for step in two.steps}
    return RunDiff(
        a=one.run_id,
        b=two.run_id,
        status=(one.status, two.status),
        parameters=tuple(_changes(one.params, two.params)),
        metrics=tuple(_changes(one.metrics, two.metrics)),
        steps=tuple(
            _step_change(
                name,
                before.get(name),
                after.get(name),
                _code_diff(name, code_one.get(name, ""), code_two.get(name, "")),
            )
            for name in dict.fromkeys([*before, *after])
        ),
        needs=needs or NeedsDiff(),
    )


def code_by_step(notebook: Mapping[str, Any]) -> dict[str, str]:
    """The code of each step of an output notebook, in the notebook's order.

    A cell's `metadata.mlops.step` names its step; where no cell has one, the tags do.
    """
    cells = [cell for cell in notebook.get("cells", ()) if cell.get("cell_type") == "code"]
    named = [cell.get("metadata", {}).get("mlops", {}).get("step") for cell in cells]
    if not any(named):
        named = list(_by_tags(cells))
    codes: dict[str, list[str]] = {}
    for cell, name in zip(cells, named, strict=True):
        if name:
            source = cell.get("source", "")
            text = source if isinstance(source, str) else "".join(source)
            codes.setdefault(name, []).append(text)
    return {name: "\n\n".join(sources) for name, sources in codes.items()}


def _by_tags(cells: list[dict[str, Any]]) -> Iterator[str]:
    current = "notebook"
    for cell in cells:
        for tag in cell.get("metadata", {}).get("tags", ()):
            kind, _, name = tag.partition(":")
            if kind in {"step", "block"} and name:
                current = name
        yield current


def _changes(one: Mapping[str, Any], two: Mapping[str, Any]) -> Iterator[Change]:
    for what in dict.fromkeys([*one, *two]):
        a, b = one.get(what), two.get(what)
        # `nan` differs from itself, and means the same.
        if a != b and repr(a) != repr(b):
            yield Change(what=what, a=a, b=b)


def _step_change(
    name: str, one: StepRecord | None, two: StepRecord | None, code: str
) -> StepChange:
    return StepChange(
        name=name,
        status=(one.status if one else None, two.status if two else None),
        cached=(one.cached if one else None, two.cached if two else None),
        seconds=(one.seconds if one else None, two.seconds if two else None),
        error=(one.error if one else None, two.error if two else None),
        why=two.why if two else (),
        code=code,
    )


def _code_diff(name: str, one: str, two: str) -> str:
    lines = difflib.unified_diff(
        one.splitlines(), two.splitlines(), f"a/{name}", f"b/{name}", lineterm=""
    )
    return "\n".join(lines)
