"""A run of a notebook made by chance gives what its cells give one after the other."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from .oracle import ask
from .ours import ours
from .plainly import plainly, told
from .rows import Row
from .scattered import Scattered
from .strategies import notebooks

slow = {"deadline": None, "suppress_health_check": list(HealthCheck)}


def _check(row: Row, data: st.DataObject, folders: pytest.TempPathFactory) -> None:
    expected = plainly(row)
    folder = folders.mktemp("chance")
    cold, run = ours(row, folder)
    assert told(cold) == expected
    steps = [step.name for step in run.steps]
    forced = tuple(name for name in steps[:-1] if data.draw(st.booleans(), f"run {name}"))
    half, _ = ours(row, folder, refresh=(*forced, steps[-1]))
    assert told(half) == expected


@settings(max_examples=16, derandomize=True, **slow)
@given(row=notebooks(), data=st.data())
def test_a_run_equals_the_cells_one_by_one(
    row: Row, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    _check(row, data, tmp_path_factory)


def _scatter(number: int, examples: int, folders: pytest.TempPathFactory) -> None:
    @seed(number)
    @settings(max_examples=examples, database=None, phases=[Phase.generate], **slow)
    @given(row=notebooks(delays=True), chance=st.integers(0, 2**32))
    def check(row: Row, chance: int) -> None:
        seen, _ = ours(row, folders.mktemp("chance"), workers=4, tactics=Scattered(f"{chance}"))
        assert told(seen) == plainly(row)

    check()


@pytest.mark.parametrize("number", range(4))
def test_a_run_on_four_workers_equals_the_cells_one_by_one(
    number: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    _scatter(number, 12, tmp_path_factory)


@pytest.mark.exact
@pytest.mark.parametrize("number", range(100, 150))
def test_a_run_on_four_workers_equals_the_cells_one_by_one_a_thousand_times(
    number: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    _scatter(number, 50, tmp_path_factory)


@pytest.mark.exact
@settings(max_examples=2000, **slow)
@given(row=notebooks(), data=st.data())
def test_a_run_equals_the_cells_one_by_one_a_thousand_times(
    row: Row, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    _check(row, data, tmp_path_factory)


@pytest.mark.exact
@settings(max_examples=40, **slow)
@given(row=notebooks())
def test_a_kernel_gives_what_plain_execution_gives(
    row: Row, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The cheaper oracle says what the dear one says."""
    assert told(ask(row, tmp_path_factory.mktemp("chance") / "a")) == plainly(row)
