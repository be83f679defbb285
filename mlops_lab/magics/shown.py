"""An answer as a notebook shows it, everything in it escaped."""

from __future__ import annotations

from typing import Any

import click

from mlops_lab.commands.answer import Answer


class Shown:
    """An answer with a rich repr; `data` is what `--json` would have said."""

    def __init__(self, answer: Answer) -> None:
        self.data = answer.data
        self._text = click.unstyle("\n".join(answer.text()))
        self._html = answer.html()

    def __repr__(self) -> str:
        return self._text

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": self._text, "text/html": f'<div class="mlops">{self._html}</div>'}
