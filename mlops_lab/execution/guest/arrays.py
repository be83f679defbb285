"""Arrays that share memory."""

from __future__ import annotations

import sys
from typing import Any

from .store import SMALL


def is_array(obj: Any) -> bool:
    """Whether a value is a NumPy array; false while NumPy is not imported."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(obj, numpy.ndarray)


def is_record(obj: Any) -> bool:
    """Whether a value is one record of an array, in whose memory it lies."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(obj, numpy.void) and is_array(obj.base)


def root_of(array: Any) -> Any:
    """The array that an array or record is a view of, at the end of the chain."""
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


def covers(array: Any, root: Any) -> bool:
    """Whether an array is all of its root, in one piece."""
    flags = array.flags
    return array.nbytes == root.nbytes and bool(flags.c_contiguous or flags.f_contiguous)


def small_array(array: Any) -> Any:
    """How an array that owns little memory is written, to own it again."""
    if (
        type(array) is not sys.modules["numpy"].ndarray
        or array.base is not None
        or array.nbytes >= SMALL
        or array.dtype.hasobject
        or not array.flags.writeable
    ):
        return NotImplemented
    make, args, *rest = array.__reduce_ex__(5)
    if make.__name__ != "_frombuffer":  # its memory has gaps
        return NotImplemented
    return (make_array, args, *rest)


def make_array(buffer: Any, dtype: Any, shape: Any, order: str) -> Any:
    """An array that owns its memory."""
    numpy = sys.modules["numpy"]
    return numpy.frombuffer(buffer, dtype=dtype).reshape(shape, order=order).copy(order=order)


def parts_of(array: Any) -> dict[str, Any]:
    """What a masked array has besides its data; what stands for the usual filling is left open."""
    own = vars(array)
    fill = own.get("_fill_value")
    usual = sys.modules["numpy"].ma.default_fill_value(array) if fill is not None else None
    if fill is None or array.dtype.names or fill.tolist() != usual:
        return dict(own)
    return {**own, "_fill_value": None}  # asking for it fills it in


def make_masked(kind: Any, data: Any, own: dict[str, Any]) -> Any:
    """A masked array of that data, which it shares."""
    array = data.view(kind)
    vars(array).update(own)
    return array
