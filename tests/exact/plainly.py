"""A cheaper oracle, for notebooks without magics, displays and files: cells by plain `exec`."""

from __future__ import annotations

import contextlib
import io
import re
from dataclasses import dataclass
from typing import Any

from .fingerprint import fingerprint
from .oracle import Seen
from .rows import Row


@dataclass(frozen=True, slots=True)
class Told:
    """What each cell printed and which error ended it, and the final variables."""

    cells: tuple[tuple[str, str], ...]
    variables: tuple[str, ...]


def plainly(row: Row) -> Told:
    """What the row's cells give, one after the other, in one namespace."""
    ns: dict[str, Any] = {"__name__": "__main__"}
    told = []
    for cell in row.cells:
        printed, error = io.StringIO(), ""
        with contextlib.redirect_stdout(printed):
            try:
                exec(compile(cell.source, "<cell>", "exec"), ns)
            except Exception as e:  # noqa: BLE001 - a cell may raise anything
                error = f"{type(e).__name__}: {e}"
        told.append((_addressless(printed.getvalue()), _addressless(error)))
    return Told(tuple(told), _names(fingerprint(ns).splitlines()))


def told(seen: Seen) -> Told:
    """The same of what a run showed."""
    return Told(
        tuple(
            (
                "".join(o["text"] for o in cell["outputs"] if o.get("name") == "stdout"),
                "".join(
                    _addressless(f"{o['ename']}: {o['evalue']}")
                    for o in cell["outputs"]
                    if o["output_type"] == "error"
                ),
            )
            for cell in seen.cells
        ),
        _names(seen.variables),
    )


def _names(lines: list[str]) -> tuple[str, ...]:
    return tuple(_addressless(line) for line in lines if not line.startswith("(settings)"))


def _addressless(text: str) -> str:
    return re.sub(r"0x[0-9a-f…]+", "0x…", text)
