"""Where a command is called from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops_lab.commands.answer import Answer
from mlops_lab.errors import UsageError

if TYPE_CHECKING:
    from mlops_lab.services.ready import ReadyKernel

Drive = Callable[[tuple[str, ...], Path | None, bool], Answer]
"""Starts a driver: the words, the notebook they mean, whether to wait."""


def _nowhere() -> Path:
    raise UsageError("which notebook? Name it, as in: mlops run train.ipynb")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a command is called from.

    `notebook` says which notebook is meant when none is named. `drive` starts runs elsewhere;
    None where this process may be the driver itself. `namespace` is the open kernel's, where
    there is one. `ready` is a kernel that waits for a run.
    """

    notebook: Callable[[], Path] = _nowhere
    drive: Drive | None = None
    namespace: dict[str, Any] | None = None
    ready: ReadyKernel | None = None
    words: tuple[str, ...] = ()
    """The words of this call, as they were given."""

    @property
    def wants_json(self) -> bool:
        """Whether the answer is for a program. True also where parsing never came to an end."""
        return "--json" in self.words

    @property
    def wants_events(self) -> bool:
        """Whether another process follows the run, event by event."""
        return "--events" in self.words
