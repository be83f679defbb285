"""The notebook's code cells, with what their tags say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mlops_lab.ir.problem import Problem
from mlops_lab.ir.step import Cell
from mlops_lab.notebook.facts import Facts
from mlops_lab.notebook.stepline import step_line
from mlops_lab.notebook.tags import Marks, Tag, read_tags, tagged


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A code cell and what its tags say."""

    cell: Cell
    marks: Marks


def marked(nb: Mapping[str, Any], added: int | None = None) -> tuple[list[Marked], list[Problem]]:
    """The code cells, those tagged `skip` left out, and every mistake in their tags.

    `added` is the index of a cell that the user's own notebook hasn't.
    """
    found = []
    problems: list[Problem] = []
    for index, cell in enumerate(nb["cells"]):
        if cell["cell_type"] != "code":
            continue
        said = _tags(cell)
        shift = added is not None and index >= added
        source = _text(cell["source"])
        number = max(1, index + 1 - shift)
        tags, source, mistakes = step_line(source, cell=number)
        marks = read_tags([*tags, *said], cell=number)
        problems += [*mistakes, *marks.problems]
        if marks.kind != "skip":
            words = tuple(tag.text for tag in (*tags, *said))
            name = str(cell.get("id", ""))
            code = Cell(index=index, source=source, id=name, tags=words, shift=shift)
            found.append(Marked(cell=code, marks=marks))
    return found, problems


def skipped(nb: Mapping[str, Any], added: int | None = None) -> Iterator[Cell]:
    """The code cells that are tagged `skip`; `added` as above."""
    for index, cell in enumerate(nb["cells"]):
        if cell["cell_type"] == "code":
            tags, source, _ = step_line(_text(cell["source"]))
            if read_tags([*tags, *_tags(cell)]).kind == "skip":
                shift = added is not None and index >= added
                yield Cell(index=index, source=source, id=str(cell.get("id", "")), shift=shift)


def defaults(nb: Mapping[str, Any]) -> tuple[Facts, list[Problem]]:
    """What Kale's `steps_defaults` say of all steps."""
    said = kale(nb).get("steps_defaults")
    marks = read_tags(tagged(said if isinstance(said, list) else []))
    return marks.facts, list(marks.problems)


def kale(nb: Mapping[str, Any]) -> Mapping[str, Any]:
    """Kale's metadata of the notebook."""
    found = nb.get("metadata", {}).get("kubeflow_notebook")
    return found if isinstance(found, Mapping) else {}


def headings(nb: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    """The last heading of each markdown cell that has one, with the cell's index."""
    for index, cell in enumerate(nb["cells"]):
        if cell["cell_type"] == "markdown":
            found = list(_headings(_text(cell["source"])))
            if found:
                yield index, found[-1]


def _headings(text: str) -> Iterator[str]:
    fence = before = ""
    for line in text.splitlines():
        bare = line.strip()
        if bare.startswith(("```", "~~~")):
            fence = "" if fence == bare[:3] else fence or bare[:3]
        elif not fence and bare.startswith("#") and bare.lstrip("#")[:1] in (" ", "\t"):
            yield bare.strip("# \t")
        elif not fence and before and len(bare) > 1 and not bare.strip("=-"):
            if len(set(bare)) == 1 and not before.startswith(("|", "-", "*", ">")):
                yield before
        before = bare


def _tags(cell: Mapping[str, Any]) -> list[Tag]:
    tags = cell.get("metadata", {}).get("tags", [])
    return tagged(tags) if isinstance(tags, list | tuple) else []


def _text(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)
