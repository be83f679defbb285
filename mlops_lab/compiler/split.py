"""Which cells belong together: by tags, by sections, or each on its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlops_lab.compiler.marked import Marked, headings
from mlops_lab.ir.options import Split
from mlops_lab.ir.problem import Problem
from mlops_lab.ir.step import Role

PREAMBLE = "preamble"
METRICS = "pipeline-metrics"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Neighbouring cells that become one segment."""

    name: str
    role: Role
    cells: tuple[Marked, ...]

    @property
    def metrics(self) -> bool:
        """Whether the numbers that the cells show become metrics."""
        return any(cell.marks.kind == "metrics" for cell in self.cells)


Place = tuple[str, Role]


def chosen(cells: Sequence[Marked], split: Split | None) -> Split:
    """The split that was asked for, else tags where a cell names a step, else cells."""
    if split is not None:
        return split
    return "tags" if any(cell.marks.kind == "step" for cell in cells) else "cells"


def groups(nb: Mapping[str, Any], cells: Sequence[Marked], split: Split) -> list[Group]:
    """The cells in notebook order, those of one step that are neighbours together.

    Empty cells are left out, but for one that names its step.
    """
    match split:
        case "tags":
            places = _by_tags(cells)
        case "sections":
            places = _by_sections(nb, cells)
        case "cells":
            places = _by_cells(cells)
    joined: list[tuple[Place, list[Marked]]] = []
    for cell, place in zip(cells, places, strict=True):
        names_step = split == "tags" and cell.marks.kind == "step"
        if not cell.cell.source.strip() and not names_step:
            continue
        if joined and joined[-1][0] == place:
            joined[-1][1].append(cell)
        else:
            joined.append((place, [cell]))
    return [Group(name=name, role=role, cells=tuple(own)) for (name, role), own in joined]


def _special(cell: Marked) -> Place | None:
    """Where a cell belongs that no split moves."""
    match cell.marks.kind:
        case "parameters":
            return "parameters", "parameters"
        case "setup":
            return cell.marks.label, "setup"
        case "metrics":
            return METRICS, "step"
    return None


def _by_tags(cells: Sequence[Marked]) -> list[Place]:
    """As in Kale, an untagged cell joins the tagged cell above.

    The cell that papermill injects joins the parameters, and what stands below it joins what
    it would have joined without it.
    """
    places: list[Place] = []
    last: Place = (PREAMBLE, "step")
    for cell in cells:
        place = _special(cell)
        if place is None and cell.marks.step is not None:
            place = (cell.marks.step, "step")
        places.append(place or last)
        if place is not None and cell.marks.label != "injected-parameters":
            last = place
    return places


def _by_sections(nb: Mapping[str, Any], cells: Sequence[Marked]) -> list[Place]:
    starts = list(headings(nb))
    slugs = unique((title for _, title in starts), taken={PREAMBLE, METRICS})
    named = list(zip((index for index, _ in starts), slugs, strict=True))
    places: list[Place] = []
    section, following = PREAMBLE, 0
    for cell in cells:
        while following < len(named) and named[following][0] < cell.cell.index:
            section = named[following][1]
            following += 1
        places.append(_special(cell) or (section, "step"))
    return places


def _by_cells(cells: Sequence[Marked]) -> list[Place]:
    """Names count all cells from 1, but not papermill's own, so that parameters change no name."""
    places: list[Place] = []
    injected = 0
    for cell in cells:
        injected += cell.marks.label == "injected-parameters" and not cell.cell.shift
        special = _special(cell)
        name = f"cell-{cell.cell.number - injected}"
        places.append(special if special and special[1] != "step" else (name, "step"))
    return places


def unique(titles: Iterable[str], *, taken: set[str]) -> list[str]:
    """The titles as names of steps, no two of them alike; `taken` grows by them."""
    slugs: list[str] = []
    for title in titles:
        text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)|<[^>]+>", r"\1", title).lower()
        slug = re.sub(r"[^\w]+", "-", text).strip("-_")[:60].strip("-_") or "section"
        name, number = slug, 1
        while name in taken:
            number += 1
            name = f"{slug}-{number}"
        taken.add(name)
        slugs.append(name)
    return slugs


def misplaced(cells: Sequence[Marked], split: Split) -> list[Problem]:
    """Facts about a step on cells that belong to none, as Kale refuses them."""
    if split != "tags":
        return []
    problems = []
    for cell, (name, role) in zip(cells, _by_tags(cells), strict=True):
        marks = cell.marks
        said = marks.only_kale or (marks.facts.after if marks.kind == "untagged" else ())
        if marks.kind != "untagged" or not said:
            continue
        joins = f"it joins step '{name}' above" if role == "step" else f"it joins the {name} above"
        problems.append(
            Problem(
                message=f"tag '{said[0]}' stands on a cell that names no step ({joins})"
                if marks.only_kale
                else f"'after:{said[0]}' stands on a cell that names no step ({joins})",
                way_out="Name the cell's step, as in 'step:train'",
                cell=cell.cell.number,
            )
        )
    return problems
