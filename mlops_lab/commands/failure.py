"""What went wrong, for eyes and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from click import ClickException

from mlops_lab.errors import MlopsError, NotebookError, RunFailed


def failure_json(error: Exception) -> dict[str, Any]:
    """The error as JSON's types, with its structure where it has some."""
    message = error.format_message() if isinstance(error, ClickException) else str(error)
    body: dict[str, Any] = {"kind": type(error).__name__, "message": message}
    match error:
        case NotebookError():
            body["problems"] = [asdict(problem) for problem in error.problems]
        case RunFailed():
            body |= {
                "step": error.step,
                "cell": error.cell,
                "ename": error.ename,
                "evalue": error.evalue,
                "traceback": error.traceback,
            }
    notes = getattr(error, "__notes__", ())
    return body | ({"notes": list(notes)} if notes else {})


def failure_lines(error: MlopsError) -> Iterator[str]:
    """The error line by line: a failed run begins with the user's own traceback, not ours."""
    match error:
        case RunFailed() if error.traceback:
            yield error.traceback.rstrip()
            yield ""
        case NotebookError() if len(error.problems) > 1:
            yield "mlops: nothing ran; this is wrong with the notebook:"
            yield from (f"  {problem}" for problem in error.problems)
            return
    yield from f"mlops: {error}".splitlines()
    for note in getattr(error, "__notes__", ()):
        yield f"mlops: {note}"
