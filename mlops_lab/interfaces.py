"""Every seam, on one page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from mlops_lab.ir.step import Resources
from mlops_lab.records.entry import Entry
from mlops_lab.records.events import Event
from mlops_lab.records.run import Run

Message = dict[str, Any]
"""A Jupyter message from a kernel's IOPub channel: header, msg_type, parent_header, content, …"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """What one machine can give. Memory is in bytes."""

    cpus: float
    gpus: float = 0.0
    memory: int = 0
    accelerators: tuple[str, ...] = ()
    custom: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What an executor can give.

    `scales` where more nodes may come by themselves; `shared` where there is one machine, all of
    which each worker sees, so that nothing but the driver keeps workers from taking the same.
    """

    nodes: tuple[Node, ...]
    scales: bool = False
    shared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """A kernel to be started: which, where, with what.

    `devices` are the GPUs that it shall see where the machine is shared, counted among those that
    the driver sees; none stands for all. Elsewhere the executor chooses them.
    """

    kernel: str
    cwd: Path
    env: dict[str, str] = field(default_factory=dict)
    resources: Resources = field(default_factory=Resources)
    devices: tuple[int, ...] = ()
    startup_timeout: float = 60.0


class KernelDied(Exception):
    """The kernel is gone; `signal` is the number that ended it, where it is known."""

    def __init__(self, message: str, signal: int | None = None) -> None:
        super().__init__(message, signal)
        self.signal = signal

    def __str__(self) -> str:
        return str(self.args[0])


class Worker(Protocol):
    """A Jupyter kernel with a namespace that lives on."""

    name: str

    async def run(
        self, source: str, listen: Callable[[Message], None], *, timeout: float | None = None
    ) -> Message:
        """Run a cell; `listen` gets each IOPub message as it comes. The reply's content.

        Raises KernelDied; TimeoutError after having interrupted the cell.
        """
        ...

    async def ask(self, expression: str) -> Any:
        """The value, as JSON, of a Python expression in the kernel, outside of its history.

        Beside a running cell it is answered at once, in another thread of the kernel. Raises
        KernelDied, and BackendError with the kernel's traceback.
        """
        ...

    async def interrupt(self) -> None:
        """Interrupt the running cell, as Jupyter does."""
        ...


@runtime_checkable
class Shareable(Protocol):
    """A worker that others than its driver can talk to."""

    async def share(self, place: Path) -> None:
        """Write a connection file, which only its owner can read; we use the worker no more."""
        ...

    async def ended(self) -> None:
        """Wait until its kernel is gone."""
        ...


class Executor(Protocol):
    """Where workers' kernels live."""

    name: str

    def offer(self) -> Offer:
        """What there is to give."""
        ...

    async def start(self, launch: Launch) -> Worker:
        """A new worker. Raises BackendError where none can be had."""
        ...

    async def stop(self, worker: Worker, *, now: bool = False) -> None:
        """End a worker, its kernel and every process that the kernel started.

        `now` gives it no time to tidy up: no exit handler runs, nothing is written any more.
        """
        ...


class EventLog(Protocol):
    """What happened, in order, for ever."""

    def append(self, run_id: str, events: Iterable[Event]) -> int:
        """Commit events, all or none; the sequence number of the last one."""
        ...

    def read(self, run_id: str, after: int = 0) -> Sequence[tuple[int, Event]]:
        """The run's events behind a sequence number."""
        ...

    def runs(self, notebook: str | None = None, limit: int | None = None) -> Sequence[Run]:
        """The runs, the newest first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which runs a list shall show.

    Each word of `search` must be found in a run's id, notebook, executor or status; `name=value`
    in its parameters or metrics. An empty `status` stands for all.
    """

    notebook: str | None = None
    search: str = ""
    status: tuple[str, ...] = ()
    offset: int = 0
    limit: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far a run has come: the number of its last event, and whether it goes on."""

    seq: int
    running: bool
    started: float


class Archive(EventLog, Protocol):
    """The events once more, for those who look at many runs."""

    def page(self, wish: Wish) -> tuple[Sequence[Run], int]:
        """Some of the runs that are wished for, the newest first, and how many there are."""
        ...

    def standing(self, ids: Iterable[str], since: float | None = None) -> dict[str, Standing]:
        """Where the runs stand that still run, that are named, or that began since then."""
        ...

    def remove(self, run_id: str) -> bool:
        """Forget a run that is over; whether there was one."""
        ...


class Ledger(Protocol):
    """What the cache remembers."""

    def find(self, codes: Iterable[str]) -> dict[str, list[Entry]]:
        """The entries of each code digest, the newest first."""
        ...

    def keep(self, entries: Iterable[Entry]) -> None:
        """Remember executions; one that is known already is replaced."""
        ...

    def touch(self, ids: Iterable[str]) -> None:
        """These were used just now."""
        ...


class LedgerUpkeep(Protocol):
    """How the cache forgets."""

    def by_use(self) -> Sequence[tuple[float, Entry]]:
        """All entries with the time of their last use, the longest unused first."""
        ...

    def forget(self, ids: Iterable[str]) -> None:
        """Remember these no longer."""
        ...


class Tracker(Protocol):
    """Where runs are tracked for all to see."""

    def flush(self, run: Run, entries: Sequence[Entry], folder: Path) -> str:
        """Bring a finished run there, once however often it is called; the run's id there."""
        ...
