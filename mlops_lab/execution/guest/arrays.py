"""Arrays that share memory."""

from __future__ import annotations

import sys
from typing import Any


def is_array(obj: Any) -> bool:
    """Whether a value is a NumPy array; false while NumPy is not imported."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(obj, numpy.ndarray)


def root_of(array: Any) -> Any:
    """The array that an array is a view of, at the end of the chain."""
    base = array.base
    while base is not None:
        if is_array(base):
            array = base
        elif type(base).__name__ != "DummyArray":  # as_strided puts one between
            break
        base = base.base
    return array


def make_view(
    kind: Any, root: Any, start: int, shape: Any, strides: Any, dtype: Any, writeable: bool
) -> Any:
    """A view of an array as it was: `start` and `strides` are in bytes."""
    numpy = sys.modules["numpy"]
    view = numpy.ndarray(shape, dtype, buffer=root, offset=start, strides=strides)
    view = view if kind is numpy.ndarray else view.view(kind)
    if not writeable:
        view.flags.writeable = False
    return view
