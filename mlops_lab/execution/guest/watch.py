"""A folder tree watched by inotify: which files were opened, which were written."""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct
import sys
from collections import Counter
from collections.abc import Callable, Iterator

_MODIFY, _CLOSE_WRITE, _MOVED, _CREATE, _DELETE, _OPEN = 0x2, 0x8, 0xC0, 0x100, 0x200, 0x20
_IS_DIR, _OVERFLOW = 0x40000000, 0x4000
_MASK = _MODIFY | _CLOSE_WRITE | _MOVED | _CREATE | _DELETE | _OPEN
_HEAD = struct.Struct("iIII")
MOST_FOLDERS = 1000


def folders(top: str, quiet: Callable[[str], bool]) -> Iterator[str]:
    """A folder and those below it that are worth watching."""
    for folder, below, _ in os.walk(top):
        below[:] = [b for b in below if not b.startswith(".") and b != "node_modules"]
        if folder != top and quiet(folder):
            below.clear()
        else:
            yield folder


def _files(top: str, quiet: Callable[[str], bool]) -> list[str]:
    found = []
    for folder in folders(top, quiet):
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            found += [e.path for e in entries if e.is_file() and not e.name.startswith(".")]
    return [path for path in found if not quiet(path)]


class FolderWatch:
    """Watches `top` and the folders below it; does nothing where there is no inotify."""

    def __init__(self, top: str, quiet: Callable[[str], bool]) -> None:
        self._quiet = quiet
        self._folders: dict[int, str] = {}
        self._file = -1
        if not sys.platform.startswith("linux"):
            return
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._file = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._file >= 0:
            self._add(top)

    def _add(self, top: str) -> None:
        for folder in folders(top, self._quiet):
            if len(self._folders) >= MOST_FOLDERS:
                return
            number = self._libc.inotify_add_watch(self._file, os.fsencode(folder), _MASK)
            if number >= 0:
                self._folders[number] = folder

    def drain(self) -> tuple[set[str], set[str]]:
        """The files opened and the files written or removed since the last call.

        A file that was opened only to write it counts as written alone.
        """
        opened: Counter[str] = Counter()
        written: set[str] = set()
        while self._file >= 0:
            try:
                data = os.read(self._file, 1 << 16)
            except BlockingIOError:
                break
            at = 0
            while at < len(data):
                number, mask, _, length = _HEAD.unpack_from(data, at)
                raw = data[at + _HEAD.size : at + _HEAD.size + length].rstrip(b"\0")
                at += _HEAD.size + length
                self._sort(self._folders.get(number), os.fsdecode(raw), mask, opened, written)
        return {path for path, times in opened.items() if times > 0}, written

    def _sort(
        self, folder: str | None, name: str, mask: int, opened: Counter[str], written: set[str]
    ) -> None:
        if folder is None or not name or name.startswith("."):
            return
        path = os.path.join(folder, name)
        if self._quiet(path):
            return
        if mask & _IS_DIR:
            if mask & (_CREATE | _MOVED):
                self._add(path)
                # What happened in there before it was watched: all of it is new.
                written.update(_files(path, self._quiet))
        elif mask & (_CLOSE_WRITE | _MODIFY | _MOVED | _CREATE | _DELETE):
            written.add(path)
            opened[path] -= bool(mask & _CLOSE_WRITE)
        elif mask & _OPEN:
            opened[path] += 1
