"""A split of an untagged notebook into steps, proposed from its headings and its data flow."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlops_lab.compiler.kindred import Stage, is_functions, is_imports, is_parameters, stage
from mlops_lab.compiler.language import language
from mlops_lab.compiler.marked import headings, marked
from mlops_lab.compiler.split import METRICS, PREAMBLE, unique
from mlops_lab.ir.step import Cell
from mlops_lab.notebook.names import Names, names

_APART = frozenset({"load", "train"})  # what often has no need of its neighbour


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggested:
    """Cells, counted from 1, and the tag that would make them what they seem to be.

    `name` is the step's; empty for cells that belong to none.
    """

    name: str
    tag: str
    cells: tuple[int, ...]


@dataclass(slots=True, kw_only=True)
class _Draft:
    """A step that is being put together."""

    heading: str | None
    cells: list[Cell]
    writes: set[str]
    stage: Stage | None
    main: str


def suggest(nb: Mapping[str, Any]) -> tuple[Suggested, ...]:
    """The steps that a notebook seems to have, and its imports, functions and parameters.

    Cells that say already what they are stay as they are, and so does a notebook in another
    language than Python.
    """
    spoken = language(nb)
    if not spoken.python:
        return ()
    cells = [one for one in marked(nb)[0] if one.cell.source.strip()]
    free = [one.cell for one in cells if one.marks.kind == "untagged"]
    known = {cell.index: names([cell], newer=spoken.newer)[0] for cell in free}
    titles = _titles(nb)
    special = _special(free, parameters=all(one.marks.kind != "parameters" for one in cells))
    drafts: list[_Draft] = []
    found: list[Suggested | _Draft] = []
    for one in cells:
        cell = one.cell
        if one.marks.kind != "untagged" or cell.index in special:
            drafts = []  # a step does not reach over what belongs to none
            if cell.index in special:
                _add(found, special[cell.index], cell)
            continue
        own = known[cell.index]
        below = [known[other.index] for other in free if other.index > cell.index]
        heading = titles[cell.index]
        if drafts and _belongs(drafts, own, below, stage(cell.source), heading):
            _join(drafts[-1], cell, own, below)
        else:
            draft = _begin(cell, own, below, heading)
            drafts.append(draft)
            found.append(draft)
    taken = {PREAMBLE, METRICS, *(one.marks.step or "" for one in cells)}
    return tuple(_told(found, taken))


def _titles(nb: Mapping[str, Any]) -> list[str | None]:
    """The heading above each cell; none of them where one stands over all, as a title does."""
    found = dict(headings(nb))
    code = [index for index, cell in enumerate(nb["cells"]) if cell["cell_type"] == "code"]
    first = min(code, default=0)
    title = max((index for index in found if index < first), default=None)
    if len(found) < 2:
        found = {}
    titles: list[str | None] = []
    current: str | None = None
    for index in range(len(nb["cells"])):
        current = found.get(index, current)
        titles.append(current)
    # What follows the title at once belongs to no section of its own.
    below = [index for index in found if title is not None and index > title]
    if title is not None and below and min(below) > first and _alone(nb, title, min(below)):
        titles[title : min(below)] = [None] * (min(below) - title)
    return titles


def _alone(nb: Mapping[str, Any], title: int, end: int) -> bool:
    """Whether only imports and parameters stand under the title."""
    cells = [cell for cell in nb["cells"][title:end] if cell["cell_type"] == "code"]
    text = ["".join(cell["source"]) for cell in cells]
    return all(is_imports(source) or is_parameters(source) for source in text if source.strip())


def _special(cells: Sequence[Cell], *, parameters: bool) -> dict[int, str]:
    """The cells that belong to no step, and what they are."""
    found: dict[int, str] = {}
    above = True
    for cell in cells:
        if is_imports(cell.source):
            found[cell.index] = "imports"
        elif is_functions(cell.source):
            found[cell.index] = "functions"
        elif above and parameters and is_parameters(cell.source):
            found[cell.index] = "parameters"
            parameters = False
        else:
            above = False
    return found


def _add(found: list[Suggested | _Draft], tag: str, cell: Cell) -> None:
    last = found[-1] if found else None
    if isinstance(last, Suggested) and last.tag == tag:
        found[-1] = Suggested(name="", tag=tag, cells=(*last.cells, cell.number))
    else:
        found.append(Suggested(name="", tag=tag, cells=(cell.number,)))


def _belongs(
    drafts: Sequence[_Draft],
    own: Names,
    below: Sequence[Names],
    what: Stage | None,
    heading: str | None,
) -> bool:
    """Whether a cell goes on with the step above it."""
    draft = drafts[-1]
    if heading != draft.heading:
        return False
    reads = bool(own.needs & draft.writes)
    if what in (None, "report") and not own.changes and not _read_below(own, below):
        return reads or what is None  # a look at what was made, or its picture
    if heading is not None:
        # Under one heading only what could run side by side is taken apart.
        return reads or what not in _APART or what != draft.stage
    if what is None:
        others = {name for other in drafts[:-1] for name in other.writes} - draft.writes
        return reads and not own.needs & others
    return reads and draft.stage == what


def _begin(cell: Cell, own: Names, below: Sequence[Names], heading: str | None) -> _Draft:
    return _Draft(
        heading=heading,
        cells=[cell],
        writes=set(own.writes | own.changes),
        stage=stage(cell.source),
        main=_main(own, below),
    )


def _join(draft: _Draft, cell: Cell, own: Names, below: Sequence[Names]) -> None:
    draft.cells.append(cell)
    draft.writes |= own.writes | own.changes
    draft.stage = draft.stage or stage(cell.source)
    if not draft.main or _read_below(own, below):
        draft.main = _main(own, below) or draft.main


def _read_below(own: Names, below: Sequence[Names]) -> bool:
    return any(own.writes & other.needs for other in below)


def _main(own: Names, below: Sequence[Names]) -> str:
    """The name among those that a cell makes that is read most below it."""
    made = sorted(own.writes - own.imports, key=lambda name: (name.startswith("_"), name))
    read = {name: sum(name in other.needs for other in below) for name in made}
    return max(made, key=lambda name: read[name], default="")


def _told(found: Sequence[Suggested | _Draft], taken: set[str]) -> list[Suggested]:
    drafts = [one for one in found if isinstance(one, _Draft)]
    several = {one.heading for one in drafts if sum(d.heading == one.heading for d in drafts) > 1}
    titles = [_title(one, apart=one.heading in several) for one in drafts]
    named = iter(unique(titles, taken=taken))
    return [one if isinstance(one, Suggested) else _step(one, next(named)) for one in found]


def _step(draft: _Draft, title: str) -> Suggested:
    name = title.replace("-", "_")  # a name that Kale takes too
    cells = tuple(cell.number for cell in draft.cells)
    return Suggested(name=name, tag=f"step:{name}", cells=cells)


def _title(draft: _Draft, *, apart: bool) -> str:
    if draft.heading is not None:
        heading = re.sub(r"^[\d.)\s]+", "", draft.heading) or draft.heading
        return f"{heading} {draft.main}".strip() if apart else heading
    main = draft.main
    if draft.stage is None:
        return main or "step"
    return main if main.startswith(draft.stage) else f"{draft.stage} {main}".strip()
