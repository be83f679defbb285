"""How the code of two runs differs, step by step."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mlops_lab.backends.diffs.nbdime import Patience, cell_changes
from mlops_lab.ir.step import Cell
from mlops_lab.records.diff import CodeChange
from mlops_lab.records.run import Run
from mlops_lab.services.shape import as_it_ran

Code = Mapping[str, Sequence[Cell]]


def code(run: Run, notebook: Mapping[str, Any]) -> Code:
    """The cells of each step of a run, given its output notebook; under "" those of no step."""
    found: dict[str, list[Cell]] = {}
    for segment in as_it_ran(run, notebook).segments:
        name = segment.name if segment.role == "step" else ""
        # Where a line said which step it is, the compiler left an empty one.
        own = [replace(cell, source=cell.source.strip("\n")) for cell in segment.cells]
        found.setdefault(name, []).extend(own)
    return found


def code_changes(one: Code, two: Code) -> dict[str, CodeChange]:
    """The steps whose code differs; how cells are cut makes no difference."""
    found = {}
    patience = Patience()
    for name in dict.fromkeys([*one, *two]):
        a, b = one.get(name, ()), two.get(name, ())
        if text := _text(name, a, b):
            found[name] = CodeChange(cells=cell_changes(a, b, patience), text=text)
    return found


def _text(name: str, one: Sequence[Cell], two: Sequence[Cell]) -> str:
    a, b = ("\n\n".join(cell.source for cell in cells).splitlines() for cells in (one, two))
    title = name or "no step"
    return "\n".join(difflib.unified_diff(a, b, f"a/{title}", f"b/{title}", lineterm=""))
