"""What is wrong with a notebook, and the way out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """The tag of a cell that is to be another; where `new` is empty it is to go."""

    cell: int
    old: str
    new: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A mistake, or a likely one, at one place of a notebook.

    `cell` counts all cells from 1; `line` counts the cell's lines from 1. A `warning` does not
    stop a run. `fix` is what mends it, where that can be told and does no harm.
    """

    message: str
    way_out: str = ""
    cell: int | None = None
    line: int | None = None
    step: str | None = None
    warning: bool = False
    fix: Fix | None = None

    def __str__(self) -> str:
        place = [f"cell {self.cell}"] if self.cell is not None else []
        place += [f"line {self.line}"] if self.line is not None else []
        place += [f"step '{self.step}'"] if self.step else []
        where = f"{', '.join(place)}: " if place else ""
        kind = "warning: " if self.warning else ""
        return f"{where}{kind}{self.message}" + (f". {self.way_out}" if self.way_out else "")


def problem(said: Mapping[str, Any]) -> Problem:
    """The problem that JSON's types say."""
    fix = said.get("fix")
    return Problem(**{**said, "fix": Fix(**fix) if fix else None})
