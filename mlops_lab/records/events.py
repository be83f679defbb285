"""What can happen in a run. `at` is the time in seconds since 1970."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

from mlops_lab.records.needs import Needs, needs_from_json

Status = Literal["succeeded", "failed", "cancelled", "interrupted", "skipped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened in a run."""

    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted(Event):
    """A driver took the run. `pid_started` guards against another process with the same number.

    `cells` counts the code cells of each step; `options` holds what else the caller said, for who
    resumes the run. `kernel` names the kernelspec. `user` asked for the run by `surface`: panel,
    cli, magic, papermill or schedule. `added` is the place, from 0, of a cell in the output that
    the notebook hasn't: papermill's, which sets the parameters.
    """

    run_id: str
    notebook: str
    output: str
    executor: str
    params: dict[str, Any]
    steps: tuple[str, ...]
    host: str
    pid: int
    pid_started: float
    git_commit: str | None = None
    git_dirty: bool | None = None
    resumed: str | None = None
    cells: dict[str, int] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    kernel: str = ""
    user: str = ""
    surface: str = ""
    added: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted(Event):
    """Something that the user should know and that stops nothing."""

    text: str
    step: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStarted(Event):
    """A step began on a worker; `attempt` counts from 1.

    `early`: a scout began it ahead of home.
    """

    step: str
    worker: str
    attempt: int = 1
    why: tuple[str, ...] = ()
    early: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CellStarted(Event):
    """A cell was sent to the kernel; `cell` counts all cells from 1."""

    step: str
    cell: int
    worker: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptWaits(Event):
    """A scout waits for `name`, which a step above is still to make; empty: it goes on."""

    step: str
    worker: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptFinished(Event):
    """A scout has a step done; home has still to adopt it. `seconds` holds those it `waited`."""

    step: str
    worker: str
    seconds: float
    waited: float = 0.0
    started: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptDropped(Event):
    """What a scout did of a step was thrown away, and `seconds` with it.

    `why` is stale, acts, lives, failed, stuck, memory, died or late; `name` is the name, or the
    act, to blame.
    """

    step: str
    worker: str
    why: str
    name: str = ""
    seconds: float = 0.0
    started: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CellFinished(Event):
    """The kernel is done with a cell."""

    step: str
    cell: int
    seconds: float
    status: Status
    worker: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFinished(Event):
    """A step is done, by running or from the cache.

    `entries` name its cached results. `early`: home adopted what a scout had done. `error` is what
    the kernel said, without the traceback. `memory` is the most that its kernel took, in bytes, and
    `cpu` the seconds of its threads, when it ran; None where that isn't known. `saved`: seconds
    that it took when it ran and that the cache has saved. `needs` is what it had loaded and read.
    """

    step: str
    status: Status
    cached: bool
    seconds: float
    attempts: int = 1
    worker: str | None = None
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    resources: dict[str, Any] | None = None
    metrics: dict[str, float] | None = None
    why: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()
    cell: int | None = None
    error: str | None = None
    traceback: str | None = None
    early: bool = False
    memory: int | None = None
    cpu: float | None = None
    saved: float = 0.0
    needs: Needs | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelKept(Event):
    """The kernel of a failed step stays `until` a time; `connection` is its connection file."""

    step: str
    connection: str
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFinished(Event):
    """The run is over. `seconds` leaves out what tracking takes."""

    status: Status
    seconds: float
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked(Event):
    """The tracking server knows the run."""

    mlflow_run_id: str


KINDS: dict[str, type[Event]] = {kind.__name__: kind for kind in Event.__subclasses__()}


def to_json(event: Event) -> dict[str, Any]:
    """The event as JSON's types, with its kind."""
    return {"kind": type(event).__name__, **asdict(event)}


def from_json(body: dict[str, Any]) -> Event:
    """The event that `to_json` wrote; what only a newer version knows is left out."""
    kind = KINDS.get(body["kind"], Event)
    known = {f.name for f in fields(kind)}
    tuples = {"steps", "why", "reads", "writes", "entries"}
    values: dict[str, Any] = {  # a drop's `why` is one word
        k: tuple(v) if k in tuples and isinstance(v, list) else v
        for k, v in body.items()
        if k in known
    }
    if isinstance(values.get("needs"), dict):
        values["needs"] = needs_from_json(values["needs"])
    return kind(**values)
