"""Values that travel: how each is made, and ways to look at it that change nothing one can see."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A cell that makes values, and one that only looks at them."""

    name: str
    make: str
    looks: str


def rows() -> list[Row]:
    """The rows of values.cells: `== name`, a cell, `-- looks`, another cell."""
    text = Path(__file__).with_name("values.cells").read_text(encoding="utf-8")
    return [_row(part) for part in text.removeprefix("== ").split("\n== ")]


def _row(part: str) -> Row:
    name, _, body = part.partition("\n")
    make, _, looks = body.partition("\n-- looks\n")
    return Row(name=name, make=make.strip(), looks=looks.strip())
