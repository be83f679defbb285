"""Which files of a folder tree this very process has opened or changed, native code included.

inotify tells that somebody touched a file, fanotify who: to an unprivileged listener it names at
least the events of its own process.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Callable

from .watch import MOST_FOLDERS, folders

_FLAGS = 0x1 | 0x2 | 0xC00
"""FAN_CLOEXEC, FAN_NONBLOCK, FAN_REPORT_DFID_NAME"""
_ADD, _HERE = 0x1, -100
_OPEN, _CHANGED, _MADE = 0x20, 0x2 | 0x8 | 0x200, 0x100 | 0xC0
_ON_CHILD, _ON_FOLDER, _OVERFLOW = 0x08000000, 0x40000000, 0x4000
_NAMED, _HANDLE_BYTES = 2, 128
_EVENT = struct.Struct("=IBBHQii")
_INFO = struct.Struct("=BBH8sIi")


class OwnOpens:
    """Watches `top` and the folders below it; `works` only where the system can tell."""

    def __init__(self, top: str, quiet: Callable[[str], bool]) -> None:
        self._quiet = quiet
        self._folders: dict[bytes, str] = {}
        self._numbers: dict[str, int] = {}
        self._file = -1
        self.works = False
        if not sys.platform.startswith("linux"):
            return
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._file = self._libc.fanotify_init(_FLAGS, os.O_RDONLY)
        if self._file >= 0:
            self.works = True
            for folder in folders(top, self._quiet):
                if len(self._folders) >= MOST_FOLDERS:
                    break
                if not self.add(folder):
                    self.works = False
                    break

    def knows(self, folder: str) -> bool:
        """Whether it watches a folder: this one, not an earlier one of the same path."""
        try:
            return self._numbers.get(folder) == os.stat(folder).st_ino
        except OSError:
            return False

    def add(self, folder: str) -> bool:
        """Watch one folder more, from now on; whether it can be."""
        path = os.fsencode(folder)
        handle = ctypes.create_string_buffer(8 + _HANDLE_BYTES)
        struct.pack_into("=Ii", handle, 0, _HANDLE_BYTES, 0)
        mount = ctypes.c_int()
        found = self._libc.name_to_handle_at(_HERE, path, handle, ctypes.byref(mount), 0)
        mask = ctypes.c_uint64(_OPEN | _CHANGED | _MADE | _ON_CHILD | _ON_FOLDER)
        if found or self._libc.fanotify_mark(self._file, _ADD, mask, _HERE, path):
            return False
        size, kind = struct.unpack_from("=Ii", handle, 0)
        self._folders[struct.pack("=Ii", size, kind) + handle.raw[8 : 8 + size]] = folder
        self._numbers[folder] = os.stat(path).st_ino
        return True

    def drain(self) -> set[str]:
        """The files that this process has opened or changed since the last call; its folders."""
        found: set[str] = set()
        own = os.getpid()
        while self.works:
            try:
                data = os.read(self._file, 1 << 16)
            except BlockingIOError:
                break
            at = 0
            while at < len(data):
                length, _, _, head, mask, _, pid = _EVENT.unpack_from(data, at)
                if mask & _OVERFLOW:
                    self.works = False
                looks = mask & _ON_FOLDER and not mask & _MADE
                if pid == own and length > head and not looks:
                    found.update(self._path(data[at + head : at + length]))
                at += length
        return found

    def _path(self, info: bytes) -> list[str]:
        kind, _, length, _, size, handle_kind = _INFO.unpack_from(info)
        if kind != _NAMED:
            return []
        start = _INFO.size
        handle = struct.pack("=Ii", size, handle_kind) + info[start : start + size]
        name = os.fsdecode(info[start + size : length].split(b"\0")[0])
        folder = self._folders.get(handle)
        if folder is None or not name or name.startswith("."):
            return []
        path = os.path.join(folder, name)
        return [] if self._quiet(path) else [path]
