"""Whether this process ever had a child: what others did may then be its doing."""

from __future__ import annotations

import os
import resource


class Family:
    """The children of this process, from its making on; `had` says that it was heard of one."""

    def __init__(self) -> None:
        self.had = False
        self._faults = _faults()

    def children(self) -> bool:
        """Whether there is a child, or ever was one; native code starts some unheard."""
        self.had = self.had or _faults() != self._faults or _has_child()
        return self.had


def _faults() -> int:
    """Page faults of all children that are gone: each has had some."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_minflt


def _has_child() -> bool:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True
