"""What the routes take and give, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pydantic import ConfigDict

from mlops_lab.compiler.suggest import Suggested
from mlops_lab.ir.options import Split
from mlops_lab.ir.pipeline import Parameter
from mlops_lab.ir.plan import Fate
from mlops_lab.ir.problem import Problem
from mlops_lab.ir.step import Policy, Role
from mlops_lab.records.head import RunHead
from mlops_lab.records.needs import RunNeeds
from mlops_lab.records.step import StepRecord
from mlops_lab.records.timeline import Timeline

_EXACT = ConfigDict(extra="forbid")

# -- asked ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a run is wanted. The project's settings say what is left out here."""

    __pydantic_config__ = _EXACT

    params: dict[str, Any] = field(default_factory=dict)
    split: Split | None = None
    executor: str | None = None
    workers: int | None = None
    cache: bool = True
    refresh: tuple[str, ...] = ()
    upto: str | None = None
    since: str | None = None
    only: str | None = None
    keep_failed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompileRequest:
    """A notebook as it is edited; `notebook` None stands for the file as saved."""

    __pydantic_config__ = _EXACT

    path: str
    notebook: dict[str, Any] | None = None
    split: Split | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestRequest:
    """A notebook as it is edited that has no steps yet; None stands for the file as saved."""

    __pydantic_config__ = _EXACT

    path: str
    notebook: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """A notebook that shall run, as saved; or be looked at as if it should."""

    __pydantic_config__ = _EXACT

    path: str
    options: Options = field(default_factory=Options)


# -- pipeline ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A name that a step reads, and the step that wrote it; None: setup or a parameter."""

    name: str
    source: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourcesView:
    """What a step needs. Cores and GPUs are counts (fractions allowed), memory is in bytes."""

    cpus: float | None = None
    gpus: float | None = None
    memory: int | None = None
    accelerator: str | None = None
    custom: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """A step of a notebook.

    `cells` count from 1, `after` is what its tags say, `waits_for` all that it waits for. `home`
    says what keeps it in the notebook's own kernel, as far as the code tells. `everything`: it
    looks at the namespace as a whole.
    """

    name: str
    cells: tuple[int, ...]
    segments: tuple[int, ...]
    reads: tuple[Read, ...]
    writes: tuple[str, ...]
    after: tuple[str, ...]
    waits_for: tuple[str, ...]
    resources: ResourcesView
    policy: Policy
    data: tuple[str, ...]
    metrics: bool
    kale: tuple[str, ...]
    home: str
    everything: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentView:
    """Neighbouring cells that run as a whole: of a step, of setup, or the parameters."""

    name: str
    role: Role
    cells: tuple[int, ...]
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    deletes: tuple[str, ...]
    everything: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineView:
    """A notebook's pipeline; `edges` are pairs (above, below) of step names."""

    name: str
    kernel: str
    python: bool
    parameters: tuple[Parameter, ...]
    steps: tuple[StepView, ...]
    edges: tuple[tuple[str, str], ...]
    segments: tuple[SegmentView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What the project's settings say where a run's options say nothing."""

    executor: str = "local"
    split: Split | None = None
    workers: int | None = None
    keep_failed: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """A notebook's pipeline, as far as it can be told, and all that is wrong with the notebook.

    `split` is the one that was taken. `project` is its root, seen from the server's. `executors`
    are those that are installed, by name.
    """

    pipeline: PipelineView | None
    problems: tuple[Problem, ...]
    split: Split | None = None
    defaults: Defaults = field(default_factory=Defaults)
    project: str = ""
    executors: tuple[str, ...] = ("local",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A proposed split of a notebook into steps; none of it is written yet."""

    steps: tuple[Suggested, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonView:
    """Why a step runs: what changed, from what, to what; `text` says it in words."""

    kind: str
    what: str
    old: str
    new: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFate:
    """What would become of a step, why, and where it would run; `seconds` is what it took last."""

    name: str
    fate: Fate
    why: tuple[ReasonView, ...]
    home: str
    where: str
    waits: tuple[str, ...]
    seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """What would run, and why.

    `seconds` is what those steps that would run took last time, one after the other; None where
    one of them has never run.
    """

    headline: str
    steps: tuple[StepFate, ...]
    parameters: dict[str, Any]
    notes: tuple[Problem, ...] = ()
    seconds: float | None = None


# -- runs -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RunList:
    """One page of the runs, the newest first; `total` counts all that were asked for."""

    runs: tuple[RunHead, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStartedView:
    """A run that has begun."""

    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """Everything about one run, after its first `seq` events.

    `graph` are pairs (above, below) of its steps. `cells` are each step's, counted from 1 in the
    notebook that ran, and `ids` their ids there. `needs` is what the steps that are done had loaded
    and read, `spec` the name of their kernelspec. `output` is the output notebook's path where the
    contents service can open it. `kernel` is where the kernel that failed can be reached, while it
    is kept. `tracked_at` are the pages of the server that tracks it, None where MLflow's come
    through this server.
    """

    head: RunHead
    steps: tuple[StepRecord, ...]
    notes: tuple[str, ...]
    graph: tuple[tuple[str, str], ...]
    cells: dict[str, tuple[int, ...]]
    ids: dict[str, str]
    timeline: Timeline
    needs: RunNeeds
    spec: str
    options: dict[str, Any]
    output: str | None
    kernel: str | None
    tracked_at: str | None
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleView:
    """The kernel of the step that failed, under the server's id; it goes at `until`."""

    kernel_id: str
    step: str
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """The kernel of a failed step is gone; by itself it would have been in `seconds`."""

    run_id: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPart:
    """What a step printed behind byte `after` of its log; `after` is now where it goes on."""

    text: str
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What went wrong, and the way out."""

    kind: str
    message: str
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
