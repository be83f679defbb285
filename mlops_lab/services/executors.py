"""Executors by name."""

from __future__ import annotations

import importlib.metadata

from mlops_lab.errors import UsageError
from mlops_lab.interfaces import Executor


def find_executor(name: str) -> Executor:
    """The executor of that name, ours or anyone's. Raises UsageError, naming those there are."""
    found = importlib.metadata.entry_points(group="mlops_lab.executors")
    for point in found:
        if point.name == name:
            made: Executor = point.load()()
            return made
    known = ", ".join(sorted(point.name for point in found))
    raise UsageError(f"no executor '{name}'; there are: {known}")
