"""A step: cells that run together, with what they read, write, need and are promised."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Role = Literal["step", "setup", "parameters"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What a step needs. Cores and GPUs are counts (fractions allowed), memory is in bytes."""

    cpus: float | None = None
    gpus: float | None = None
    memory: int | None = None
    accelerator: str | None = None
    custom: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a step is promised. Times are in seconds.

    `cache` is None where the notebook says nothing; `cache_age` bounds how old a result may be.
    """

    retries: int = 0
    timeout: float | None = None
    cache: bool | None = None
    cache_age: float | None = None
    serial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A code cell as it runs.

    `index` counts all the cells that run from 0. `shift`: one of them, which does not stand behind
    this one, is not in the notebook that its user knows.
    """

    index: int
    source: str
    id: str = ""
    tags: tuple[str, ...] = ()
    shift: bool = False

    @property
    def number(self) -> int:
        """The cell's place in the user's notebook as people count, from 1."""
        return max(1, self.index + 1 - self.shift)

    @property
    def may_raise(self) -> bool:
        """Whether an error in the cell is expected, so that the run goes on."""
        return "raises-exception" in self.tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Neighbouring cells of one step: what runs, is cached and is adopted as a whole.

    A step that stands in several places has a segment at each. Setup cells (imports, functions,
    setup) and the parameters cell are segments that belong to no step; `name` then says what
    they are.

    `reads` and `writes` are the names that the code itself mentions, wherever it stands; what the
    values reach besides is known only when they exist. `changes` are names whose values it probably
    changes in place, a guess. `hints` are identifiers inside string
    literals, read if they happen to be names. `everything` says that the code looks at the
    namespace as a whole (`globals()`, `exec`, an unknown magic).
    """

    name: str
    role: Role = "step"
    cells: tuple[Cell, ...]
    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    deletes: frozenset[str] = frozenset()
    changes: frozenset[str] = frozenset()
    hints: frozenset[str] = frozenset()
    modules: frozenset[str] = frozenset()
    everything: bool = False
    code: str = ""
    """Digest of the code, comments and layout aside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step as its author sees it: the segments that carry its name.

    `reads` says for each name that is read which step wrote it last, above; None stands for a
    setup cell or a parameter.
    """

    name: str
    segments: tuple[int, ...]
    reads: tuple[tuple[str, str | None], ...] = ()
    writes: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    resources: Resources = field(default_factory=Resources)
    policy: Policy = field(default_factory=Policy)
    data: tuple[str, ...] = ()
    metrics: bool = False
    kale: tuple[str, ...] = ()
    """Kale's tags that have no meaning here, kept as written."""
