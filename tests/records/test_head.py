"""A run in one line."""

from __future__ import annotations

import pytest

from mlops_lab.records.head import head
from mlops_lab.records.run import Run
from mlops_lab.records.step import StepRecord


@pytest.mark.parametrize(
    ("steps", "where"),
    [
        ((), (None, None)),
        ((("load", "succeeded", False), ("fit", "waiting", False)), (None, None)),
        ((("load", "running", False), ("fit", "running", True)), ("load", 1)),
        ((("load", "succeeded", False), ("fit", "running", True)), ("fit", 2)),
        ((("load", "running", True), ("fit", "failed", False)), ("fit", 2)),
    ],
)
def test_it_says_where_the_run_is_home_before_scouts_and_what_failed_before_all(
    steps: tuple[tuple[str, str, bool], ...], where: tuple[str | None, int | None]
) -> None:
    records = tuple(
        StepRecord(name=name, status=status, early=early, cell=number)
        for number, (name, status, early) in enumerate(steps, start=1)
    )
    found = head(Run(run_id="a", notebook="a/b.ipynb", steps=records))
    assert (found.step, found.cell, found.name, found.steps) == (*where, "b", len(steps))


def test_cached_steps_are_done_too() -> None:
    steps = (
        StepRecord(name="a", status="succeeded", cached=True),
        StepRecord(name="b", status="succeeded"),
        StepRecord(name="c", status="ready"),
    )
    found = head(Run(run_id="a", steps=steps))
    assert (found.done, found.cached, found.steps) == (2, 1, 3)
