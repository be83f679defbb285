"""What is said on the stream, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from mlops_lab.records.head import RunHead
from mlops_lab.records.step import StepRecord
from mlops_lab.server.bodies import Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """The first word of a client: the runs that it knows, each up to which event."""

    kind: Literal["follow"]
    seen: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tail:
    """A client wants what a step prints, from byte `after` of its log on."""

    kind: Literal["tail"]
    run_id: str
    step: str
    after: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Untail:
    """A client wants it no longer."""

    kind: Literal["untail"]
    run_id: str
    step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunMoved:
    """A run after its first `seq` events; of its steps those that changed."""

    kind: Literal["run"] = "run"
    seq: int
    head: RunHead
    steps: tuple[StepRecord, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDeleted:
    """A run is no more."""

    kind: Literal["deleted"] = "deleted"
    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogMoved:
    """More that a step printed; `after` is where its log goes on."""

    kind: Literal["log"] = "log"
    run_id: str
    step: str
    after: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamFailure:
    """What a client said on the stream could not be done."""

    kind: Literal["failure"] = "failure"
    failure: Failure


ClientMessage = Follow | Tail | Untail
ServerMessage = RunMoved | RunDeleted | LogMoved | StreamFailure
