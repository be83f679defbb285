"""A run gives what one kernel gives that runs the notebook from top to bottom."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from .oracle import Seen, ask
from .ours import ours
from .rows import Row, rows

ROWS = rows()
SLOW = ("learning", "pandas", "pyplot")  # their imports take longer than all else
EVERYDAY = tuple(row for i, row in enumerate(ROWS) if row.topic not in SLOW or i % 2)


def _each(rows: tuple[Row, ...]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("row", rows, ids=[row.name for row in rows])


def test_the_rows_are_many_and_their_names_differ() -> None:
    assert len(EVERYDAY) >= 200
    assert len({row.name for row in ROWS}) == len(ROWS)


@_each(EVERYDAY)
def test_a_run_equals_the_notebook_cold_and_half_cached(
    row: Row, oracle: Callable[[Row], Seen], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("b") / row.name
    expected = oracle(row)
    cold, run = ours(row, folder)
    assert cold == expected
    steps = [step.name for step in run.steps]
    half, again = ours(row, folder, refresh=_half(steps, row.name))
    assert half == expected
    assert not {step.name for step in again.steps if step.cached} & set(_half(steps, row.name))


@pytest.mark.exact
@_each(ROWS)
def test_a_run_equals_the_notebook_whichever_steps_are_cached(
    row: Row, oracle: Callable[[Row], Seen], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("b") / row.name
    expected = oracle(row)
    cold, run = ours(row, folder)
    assert cold == expected
    steps = [step.name for step in run.steps]
    for forced in (steps[-1:], _half(steps, row.name), _half(steps, row.name + " again")):
        partly, _ = ours(row, folder, refresh=tuple(forced))
        assert partly == expected, f"these ran: {forced}"


@pytest.mark.exact
@_each(ROWS)
def test_two_kernels_agree(row: Row, oracle: Callable[[Row], Seen], tmp_path: Path) -> None:
    """Each row is fit to judge by: what it shows depends on nothing but itself."""
    assert ask(row, tmp_path / row.name) == oracle(row)


def _half(steps: list[str], seed: str) -> tuple[str, ...]:
    """A random half of the steps; the last one, which tells what the names hold, always."""
    random = Random(seed)
    return (*(name for name in steps[:-1] if random.random() < 0.5), steps[-1])
