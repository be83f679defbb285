"""How a run is wanted: what a caller may say besides the notebook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from mlops_lab.errors import UsageError

Split = Literal["tags", "sections", "cells"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """How a run is wanted.

    `split` None chooses tags where there are some, else cells. `relax` None leaves it to the
    executor: `local` relaxes, `ray` does not. At most one of `upto`, `since` and `only` names a
    step; `since` is what the command line calls --from. `workers` is how many kernels may run at
    once: None is as many as the plan can use, at most the cores; with 1 there is home alone.
    `resume` is the id of a run whose committed steps count whatever their cache policy.
    """

    params: Mapping[str, Any] = field(default_factory=dict)
    split: Split | None = None
    executor: str = "local"
    relax: bool | None = None
    workers: int | None = None
    cache: bool = True
    refresh: tuple[str, ...] = ()
    upto: str | None = None
    since: str | None = None
    only: str | None = None
    kernel: str | None = None
    cwd: Path | None = None
    resume: str | None = None

    def __post_init__(self) -> None:
        """Raises UsageError where there would be no kernel at all."""
        said: Any = self.workers
        if said is not None and (not isinstance(said, int) or said < 1):
            raise UsageError(f"workers = {said!r} must be a whole number, 1 or more")
