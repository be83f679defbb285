"""The ways by which the news of a project's runs is heard, by where its records are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from mlops_lab.backends.records.knock import Listener, listeners


class Ear(Protocol):
    """One way to be told, from its making until it is closed."""

    def fileno(self) -> int:
        """What there is to wait for."""
        ...

    def heard(self) -> list[tuple[str, ...]]:
        """What was told since the last look, each as its words. It waits for nothing."""
        ...

    @property
    def known(self) -> bool:
        """Whether those that have something to tell can still reach it."""
        ...

    def close(self) -> None:
        """Listen no more."""
        ...


Ways = dict[str, Callable[[], Ear]]
"""How to be told, by what tells one way from another. Each raises BackendError where it fails."""


def ways(folder: Path, records: str) -> Ways:
    """How to hear of a project's runs, as far as it is possible now.

    `folder` is its `.mlops`: a socket there hears what happens on this machine. `records` is the
    URL of its records, empty where they lie in that folder; PostgreSQL tells of other machines.
    """
    found: Ways = {}
    if folder.is_dir():
        found["socket"] = lambda: Listener(listeners(folder))
    if records.startswith("postgresql"):
        found[records] = lambda: _wire(records)
    return found


def _wire(url: str) -> Ear:
    from mlops_lab.backends.records.notify import Wire

    return Wire(url)
