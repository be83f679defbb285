"""Knocks: who changed the records tells those who listen that there is something to read.

A knock is one datagram that nobody waits for. It holds a word and what it is about, but may be
lost where many come at once: who hears one looks at all that it follows.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
from pathlib import Path

from mlops_lab.backends import private
from mlops_lab.backends.records.place import private_folder
from mlops_lab.errors import BackendError

EVENTS = "events"
LOG = "log"
_LONGEST = 4096


def listeners(folder: Path) -> Path:
    """Where the listeners of a project are found, given its folder `.mlops`."""
    return folder / "listeners"


def knock(place: Path, *words: str) -> None:
    """Tell all who listen at a place; those that are gone are forgotten."""
    try:
        doors = os.listdir(place)  # noqa: PTH208  every printed line passes here
    except OSError:
        return
    if not doors:
        return
    said = "\n".join(words).encode()[:_LONGEST]
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as own:
        own.setblocking(False)
        for door in doors:
            try:
                own.sendto(said, str((place / door).readlink()))
            except (ConnectionRefusedError, FileNotFoundError):
                with contextlib.suppress(OSError):
                    (place / door).unlink()
            except OSError:
                continue  # its ears are full, so it will look anyway; or it is no door at all


class Listener:
    """A place to knock at, from its making until it is closed.

    The socket lies in a short folder of its owner's: a project's path may be too long for one. A
    link in the project leads there.
    """

    def __init__(self, place: Path) -> None:
        self._home = private.folder()
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            self.socket.setblocking(False)
            self.socket.bind(str(self._home / "ear"))
            self._door = private_folder(place) / secrets.token_hex(8)
            self._door.symlink_to(self._home / "ear")
        except OSError as error:
            self.socket.close()
            shutil.rmtree(self._home, ignore_errors=True)
            raise BackendError(f"nobody can listen at {place}: {error.strerror}") from error

    def fileno(self) -> int:
        """What there is to wait for."""
        return self.socket.fileno()

    def heard(self) -> list[tuple[str, ...]]:
        """The knocks since the last look, each as its words."""
        found = []
        with contextlib.suppress(BlockingIOError):
            while True:
                said = self.socket.recv(_LONGEST).decode("utf-8", "replace")
                found.append(tuple(said.split("\n")))
        return found

    @property
    def known(self) -> bool:
        """Whether its door is still there to be found; a project's `.mlops` may be removed."""
        return self._door.is_symlink()

    def close(self) -> None:
        """Listen no more."""
        self._door.unlink(missing_ok=True)
        self.socket.close()
        shutil.rmtree(self._home, ignore_errors=True)
