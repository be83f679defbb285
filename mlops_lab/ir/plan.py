"""A plan: a pipeline bound to parameters, with what is cached and why the rest is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mlops_lab.ir.pipeline import Pipeline

Fate = Literal["cached", "run", "may-run", "left-out"]

IN_TURN = "nothing to overtake"
"""What `home` says of a step that has none before it to run ahead of: that needs no words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a step runs: what changed, from what, to what.

    `kind` is one of: new, code, value, parameter, file, setting, package, python, forced, policy,
    outside, above, process, lost, live, no-cache.
    """

    kind: str
    what: str = ""
    old: str = ""
    new: str = ""

    def __str__(self) -> str:
        arrow = f": {self.old} → {self.new}" if self.old or self.new else ""
        match self.kind:
            case "new":
                return "has no result with this code yet"
            case "code":
                return "code changed"
            case "value" | "file" | "setting" | "package" | "parameter":
                return f"{self.kind} {self.what} changed{arrow}"
            case "python":
                return f"Python changed{arrow}"
            case "process":
                return f"a step above has changed {self.what}"
            case "above":
                return f"{self.what} runs above it and may give the same again"
            case "live":
                return f"leaves {self.what}, which lives in one kernel only and is needed below"
            case "lost":
                return f"the stored {self.what} is damaged or gone"
            case _:
                return self.what or self.kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What shall become of one segment. `entry` names the cached result to adopt.

    `home` says why no scout may run it ahead, as in 'writes files'; empty where one may, and then
    `waits` are the names from above that it will wait for. `seconds` is what it took last time.
    """

    fate: Fate
    why: tuple[Reason, ...] = ()
    entry: str | None = None
    home: str = ""
    waits: tuple[str, ...] = ()
    seconds: float | None = None

    @property
    def where(self) -> str:
        """Where it runs, in words: 'ahead', 'ahead, waits for x', 'home: writes out.csv'."""
        if self.fate not in ("run", "may-run") or self.home == IN_TURN:
            return ""
        if self.home:
            return f"home: {self.home}"
        few = ", ".join(self.waits[:2]) + (" …" if len(self.waits) > 2 else "")
        return f"ahead, waits for {few}" if few else "ahead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A decision for each segment of a pipeline, in notebook order."""

    pipeline: Pipeline
    parameters: tuple[tuple[str, object], ...] = ()
    decisions: tuple[Decision, ...]

    def fate(self, step: str) -> Decision:
        """The step's own: cached only if each of its segments is."""
        rank: dict[Fate, int] = {"run": 0, "may-run": 1, "cached": 2, "left-out": 3}
        own = [self.decisions[i] for i in self.pipeline.step(step).segments]
        worst = min(own, key=lambda decision: rank[decision.fate])
        why = tuple(dict.fromkeys(reason for decision in own for reason in decision.why))
        # What setup makes is there long before: only values that steps hand on are waited for.
        made = {name for name, source in self.pipeline.step(step).reads if source is not None}
        waits = (name for decision in own for name in decision.waits if name in made)
        took = [decision.seconds for decision in own if decision.seconds is not None]
        return Decision(
            fate=worst.fate,
            why=why,
            entry=worst.entry,
            home=_home(own),
            waits=tuple(dict.fromkeys(waits)),
            seconds=sum(took) if len(took) == len(own) else None,
        )


def _home(own: list[Decision]) -> str:
    """What keeps a step at home: of the reasons of its segments, one that tells something."""
    reasons = [decision.home for decision in own if decision.home]
    return next((home for home in reasons if home != IN_TURN), reasons[0] if reasons else "")
