"""How one run differs from another."""

from __future__ import annotations

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


Part = tuple[int, int]
"""Where a part of a text begins and ends, in units of UTF-16 as JavaScript counts them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellChange:
    """The code of a cell in both runs; None on the side where the cell isn't.

    `gone` are the parts of `a` that `b` lacks, `come` those of `b` that `a` lacks; in both cases
    as if a newline ended the text.
    """

    a: str | None = None
    b: str | None = None
    gone: tuple[Part, ...] = ()
    come: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeChange:
    """How some code differs: the cells that do, and a unified diff where there is only text."""

    cells: tuple[CellChange, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepChange:
    """A step in both runs; None on the side where it isn't, and for code that is the same.

    `why` is what made it run in `b`.
    """

    name: str
    status: tuple[str | None, str | None]
    cached: tuple[bool | None, bool | None]
    seconds: tuple[float | None, float | None]
    error: tuple[str | None, str | None] = (None, None)
    why: tuple[str, ...] = ()
    code: CodeChange | None = None

    @property
    def same(self) -> bool:
        """Whether the step went the same way, whatever time it took."""
        pairs = (self.status, self.cached, self.error)
        return not self.code and all(a == b for a, b in pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDiff:
    """How run `b` differs from run `a`; `steps` holds all of them, the same ones too.

    `outside` is the code that belongs to no step: parameters, imports, functions. `unread` names
    the runs whose output notebook is gone; the code is then compared with nothing.
    """

    a: str
    b: str
    status: tuple[str, str]
    parameters: tuple[Change, ...] = ()
    metrics: tuple[Change, ...] = ()
    steps: tuple[StepChange, ...] = ()
    needs: NeedsDiff = field(default_factory=NeedsDiff)
    outside: CodeChange | None = None
    unread: tuple[str, ...] = ()


def compare(
    one: Run,
    two: Run,
    code: Mapping[str, CodeChange],
    needs: NeedsDiff | None = None,
    unread: tuple[str, ...] = (),
) -> RunDiff:
    """How run `two` differs from run `one`, given what differs of their needs and steps' code.

    Under "" stands the code that belongs to no step.
    """
    before = {step.name: step for step in one.steps}
    after = {step.name: step for step in two.steps}
    return RunDiff(
        a=one.run_id,
        b=two.run_id,
        status=(one.status, two.status),
        parameters=tuple(_changes(one.params, two.params)),
        metrics=tuple(_changes(one.metrics, two.metrics)),
        steps=tuple(
            _step_change(name, before.get(name), after.get(name), code.get(name))
            for name in dict.fromkeys([*before, *after])
        ),
        needs=needs or NeedsDiff(),
        outside=code.get(""),
        unread=unread,
    )


def _changes(one: Mapping[str, Any], two: Mapping[str, Any]) -> Iterator[Change]:
    for what in dict.fromkeys([*one, *two]):
        a, b = one.get(what), two.get(what)
        # `nan` differs from itself, and means the same.
        if a != b and repr(a) != repr(b):
            yield Change(what=what, a=a, b=b)


def _step_change(
    name: str, one: StepRecord | None, two: StepRecord | None, code: CodeChange | None
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
