"""Which notebook a kernel belongs to, and whether its file is as it stands on the screen."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path
from typing import Any

from mlops_lab.errors import NotFound, UsageError

WAY_OUT = "name it, as in: %mlops run --notebook train.ipynb, or set MLOPS_NOTEBOOK"

OURS = re.compile(r"(\w+\s*=\s*)?%(mlops\s|load_ext mlops_lab$)")


def current_notebook(shell: Any) -> Path:
    """The notebook in which the shell's cells stand.

    MLOPS_NOTEBOOK says it; else VS Code, by a variable; else Jupyter Server, by the session's
    name, which is the path at the time when the kernel started.
    """
    named = os.environ.get("MLOPS_NOTEBOOK")
    vs_code = shell.user_ns.get("__vsc_ipynb_file__")
    known = named or vs_code or os.environ.get("JPY_SESSION_NAME")
    if not known:
        raise UsageError(f"which notebook is this? {WAY_OUT}")
    path = Path(known)
    if not path.is_file():
        why = "as MLOPS_NOTEBOOK says" if named else "renamed since its kernel started, or unsaved"
        raise NotFound(f"no notebook '{path}' ({why}); {WAY_OUT}")
    return path


class Seen:
    """What the shell has run lately: a cell's last source, by its id, and when."""

    def __init__(self) -> None:
        self._cells: dict[str, tuple[str, float]] = {}
        self._last: tuple[str, float] | None = None

    def __call__(self, info: Any) -> None:
        """Take a cell that is about to run."""
        seen = (info.raw_cell, time.time())
        self._last = seen
        if info.cell_id:
            self._cells[info.cell_id] = seen

    def unsaved(self, notebook: Path) -> bool:
        """Whether a cell ran, after the file was saved, with a source that the file has not."""
        try:
            saved_at = notebook.stat().st_mtime
            cells = json.loads(notebook.read_text("utf-8"))["cells"]
            saved = {_text(cell["source"]) for cell in cells}
        except (OSError, ValueError, KeyError, TypeError):
            return False
        recent = [*self._cells.values(), *([self._last] if self._last else [])]
        return any(
            at > saved_at and source.strip() not in saved and not _ours(source)
            for source, at in recent
        )


def _text(source: str | list[str]) -> str:
    return (source if isinstance(source, str) else "".join(source)).strip()


def _ours(source: str) -> bool:
    """Whether a cell says nothing but our words, so that a run is the same without it."""
    lines = [line.strip() for line in source.splitlines() if line.strip()]
    return all(OURS.match(line) for line in lines)
