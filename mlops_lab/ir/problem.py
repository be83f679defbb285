"""What is wrong with a notebook, and the way out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A mistake, or a likely one, at one place of a notebook.

    `cell` counts all cells from 1; `line` counts the cell's lines from 1. A `warning` does not
    stop a run.
    """

    message: str
    way_out: str = ""
    cell: int | None = None
    line: int | None = None
    step: str | None = None
    warning: bool = False

    def __str__(self) -> str:
        place = [f"cell {self.cell}"] if self.cell is not None else []
        place += [f"line {self.line}"] if self.line is not None else []
        place += [f"step '{self.step}'"] if self.step else []
        where = f"{', '.join(place)}: " if place else ""
        kind = "warning: " if self.warning else ""
        return f"{where}{kind}{self.message}" + (f". {self.way_out}" if self.way_out else "")
