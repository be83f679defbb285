"""What each step's cells say of it, and whether that can be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches

from mlops_lab.compiler.marked import Marked
from mlops_lab.compiler.split import Group
from mlops_lab.ir.options import Split
from mlops_lab.ir.problem import Fix, Problem
from mlops_lab.notebook.facts import Facts, merge


def gathered(
    groups: Sequence[Group], weak: Facts, split: Split
) -> tuple[dict[str, Facts], list[Problem]]:
    """The facts of each step, in notebook order.

    What the cells of one step say adds up; where they differ the first counts, as in Kale.
    `weak` fills in what they leave open. Where tags name the steps, `after:` counts on the cells
    that do.
    """
    found: dict[str, Facts] = {}
    problems = []
    for group in groups:
        if group.role != "step":
            continue
        for cell in group.cells:
            known = found.get(group.name, Facts())
            said = cell.marks.facts
            if split == "tags" and cell.marks.kind == "untagged" and said.after:
                said = replace(said, after=())
            found[group.name], differ = merge(known, said)
            if differ:
                problems.append(_differ(differ, cell, group.name))
    return {name: merge(facts, weak)[0] for name, facts in found.items()}, problems


def _differ(differ: tuple[str, ...], cell: Marked, step: str) -> Problem:
    what = " and ".join(differ)
    return Problem(
        message=f"what the cell says about {what} differs from the step's first word on it",
        way_out="The first counts; say it once, on the step's first cell",
        cell=cell.cell.number,
        step=step,
        warning=True,
    )


def waits(
    groups: Sequence[Group], facts: Mapping[str, Facts], split: Split
) -> tuple[dict[str, tuple[str, ...]], list[Problem]]:
    """For each step the steps that `after:` names, and what is wrong with those.

    Where steps come from sections or cells, a name may also be a tag's: it stands for the steps
    that hold the cells so tagged.
    """
    first: dict[str, int] = {}
    for index, group in enumerate(groups):
        if group.role == "step":
            first.setdefault(group.name, index)
    aliases = _aliases(groups) if split != "tags" else {}
    found: dict[str, tuple[str, ...]] = {}
    problems = []
    for step, own in facts.items():
        above: list[str] = []
        for name in own.after:
            meant = [name] if name in first else aliases.get(name, [])
            above += [one for one in meant if first[one] < first[step]]
            if name in aliases and name not in first:
                continue
            if not meant or first[name] >= _last(groups, step):
                problems.append(_no_such(name, step, groups, first))
        found[step] = tuple(dict.fromkeys(above))
    return found, problems


def _last(groups: Sequence[Group], step: str) -> int:
    return max(index for index, group in enumerate(groups) if group.name == step)


def _aliases(groups: Sequence[Group]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for group in groups:
        for cell in group.cells:
            if cell.marks.step is not None and group.role == "step":
                found.setdefault(cell.marks.step, []).append(group.name)
    return found


def _no_such(name: str, step: str, groups: Sequence[Group], first: Mapping[str, int]) -> Problem:
    cell, tag = next(
        (cell.cell, tag)
        for group in groups
        for cell in group.cells
        for tag in cell.cell.tags
        if group.name == step and tag in (f"after:{name}", f"prev:{name}")
    )
    better: str | None = None
    if name == step:
        message, way_out = f"step '{step}' waits for itself", "Remove that tag"
        better = ""
    elif name in first:
        message = f"step '{step}' waits for step '{name}', which stands below it"
        way_out = f"Move '{name}' up, or remove the tag: a notebook runs from top to bottom"
        better = ""
    else:
        message = f"step '{step}' waits for step '{name}', and there is none"
        near = get_close_matches(name, first, n=1)
        way_out = f"Did you mean '{near[0]}'?" if near else f"There are: {', '.join(first)}"
        better = f"{tag.partition(':')[0]}:{near[0]}" if near else None
    fix = None if better is None else Fix(cell=cell.number, old=tag, new=better)
    return Problem(message=message, way_out=way_out, cell=cell.number, step=step, fix=fix)
