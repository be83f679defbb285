"""Artifacts mapped into memory, and whether anything was written there.

A page that was written is no longer the file's: Linux counts it as anonymous, or as swapped out.
So what nobody wrote to needs no second look, however large it is.
"""

from __future__ import annotations

import ctypes
import mmap
import re
import weakref
from dataclasses import dataclass, field
from typing import Any

from .digests import digest_of

LARGE = 1 << 23
"""Buffers below this many bytes are digested sooner than the kernel tells about their pages."""
_AREA = re.compile(rb"^([0-9a-f]+)-([0-9a-f]+) ", re.MULTILINE)
_OWN = re.compile(rb"^(?:Anonymous|Swap): +(\d+) kB", re.MULTILINE)


class Mapped(mmap.mmap):
    """Memory that began as an artifact's content; nobody else sees what is written to it."""


_known: dict[int, tuple[weakref.ref[Mapped], int, str]] = {}


def remember(mapped: Mapped, digest: str) -> None:
    """From here on this memory is known to have begun with content of that digest."""
    start = ctypes.addressof(ctypes.c_char.from_buffer(mapped))
    gone = weakref.ref(mapped, lambda _: _known.pop(start, None))
    _known[start] = gone, len(mapped), digest


@dataclass(slots=True)
class Pages:
    """One look at this process's memory, taken when it is first needed."""

    _written: list[tuple[int, int]] | None = field(default=None)

    def digest(self, raw: memoryview) -> str:
        """The digest of a buffer; the one that it came with where no page of it was written."""
        if raw.nbytes >= LARGE and _known:
            start = _address(raw)
            mapped, length, digest = _known.get(start, (None, 0, ""))
            if mapped is not None and mapped() is not None and length == raw.nbytes:
                if self._clean(start, start + length):
                    return digest
        return digest_of(raw)

    def _clean(self, start: int, end: int) -> bool:
        if self._written is None:
            self._written = _written_areas()
        return all(end <= low or high <= start for low, high in self._written)


def _written_areas() -> list[tuple[int, int]]:
    """The areas of memory with pages of this process's own; all of it where nobody can tell."""
    try:
        with open("/proc/self/smaps", "rb") as file:
            text = file.read()
    except OSError:
        return [(0, 1 << 64)]
    areas = list(_AREA.finditer(text))
    ends = [area.start() for area in areas[1:]] + [len(text)]
    found = []
    for area, end in zip(areas, ends, strict=True):
        counts = _OWN.findall(text, area.end(), end)
        if not counts or any(int(count) for count in counts):
            found.append((int(area[1], 16), int(area[2], 16)))
    return found


def _address(raw: memoryview) -> int:
    """Where a buffer lies; 0 where it can't be told."""
    if not raw.readonly:
        return ctypes.addressof(ctypes.c_char.from_buffer(raw))
    interface: Any = getattr(raw.obj, "__array_interface__", None)
    return int(interface["data"][0]) if interface else 0
