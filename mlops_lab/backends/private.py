"""Places that only their owner can reach: a folder for sockets, a file with a secret in it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from mlops_lab.errors import BackendError

SOCKET_PATH = 90
"""A socket's path may have 103 characters on macOS, 107 on Linux."""


def folder() -> Path:
    """A new folder for sockets, which only its owner can enter, with a short path."""
    places = (os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir(), "/tmp")  # noqa: S108  the shortest
    for place in places:
        if place and os.access(place, os.W_OK) and len(place) < SOCKET_PATH - 20:
            return Path(tempfile.mkdtemp(prefix="mlops-", dir=Path(place).absolute()))
    raise BackendError("no folder for a kernel's sockets: set TMPDIR to a short, writable path")


def write(place: Path, content: bytes) -> None:
    """Make the file, which nobody but its owner can read."""
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
