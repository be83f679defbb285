"""Steps that read what only a skipped cell makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlops_lab.compiler.flow import Flow
from mlops_lab.compiler.marked import skipped
from mlops_lab.compiler.split import Group
from mlops_lab.ir.problem import Fix, Problem
from mlops_lab.notebook.names import names


def left_behind(
    nb: Mapping[str, Any],
    parts: Sequence[Group],
    seen: Flow,
    *,
    newer: bool,
    added: int | None = None,
) -> list[Problem]:
    """A warning for each name that a step reads and only a skipped cell above it makes."""
    makers = [(cell, names([cell], newer=newer)[0].writes) for cell in skipped(nb, added)]
    problems = []
    for part, unknown in zip(parts, seen.unknown, strict=True):
        reader = part.cells[0].cell
        for name in sorted(unknown):
            above = (cell for cell, made in makers if name in made and cell.index < reader.index)
            maker = max(above, key=lambda cell: cell.index, default=None)
            if maker is not None:
                message = f"'{name}' is made in cell {maker.number}, which is tagged 'skip'"
                problems.append(
                    Problem(
                        message=f"{message}. A pipeline run won't have it",
                        way_out=f"Remove the tag from cell {maker.number}",
                        cell=_first_use(part, name, newer=newer),
                        step=part.name if part.role == "step" else None,
                        warning=True,
                        fix=Fix(cell=maker.number, old="skip"),
                    )
                )
    return problems


def _first_use(part: Group, name: str, *, newer: bool) -> int:
    """The cell of a group that reads the name first, counted from 1."""
    users = (one.cell for one in part.cells if name in names([one.cell], newer=newer)[0].reads)
    return next(users, part.cells[0].cell).number
