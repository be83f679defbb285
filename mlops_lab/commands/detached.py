"""A driver in a process of its own: how it is called, what it sees, what it says went wrong."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from mlops_lab.errors import BackendError, MlopsError, NotebookError, RunFailed, UsageError
from mlops_lab.ir.problem import problem

OURS = {"--wait", "--json", "-q", "--quiet"}
"""Words for whoever waits; the driver needs none of them."""

KERNELS_OWN = {
    "TERM": "xterm-color",
    "CLICOLOR": "1",
    "FORCE_COLOR": "1",
    "CLICOLOR_FORCE": "1",
    "PAGER": "cat",
    "GIT_PAGER": "cat",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
}
"""What ipykernel sets in a kernel; a run's own kernels set it for themselves."""


def followed(words: Sequence[str], surface: str) -> list[str]:
    """The words as they were given by a surface, for a driver that is followed event by event."""
    return [*(word for word in words if word not in OURS), "--events", f"--by={surface}"]


def python(module: str, *words: str) -> list[str]:
    """The command line that runs one of our modules.

    -P keeps modules that lie beside the notebook from standing in for ours.
    """
    return [sys.executable, "-P", "-m", module, *words]


def environment() -> dict[str, str]:
    """This process's environment without what makes it this kernel's or this server's."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("JPY_") and KERNELS_OWN.get(name) != value
    }


def error_in(answer: Mapping[str, Any]) -> MlopsError | None:
    """The error in a driver's answer, as it was raised there; None where all went well."""
    data = answer["data"]
    said = data.get("error") if isinstance(data, dict) else None
    if not isinstance(said, dict) or not answer["exit_code"]:
        return None
    error = _error(said, answer["exit_code"])
    for note in said.get("notes", ()):
        error.add_note(note)
    return error


def _error(said: dict[str, Any], exit_code: int) -> MlopsError:
    kind = said["kind"]
    if kind == "RunFailed":
        keys = ("step", "cell", "ename", "evalue", "traceback")
        return RunFailed(**{key: said[key] for key in keys})
    if kind == "NotebookError":
        return NotebookError([problem(one) for one in said["problems"]])
    plain: dict[str, Callable[[str], MlopsError]] = {c.__name__: c for c in _below(MlopsError)}
    # Click's own errors have names that are not in our tree.
    return plain.get(kind, UsageError if exit_code == UsageError.exit_code else BackendError)(
        said["message"]
    )


def _below(tree: type[MlopsError]) -> Iterator[type[MlopsError]]:
    yield tree
    for branch in tree.__subclasses__():
        yield from _below(branch)
