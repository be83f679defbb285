"""Write a notebook's file, whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbformat import NotebookNode


def write(nb: NotebookNode, path: str | Path) -> None:
    """Put the notebook into a local file. Whoever reads it meanwhile sees the old or the new."""
    # Two seconds in a kernel where nothing else wants it, and who replaces a file may not.
    from nbformat import v4

    replace(path, (v4.writes(nb) + "\n").encode("utf-8", "surrogatepass"))


def replace(path: str | Path, content: bytes) -> None:
    """Put the content into a local file, in one step that outlives a crash.

    The file keeps its mode; what a link points to is replaced, not the link.
    """
    path = Path(os.path.realpath(path))
    draft = path.with_name(f".{path.name[:100]}.{secrets.token_hex(6)}.tmp")
    try:
        with draft.open("xb") as file:
            with contextlib.suppress(FileNotFoundError):
                os.fchmod(file.fileno(), path.stat().st_mode & 0o7777)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
