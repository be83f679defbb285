"""What a command has to say, for eyes and for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import Any, TypeVar

import click

from mlops_lab.errors import MlopsError

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under a head; columns named in `right` hold numbers. Cells may be styled."""

    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[int] = frozenset()

    def lines(self) -> Iterator[str]:
        """The table as aligned text."""
        from rich.cells import cell_len

        rows = ([self.head] if self.head else []) + list(self.rows)
        plain = [[cell_len(click.unstyle(cell)) for cell in row] for row in rows]
        widths = [max(column) for column in zip(*plain, strict=True)]
        for row, sizes in zip(rows, plain, strict=True):
            cells = []
            for i, (cell, size) in enumerate(zip(row, sizes, strict=True)):
                pad = " " * (widths[i] - size)
                cells.append(pad + cell if i in self.right else cell + pad)
            yield "  ".join(cells).rstrip()

    def html(self) -> str:
        """The table as HTML, everything in it escaped."""
        head = "".join(f"<th>{escape(cell)}</th>" for cell in self.head)
        body = "".join(f"<tr>{self._html_row(row)}</tr>" for row in self.rows)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def _html_row(self, row: tuple[str, ...]) -> str:
        cells = []
        for i, cell in enumerate(row):
            align = "right" if i in self.right else "left"
            cells.append(f'<td style="text-align:{align}">{escape(click.unstyle(cell))}</td>')
        return "".join(cells)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a command has to say: `parts` for eyes, `data` for programs.

    `error` is what went wrong with something that has a story all the same: a failed run.
    `behind` is to be done when it is shown.
    `value` is what a notebook gets, where it is more than the answer: a run that still goes on.
    """

    data: Any
    parts: Iterable[str | Table] = ()
    error: MlopsError | None = None
    value: object = None
    behind: Callable[[], None] | None = None

    def text(self) -> Iterator[str]:
        """The answer line by line."""
        for part in self.parts:
            if isinstance(part, Table):
                yield from part.lines()
            else:
                yield part

    def html(self) -> str:
        """The answer as HTML, everything in it escaped."""
        shown = []
        for kind, parts in groupby(self.parts, key=type):
            if kind is Table:
                shown += [part.html() for part in parts if isinstance(part, Table)]
            else:
                text = "\n".join(click.unstyle(str(part)) for part in parts)
                shown.append(f"<pre>{escape(text)}</pre>")
        return "".join(shown)


def answers(command: Command) -> Command:
    """Let a command be asked for JSON; whoever calls it looks for the word in the call."""
    wish = click.option("--json", is_flag=True, expose_value=False, help="Answer in JSON.")
    return wish(command)
