"""A notebook becomes a pipeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlops_lab.compiler.edges import edges
from mlops_lab.compiler.facts import gathered, waits
from mlops_lab.compiler.flow import Flow, flow, never_bound
from mlops_lab.compiler.language import Language, language
from mlops_lab.compiler.marked import Marked, defaults, kale, marked
from mlops_lab.compiler.skipped import left_behind
from mlops_lab.compiler.split import PREAMBLE, Group, chosen, groups, misplaced
from mlops_lab.errors import NotebookError
from mlops_lab.ir.options import Split
from mlops_lab.ir.pipeline import Parameter, Pipeline
from mlops_lab.ir.problem import Problem
from mlops_lab.ir.step import Segment, Step
from mlops_lab.notebook.facts import Facts
from mlops_lab.notebook.names import Names, names
from mlops_lab.notebook.parameters import infer
from mlops_lab.notebook.python import digest, form


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A notebook's pipeline as far as it can be told, and all that is wrong with the notebook.

    `split` is what became of a choice that was left open; None where nothing can be split.
    """

    pipeline: Pipeline
    problems: tuple[Problem, ...]
    split: Split | None = None


def compile(
    nb: Mapping[str, Any], split: Split | None = None, *, name: str = "", added: int | None = None
) -> Pipeline:
    """The notebook's pipeline: its steps, what they read from whom, and what they wait for.

    `split` None takes the tags where a cell names a step, else each cell. `name` is the
    pipeline's where Kale's metadata give none. `added` is the index of a cell that the user's own
    notebook hasn't, and that counts for no cell's number. Warnings are the pipeline's notes. Raises
    NotebookError with all problems.
    """
    found = draft(nb, split, name=name, added=added)
    if any(not problem.warning for problem in found.problems):
        raise NotebookError(found.problems)
    return found.pipeline


def draft(
    nb: Mapping[str, Any], split: Split | None = None, *, name: str = "", added: int | None = None
) -> Draft:
    """The same for a notebook that is still being written: mistakes are told, not raised."""
    title = str(kale(nb).get("pipeline_name") or name or "notebook")
    spoken = language(nb)
    cells, problems = marked(nb, added)
    if not spoken.python:
        foreign = _foreign(title, spoken, cells)
        return Draft(pipeline=foreign, problems=foreign.notes)
    weak, mistakes = defaults(nb)
    split = chosen(cells, split)
    parts = groups(nb, cells, split)
    problems += [*mistakes, *misplaced(cells, split), *_notes(nb, cells, split)]
    own, unreadable = _names(parts, newer=spoken.newer)
    facts, differ = gathered(parts, weak, split)
    after, wrong = waits(parts, facts, split)
    problems += [*unreadable, *differ, *wrong, *_kale_only(cells, weak)]
    seen = flow(own)
    problems += _setup_below(parts, own, seen)
    problems += left_behind(nb, parts, seen, newer=spoken.newer, added=added)
    said = _Said(parts=parts, flow=seen, facts=facts, after=after)
    steps = tuple(_step(said, step, at) for step, at in _places(parts).items())
    all_problems = _in_order(problems)
    pipeline = Pipeline(
        name=title,
        segments=_segments(parts, own),
        steps=steps,
        edges=edges(parts, steps, own, seen),
        parameters=_parameters(cells),
        notes=tuple(problem for problem in all_problems if problem.warning),
        kernel=spoken.kernel,
    )
    return Draft(pipeline=pipeline, problems=all_problems, split=split)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    parts: Sequence[Group]
    flow: Flow
    facts: Mapping[str, Facts]
    after: Mapping[str, tuple[str, ...]]


def _names(parts: Sequence[Group], *, newer: bool) -> tuple[list[Names], list[Problem]]:
    found, problems = [], []
    for group in parts:
        own, unreadable = names([cell.cell for cell in group.cells], newer=newer)
        found.append(own)
        problems += unreadable
    return found, problems


def _segments(parts: Sequence[Group], own: Sequence[Names]) -> tuple[Segment, ...]:
    """The groups as segments. A builtin that no cell can shadow is no name of the notebook."""
    fixed = never_bound(own)
    return tuple(
        Segment(
            name=group.name,
            role=group.role,
            cells=tuple(cell.cell for cell in group.cells),
            reads=found.reads - fixed,
            writes=found.writes,
            deletes=found.deletes,
            changes=found.changes,
            hints=found.hints - fixed,
            modules=found.modules,
            everything=found.everything,
            code=found.code,
        )
        for group, found in zip(parts, own, strict=True)
    )


def _places(parts: Sequence[Group]) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for index, part in enumerate(parts):
        if part.role == "step":
            found[part.name] = (*found.get(part.name, ()), index)
    return found


def _step(said: _Said, name: str, own: tuple[int, ...]) -> Step:
    parts = said.parts
    reads: dict[tuple[str, str | None], None] = {}
    for index in own:
        sources = dict(said.flow.reads[index])
        wide = [i for i in said.flow.wide[index] if i not in own]
        if wide:
            sources |= dict.fromkeys(said.flow.unknown[index], wide[-1])
        for read, source in sorted(sources.items()):
            if source not in own:
                part = parts[source]
                reads[read, part.name if part.role == "step" else None] = None
    facts = said.facts[name]
    return Step(
        name=name,
        segments=own,
        reads=tuple(reads),
        writes=tuple(sorted(frozenset().union(*(said.flow.writes[i] for i in own)))),
        after=said.after[name],
        resources=facts.resources(),
        policy=facts.policy(),
        data=facts.data,
        metrics=any(parts[i].metrics for i in own),
        kale=facts.kale,
    )


def _parameters(cells: Sequence[Marked]) -> tuple[Parameter, ...]:
    """Papermill takes the first `parameters` cell; Kale takes all of `pipeline-parameters`."""
    ours = [cell.cell.source for cell in cells if cell.marks.label == "parameters"][:1]
    kales = [cell.cell.source for cell in cells if cell.marks.label == "pipeline-parameters"]
    found = {parameter.name: parameter for text in (*ours, *kales) for parameter in infer(text)}
    return tuple(found.values())


def _notes(nb: Mapping[str, Any], cells: Sequence[Marked], split: Split) -> list[Problem]:
    notes = []
    format_before = nb.get("metadata", {}).get("orig_nbformat")
    if isinstance(format_before, int) and format_before < 4:
        message = f"the notebook was upgraded from nbformat {format_before} for this run"
        notes.append(Problem(message=message, way_out="Save it in JupyterLab", warning=True))
    if split == "tags" and cells and all(cell.marks.kind != "step" for cell in cells):
        message = f"no cell names a step, so all form one, '{PREAMBLE}'"
        way_out = "Tag cells with 'step:NAME', or say --steps cells"
        notes.append(Problem(message=message, way_out=way_out, warning=True))
    return notes


def _kale_only(cells: Sequence[Marked], weak: Facts) -> list[Problem]:
    said = (weak, *(cell.marks.facts for cell in cells))
    found = dict.fromkeys(tag for facts in said for tag in facts.kale)
    if not found:
        return []
    message = f"these tags of Kale are kept and have no meaning here: {', '.join(found)}"
    return [Problem(message=message, warning=True)]


def _setup_below(parts: Sequence[Group], own: Sequence[Names], seen: Flow) -> list[Problem]:
    """Setup cells run where they stand; a step above that needs one is told so."""
    problems = []
    for below, setup in enumerate(parts):
        if setup.role != "setup":
            continue
        for above in range(below):
            missing = seen.unknown[above] & own[below].writes
            if missing and parts[above].role == "step":
                listed = ", ".join(f"'{name}'" for name in sorted(missing))
                number = setup.cells[0].cell.number
                problems.append(
                    Problem(
                        message=f"needs {listed} of the {setup.name} cell {number}, below it",
                        way_out=f"Move cell {number} up: it runs where it stands",
                        cell=parts[above].cells[0].cell.number,
                        step=parts[above].name,
                        warning=True,
                    )
                )
    return problems


def _foreign(title: str, spoken: Language, cells: Sequence[Marked]) -> Pipeline:
    """A notebook in another language: one step, uncut and unread."""
    note = Problem(
        message=f"the notebook is in {spoken.name}, so it runs whole, as one step, uncached",
        warning=True,
    )
    code = tuple(cell.cell for cell in cells if cell.cell.source.strip())
    segment = Segment(
        name="notebook",
        cells=code,
        everything=True,
        code=digest(form(cell.source, may_raise=cell.may_raise) for cell in code),
    )
    return Pipeline(
        name=title,
        segments=(segment,) if code else (),
        steps=(Step(name="notebook", segments=(0,)),) if code else (),
        notes=(note,),
        kernel=spoken.kernel,
        python=False,
    )


def _in_order(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(dict.fromkeys(problems), key=lambda p: (p.cell or 0, p.line or 0)))
