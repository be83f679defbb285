"""Which step waits for which."""

from __future__ import annotations

from collections.abc import Sequence

from mlops_lab.compiler.flow import Flow
from mlops_lab.compiler.split import Group
from mlops_lab.ir.step import Step
from mlops_lab.notebook.names import Names


def edges(
    parts: Sequence[Group], steps: Sequence[Step], names: Sequence[Names], seen: Flow
) -> tuple[tuple[str, str], ...]:
    """Pairs (above, below): data, `after:` and `serial` together.

    Steps count as above where their first segment is, so there is no cycle, not even where two
    steps stand in several places and read from each other.
    """
    rank = {step.name: place for place, step in enumerate(steps)}
    found: set[tuple[int, int]] = set()
    for step in steps:
        below = rank[step.name]
        above = {rank[source] for _, source in step.reads if source is not None}
        above |= {rank[name] for name in step.after}
        for index in step.segments:
            if names[index].needs or names[index].everything:
                wide = [parts[i] for i in seen.wide[index]]
                above |= {rank[part.name] for part in wide if part.role == "step"}
        if step.policy.serial or any(names[index].everything for index in step.segments):
            above |= set(range(below))
        found |= {(one, below) for one in above if one < below}
    ordered = sorted(found, key=lambda pair: (pair[1], pair[0]))
    return tuple((steps[one].name, steps[below].name) for one, below in ordered)
