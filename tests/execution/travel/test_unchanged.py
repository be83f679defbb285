"""What a kernel was given and did not change is what it was given."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Bench
from .table import Row, rows


def told(answer: Any) -> dict[tuple[str, ...], str]:
    """The units by their names: the digest, or why there is none."""
    return {tuple(u["names"]): u["live"] or u["digest"] for u in answer["units"]}


def cell(source: str) -> str:
    """The same, leaving no name behind."""
    body = source.replace("\n", "\n    ")
    return f"def _look():\n    {body}\n_look()\ndel _look"


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.name)
def test_a_value_that_was_only_looked_at_is_what_it_was(
    row: Row, maker: Bench, reader: Bench
) -> None:
    maker.observe([])
    maker.run(row.make)
    answer = maker.observe([], mark=row.name.replace(" ", "-"))
    made = told(answer)
    names = sorted(name for names in made for name in names)
    assert not {n: u for n, u in made.items() if " " in u}, "these can't travel"
    plainly = cell("\n".join(name for name in names if not name.startswith("@")))
    try:
        maker.run(plainly)
        assert told(maker.observe(names)) == made, "looked at again where it was made"
        reader.give(answer)
        reader.run(plainly)
        assert told(reader.observe(names)) == made, "loaded"
        reader.run(cell(row.looks))
        assert told(reader.observe(names)) == made, "loaded and used"
        maker.run(cell(row.looks))
        assert told(maker.observe(names)) == made, "used where it was made"
    finally:
        maker.drop(names)
        reader.drop(names)


def test_what_uses_the_generator_of_all_still_uses_it_elsewhere(
    maker: Bench, reader: Bench
) -> None:
    maker.observe([])
    maker.run(
        "from random import randint, choice\nfrom numpy.random import rand\n"
        "from scipy import stats\nnormal = stats.norm(0, 1)"
    )
    reader.give(maker.observe([]))
    draws = "[randint(0, 10**9), choice(range(10**9)), rand(), normal.rvs()]"
    seeded = "import random, numpy; random.seed(1); numpy.random.seed(1); drawn = "
    maker.run(seeded + draws)
    reader.run(seeded + draws)
    assert reader.value("list(map(float, drawn))") == maker.value("list(map(float, drawn))")
