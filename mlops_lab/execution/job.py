"""One run, ready to go, and who decides in it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from mlops_lab.execution.guest.store import Store
from mlops_lab.interfaces import Executor, Launch, Ledger
from mlops_lab.ir.pipeline import Pipeline
from mlops_lab.ir.plan import Decision, Plan, Reason
from mlops_lab.ir.step import Segment
from mlops_lab.records.entry import Entry
from mlops_lab.records.versions import Versions


class Judge(Protocol):
    """Decides what becomes of segments, from what is remembered."""

    def plan(self, forced: Mapping[int, Reason], trusted: Collection[str]) -> Plan:
        """A decision for each segment, before anything runs."""
        ...

    def decide(
        self, segment: int, versions: Versions, trusted: Collection[str]
    ) -> tuple[Decision, Entry | None]:
        """Whether an entry can stand for a segment, now that all above it is committed."""
        ...

    def key(self, segment: int) -> str:
        """What the segment's entries are looked up by."""
        ...

    def learn(self, segment: int, entry: Entry) -> None:
        """The segment was seen to run."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One run, ready to go: what, where, with what."""

    run_id: str
    pipeline: Pipeline
    notebook: str
    root: Path
    executor: Executor
    launch: Launch
    store: Store
    ledger: Ledger
    judge: Judge
    watch: bool
    """Whether steps are observed and their results kept."""
    policy: str = ""
    ignore: tuple[str, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Secret values by the name of the environment variable that holds them."""
    greeting: tuple[str, ...] = ()
    """Expressions to evaluate in a fresh kernel, before anything else."""
    facts: Callable[[int], Mapping[str, str]] = lambda segment: {}  # noqa: ARG005
    """What a segment reads besides what is seen, as facts with their digests: environment
    variables that the notebook names, files and folders that a tag names."""
    code: Callable[[Segment, int], str] = lambda segment, place: segment.cells[place].source
    """The source to send for a cell, where it differs from the notebook's."""
