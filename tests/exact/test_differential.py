"""A run gives what one kernel gives that runs the notebook from top to bottom."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from mlops_lab.records.run import Run

from .oracle import Seen, ask
from .ours import ours
from .rows import Row, rows
from .scattered import Scattered, workers_for

Wasted = Callable[[Run], None]

ROWS = rows()
SEEDS = range(int(os.environ.get("EXACT_SEEDS", "2")))
SLOW = ("learning", "pandas", "pyplot")  # their imports take longer than all else
HALVED = frozenset(row.name for i, row in enumerate(ROWS) if row.topic not in SLOW and i % 6 == 0)
SAMPLE = tuple(row for i, row in enumerate(ROWS) if row.topic not in SLOW and i % 25 == 7)


def _each(rows: tuple[Row, ...]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("row", rows, ids=[row.name for row in rows])


def test_the_rows_are_many_and_their_names_differ() -> None:
    assert len(ROWS) >= 300
    assert len({row.name for row in ROWS}) == len(ROWS)


@_each(ROWS)
def test_a_run_equals_the_notebook_scattered_and_then_half_cached(
    row: Row,
    oracle: Callable[[Row], Seen],
    tmp_path_factory: pytest.TempPathFactory,
    wasted: Wasted,
) -> None:
    folder = tmp_path_factory.mktemp("b") / row.name
    expected = oracle(row)
    workers = workers_for(row.name, most=2 if row.topic in SLOW else 4)
    scattered, run = ours(row, folder, workers=workers, tactics=Scattered(row.name))
    wasted(run)
    assert scattered == expected
    if row.name not in HALVED:
        return
    forced = _half([step.name for step in run.steps], row.name)
    half, again = ours(row, folder, refresh=forced)
    assert half == expected
    assert not {step.name for step in again.steps if step.cached} & set(forced)


@pytest.mark.ray
@_each(SAMPLE)
def test_a_run_scattered_over_a_cluster_equals_the_notebook(
    row: Row, oracle: Callable[[Row], Seen], tmp_path: Path
) -> None:
    scattered, _ = ours(
        row, tmp_path / row.name, workers=3, tactics=Scattered(row.name), executor="ray"
    )
    assert scattered == oracle(row)


@pytest.mark.exact
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("workers", [1, 2, 4])
@_each(ROWS)
def test_a_run_equals_the_notebook_wherever_its_steps_run(
    row: Row,
    workers: int,
    seed: int,
    oracle: Callable[[Row], Seen],
    tmp_path: Path,
    wasted: Wasted,
) -> None:
    if workers == 1 and seed:
        pytest.skip("one worker has nothing to scatter")
    tactics = Scattered(f"{row.name} {seed}")
    scattered, run = ours(row, tmp_path / row.name, workers=workers, tactics=tactics)
    wasted(run)
    assert scattered == oracle(row)


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
