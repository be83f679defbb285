"""How values of Python's own types are written, where cloudpickle's way is not ours."""

from __future__ import annotations

import dataclasses
import enum
import functools
import gc
import importlib
import re
import sys
import types
from contextlib import suppress
from functools import lru_cache
from typing import Any

from cloudpickle import cloudpickle as cp

from .loading import attribute, call_method, from_module, make_cell, make_code, set_cell
from .modules import local_digest

_CELL_FILE = re.compile(r".*[/\\]ipykernel_\d+[/\\]")


class Unpicklable(Exception):
    """A value that can't travel, and why."""


def _reduce_module(module: types.ModuleType) -> Any:
    if sys.modules.get(module.__name__) is not module:
        raise Unpicklable(f"module {module.__name__} was not imported")
    mark = local_digest(module)
    if mark is None:
        return importlib.import_module, (module.__name__,)
    return from_module, (module.__name__, "", mark)


def _reduce_cell(cell: types.CellType) -> Any:
    content: tuple[Any, ...] = ()
    with suppress(ValueError):  # an empty cell
        content = (cell.cell_contents,)
    return make_cell, (), content, None, None, set_cell


def _reduce_code(code: types.CodeType) -> Any:
    _, args = cp._code_reduce(code)
    at = args.index(code.co_filename, 8)
    filename = _CELL_FILE.sub("<cell>/", code.co_filename)
    return make_code, (*args[:at], filename, *args[at + 1 :])


def _reduce_keys(view: Any) -> Any:
    return call_method, (type(view).__name__.removeprefix("dict_"), gc.get_referents(view)[0])


def _reduce_proxy(proxy: Any) -> Any:
    """A dict's read-only face, as a dataclass has for the notes on its fields."""
    for name in ("_EMPTY_METADATA",):
        if proxy is getattr(dataclasses, name, None):
            return attribute, ("dataclasses", name)
    (behind,) = gc.get_referents(proxy)
    if type(behind) is not dict or "__module__" in behind:  # a class's own namespace
        raise Unpicklable("mappingproxy can't travel")
    return types.MappingProxyType, (behind,)


def _reduce_lazy(lazy: Any) -> Any:
    """A cached property, without the lock that it has in some versions of Python."""
    state = {key: value for key, value in vars(lazy).items() if key != "lock"}
    return functools.cached_property, (lazy.func,), state


def _reduce_cached(function: Any) -> Any:
    """A function that remembers its results: a library's goes by name."""
    if cp._lookup_module_and_qualname(function) is None or function.__module__ == "__main__":
        raise Unpicklable("_lru_cache_wrapper can't travel")
    module = sys.modules.get(function.__module__)
    mark = local_digest(module) if module is not None else None
    if mark is None:
        return NotImplemented
    return from_module, (function.__module__, function.__qualname__, mark)


SINGLETONS: frozenset[type] = frozenset(
    type(getattr(dataclasses, name))
    for name in ("MISSING", "KW_ONLY", "_HAS_DEFAULT_FACTORY", "_FIELD")
    if hasattr(dataclasses, name)
)
"""What stands for itself alone: marks that dataclasses puts on fields."""


def _singleton(name: str) -> Any:
    return lambda _: (attribute, ("dataclasses", name))


def _refuse(obj: Any) -> Any:
    raise Unpicklable(f"{type(obj).__name__} can't travel")


REDUCERS: dict[type, Any] = {
    types.ModuleType: _reduce_module,
    types.CellType: _reduce_cell,
    types.CodeType: _reduce_code,
    type({}.keys()): _reduce_keys,
    type({}.values()): _reduce_keys,
    type({}.items()): _reduce_keys,
    memoryview: _refuse,
    types.MappingProxyType: _reduce_proxy,
    functools.cached_property: _reduce_lazy,
    type(lru_cache(lambda: None)): _reduce_cached,
    type(dataclasses.MISSING): _singleton("MISSING"),
    **{
        type(found): _singleton(name)
        for name in ("KW_ONLY", "_HAS_DEFAULT_FACTORY")
        if (found := getattr(dataclasses, name, None)) is not None
    },
    **dict.fromkeys(map(type, (iter({}), iter({}.values()), iter({}.items()))), _refuse),
    **dict.fromkeys(map(type, (reversed({}), iter(set()))), _refuse),
}


def own_state(member: enum.Enum) -> dict[str, Any]:
    """What an enumeration's member holds besides its name and value."""
    usual = ("_value_", "_name_", "__objclass__", "_sort_order_")
    return {key: value for key, value in vars(member).items() if key not in usual}
