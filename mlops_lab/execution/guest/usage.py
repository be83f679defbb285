"""How much memory and processor time this kernel takes for a segment."""

from __future__ import annotations

import os
import resource
import sys
import time
from contextlib import suppress


class Usage:
    """What the process takes between `begin` and `look`, its children aside.

    The system keeps a high-water mark of the process's memory. Linux lets it be lowered, so that it
    is the segment's own; where that can't be, or must not because the notebook looks at the mark
    itself, it says something of a segment only if it rose in it.
    """

    def __init__(self, *, lowers: bool) -> None:
        # Opened here, once: a scout may write to no file later on.
        self._status = _opened("/proc/self/status", os.O_RDONLY)
        self._mark = _opened("/proc/self/clear_refs", os.O_WRONLY) if lowers else None
        self.begin()

    def begin(self) -> None:
        """From here on it is the next segment's."""
        self._above = 0 if self._lowered() else self._peak()
        self._busy = time.process_time()

    def look(self) -> dict[str, float]:
        """`memory`: the peak in bytes, 0 where it isn't known; `cpu`: seconds of all threads."""
        peak = self._peak()
        return {
            "memory": peak if peak > self._above else 0,
            "cpu": round(time.process_time() - self._busy, 3),
        }

    def _lowered(self) -> bool:
        """Whether the mark has come down to what is used now."""
        if self._mark is None or self._status is None:
            return False
        with suppress(OSError):
            return os.write(self._mark, b"5") == 1
        return False

    def _peak(self) -> int:
        if self._status is not None:
            with suppress(OSError, ValueError, IndexError):
                text = os.pread(self._status, 8192, 0)
                return int(text[text.index(b"VmHWM:") :].split(None, 2)[1]) * 1024
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024


def _opened(path: str, flags: int) -> int | None:
    try:
        return os.open(path, flags | os.O_CLOEXEC)
    except OSError:
        return None
