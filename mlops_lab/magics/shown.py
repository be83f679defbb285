"""An answer as a notebook shows it, everything in it escaped."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from mlops_lab.commands.answer import Answer
from mlops_lab.commands.failure import failure_lines
from mlops_lab.errors import MlopsError


class Shown:
    """An answer with a rich repr; `data` is what `--json` would have said."""

    def __init__(self, answer: Answer) -> None:
        answer = replace(answer, parts=tuple(answer.parts))  # it is read twice
        self.data = answer.data
        self._text = click.unstyle("\n".join(answer.text()))
        self._html = answer.html()

    def __repr__(self) -> str:
        return self._text

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": self._text, "text/html": f'<div class="mlops">{self._html}</div>'}


def told(error: MlopsError) -> MlopsError:
    """The error, shown by its message and the user's own traceback: our frames tell her nothing."""
    lines = list(failure_lines(error))
    error._render_traceback_ = lambda: lines  # type: ignore[attr-defined]
    return error
