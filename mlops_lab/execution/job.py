"""One run, ready to go, and who decides in it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from mlops_lab.execution.guest.store import Store
from mlops_lab.execution.needing import looks_at_its_peak
from mlops_lab.execution.tactics import Sensible, Tactics
from mlops_lab.interfaces import Executor, Launch, Ledger, Offer
from mlops_lab.ir.outlook import Outlook
from mlops_lab.ir.pipeline import Pipeline
from mlops_lab.ir.plan import Decision, Plan, Reason
from mlops_lab.ir.step import Resources, Segment
from mlops_lab.records.entry import Entry
from mlops_lab.records.versions import Versions


class Judge(Protocol):
    """Decides what becomes of segments, from what is remembered."""

    def plan(self, forced: Mapping[int, Reason], trusted: Collection[str]) -> Plan:
        """A decision for each segment, before anything runs."""
        ...

    def decide(
        self,
        segment: int,
        versions: Versions,
        trusted: Collection[str],
        fresh: Collection[str] = (),
    ) -> tuple[Decision, Entry | None]:
        """Whether an entry can stand for a segment, now that all above it is committed.

        `fresh` are entries that this run made ahead of home.
        """
        ...

    def outlooks(self, plan: Plan) -> tuple[Outlook, ...]:
        """What is expected of each segment."""
        ...

    def entry(self, segment: int, entry: str | None) -> Entry | None:
        """A segment's entry by its id; None where there is none."""
        ...

    def key(self, segment: int) -> str:
        """What the segment's entries are looked up by."""
        ...

    def learn(self, segment: int, entry: Entry) -> None:
        """The segment was seen to run."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Scouting:
    """How far scouts may go: so many kernels at work at once, home among them.

    `needs` are the resources that segments need of their worker, `lacking` the segments whose
    needs home can't meet. `memory` is the share of free memory that early attempts may use
    together. `patience`: seconds that home takes for a segment before the first scout is started.
    `spare`: one more kernel is kept ready where there is more to try than room.
    """

    workers: int
    offer: Offer
    needs: Mapping[int, Resources] = field(default_factory=dict)
    lacking: Collection[int] = ()
    memory: float = 0.5
    patience: float = 0.25
    spare: bool = True
    tactics: Tactics = field(default_factory=Sensible)


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
    scouting: Scouting | None = None
    """How far scouts may go; None: home is alone."""
    policy: str = ""
    keep: Path | None = None
    """Where the connection file goes of a kernel that shall stay when its step fails."""
    ignore: tuple[str, ...] = ()
    theirs: tuple[str, ...] = ()
    """Files that others write and read while the notebook runs: an editor, a server."""
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Secret values by the name of the environment variable that holds them."""
    greeting: tuple[str, ...] = ()
    """Expressions to evaluate in a fresh kernel, before anything else."""
    facts: Callable[[int], Mapping[str, str]] = lambda segment: {}  # noqa: ARG005
    """What a segment reads besides what is seen, as facts with their digests: environment
    variables that the notebook names, files and folders that a tag names."""
    logs_plainly: bool = False
    """Whether the notebook does nothing with tracking but log numbers, parameters and tags."""
    state: Callable[[str, str], str] = lambda fact, recorded: recorded  # noqa: ARG005
    """What is now at a path that a segment has read, told as it was recorded."""
    code: Callable[[Segment, int], str] = lambda segment, place: segment.cells[place].source
    """The source to send for a cell, where it differs from the notebook's."""

    def visit(self, *, scout: bool) -> dict[str, Any]:
        """What a guest is told when it enters a kernel."""
        return {
            "store": str(self.store.folder),
            "key": self.store.key.hex(),
            "ignore": list(self.ignore),
            "theirs": list(self.theirs),
            "watch": str(self.launch.cwd),
            "secrets": list(self.secrets.values()),
            "scout": scout,
            "logs_plainly": self.logs_plainly,
            "lowers_peak": not looks_at_its_peak(self.pipeline),
        }
