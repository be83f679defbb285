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
every_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)


def test_the_rows_are_many_and_their_names_differ() -> None:
    assert len(ROWS) >= 200
    assert len({row.name for row in ROWS}) == len(ROWS)


@every_row
def test_a_run_equals_the_notebook_cold_and_half_cached(
    row: Row, oracle: Callable[[Row], Seen], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("b") / row.name
    expected = oracle(row)
    cold, run = ours(row, folder)
    assert cold == expected
    forced = _half([step.name for step in run.steps], row.name)
    half, again = ours(row, folder, refresh=forced)
    assert half == expected
    assert not [step.name for step in again.steps if step.cached and step.name in forced]


def _half(steps: list[str], seed: str) -> tuple[str, ...]:
    """A random half of the steps; the last one, which tells what the names hold, always."""
    random = Random(seed)
    return (*(name for name in steps[:-1] if random.random() < 0.5), steps[-1])


@pytest.mark.exact
@every_row
def test_two_kernels_agree(
    row: Row, oracle: Callable[[Row], Seen], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each row is fit to judge by: what it shows depends on nothing but itself."""
    assert ask(row, tmp_path / row.name) == oracle(row)
