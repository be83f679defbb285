"""A pipeline: an immutable graph of steps, in notebook order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mlops_lab.errors import NotFound
from mlops_lab.ir.problem import Problem
from mlops_lab.ir.step import Policy, Segment, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A name that a caller may set.

    `kind` is the type as papermill infers it from a comment or annotation, else the type of the
    default, else None; `default` is source code; `help` is the comment behind it.
    """

    name: str
    default: str
    kind: str | None = None
    help: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """Steps over segments; both stand in notebook order, so no cycle can be written down.

    `edges` are pairs (above, below) of step names: data, `after:` and `serial` together.
    `python` is False for notebooks of other languages, which run as one step.
    """

    name: str
    segments: tuple[Segment, ...]
    steps: tuple[Step, ...]
    edges: tuple[tuple[str, str], ...] = ()
    parameters: tuple[Parameter, ...] = ()
    notes: tuple[Problem, ...] = ()
    kernel: str = "python3"
    python: bool = True

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def step(self, name: str) -> Step:
        """The step of that name.

        Raises NotFound, with the names that there are.
        """
        for step in self.steps:
            if step.name == name:
                return step
        known = ", ".join(step.name for step in self.steps) or "none"
        raise NotFound(f"no step '{name}' in the notebook; its steps are: {known}")

    def policies(self) -> tuple[Policy, ...]:
        """Each segment's policy: its step's, or the default for setup and parameters."""
        own = {index: step.policy for step in self.steps for index in step.segments}
        return tuple(own.get(index, Policy()) for index in range(len(self.segments)))

    def waits_for(self, name: str) -> tuple[str, ...]:
        """The steps that must finish before `name` starts, in notebook order."""
        above = {a for a, b in self.edges if b == name}
        return tuple(step.name for step in self.steps if step.name in above)
