"""Equal values, equal streams: what no notebook can see stays out of them.

Pickle writes an object once and refers to it from then on. Whether two equal strings are one object
depends on where they came from: Python interns the names of attributes, but not what it reads from
a file. So here the second of two equal strings refers to the first, the same object or not; NumPy's
dtypes and slices likewise.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from typing import Any

MOST_STRINGS = 20_000
"""How many different strings of one value are remembered; more would cost more than it brings."""


PLAIN_DTYPES = "?bBhHiIlLqQefdgFDGSUVOMm"
"""What stands for the kinds of dtypes that their short names tell all about."""
_WHOLE = frozenset((int, type(None)))


class Dtype:
    """Stands for a plain NumPy dtype in a stream, equal ones for all equal ones."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __reduce__(self) -> Any:
        return sys.modules["numpy"].dtype, (self.text,)


def make_persistent_id() -> Callable[[Any], Any]:
    """What a pickler asks for each object: the one to refer to instead, or None."""
    strings: dict[str, str] = {}
    dtypes: dict[str, Dtype] = {}
    slices: dict[tuple[Any, Any, Any], slice] = {}
    kinds = _dtype_kinds()

    def persistent_id(obj: Any) -> Any:
        kind = type(obj)
        if kind is str:
            known = strings.get(obj)
            if known is None and len(strings) < MOST_STRINGS:
                strings[obj] = obj
            return known  # none for the first: it is written as always
        if kind in kinds and obj.names is None and obj.subdtype is None and not obj.metadata:
            return dtypes.setdefault(obj.str, Dtype(obj.str))
        if kind is slice:
            ends = obj.start, obj.stop, obj.step
            if _WHOLE.issuperset(map(type, ends)):
                known_slice = slices.get(ends)
                slices.setdefault(ends, obj)
                return known_slice
        return None

    return persistent_id


def _dtype_kinds() -> frozenset[type]:
    """The classes of NumPy's dtypes that their short names tell; empty while it isn't imported."""
    numpy = sys.modules.get("numpy")
    if numpy is None or not hasattr(numpy, "dtypes"):
        return frozenset()
    return frozenset(type(numpy.dtype(text)) for text in PLAIN_DTYPES)


class Loader(pickle.Unpickler):
    """Reads what a `Dumper` wrote."""

    def persistent_load(self, pid: Any) -> Any:
        """What is referred to is in the stream itself."""
        return pid
