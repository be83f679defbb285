"""Executors by name."""

from __future__ import annotations

import importlib.metadata
from functools import cache

from mlops_lab.errors import UsageError
from mlops_lab.interfaces import Executor

GROUP = "mlops_lab.executors"
"""The entry points by which executors are found."""


@cache
def executor_names() -> tuple[str, ...]:
    """The executors that are installed, ours or anyone's; none is imported."""
    found = {point.name for point in importlib.metadata.entry_points(group=GROUP)}
    return tuple(sorted(found, key=lambda name: (name != "local", name)))


def find_executor(name: str) -> Executor:
    """The executor of that name, ours or anyone's. Raises UsageError, naming those there are."""
    for point in importlib.metadata.entry_points(group=GROUP):
        if point.name == name:
            made: Executor = point.load()()
            return made
    raise UsageError(f"no executor '{name}'; there are: {', '.join(executor_names())}")
