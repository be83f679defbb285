"""`%%mlops step NAME`: in the open kernel the cell runs as if the line weren't there."""

from __future__ import annotations

import re
from typing import Any

LINE = re.compile(r"%%mlops\s+step(?:\s|$)")


def strip_step_line(lines: list[str]) -> list[str]:
    """The cell without its `%%mlops step` line; an empty line keeps the place.

    This takes place before IPython looks for magics, so the cell then is an ordinary one:
    output, `_`, errors, `await` are what they are without the line.
    """
    for i, line in enumerate(lines):
        if line.strip():
            return [*lines[:i], "\n", *lines[i + 1 :]] if LINE.match(line) else lines
    return lines


def install(shell: Any) -> None:
    """Let the shell understand the line."""
    transforms = shell.input_transformers_cleanup
    if strip_step_line not in transforms:
        # First, so that IPython drops the empty line here as it does in a run: tracebacks agree.
        transforms.insert(0, strip_step_line)
