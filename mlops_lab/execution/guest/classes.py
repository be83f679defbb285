"""What a class of the notebook consists of, and which class a function belongs to."""

from __future__ import annotations

import types
from typing import Any

from cloudpickle import cloudpickle as cp

from .digests import digest_of

_UNTOLD = {
    "__weakref__", "__dict__", "__slotnames__", "_abc_impl", "__annotate_func__",
    "__annotations_cache__",
}  # fmt: skip


def attributes_of(cls: type) -> dict[str, Any]:
    """A class's own attributes: Python's first, then the others as they were written.

    What Python makes anew with the class, such as its slots, is not among them.
    """
    known = cp._class_getstate(cls)[0]
    slots = cls.__dict__.get("__slots__", ())
    left_out = _UNTOLD | ({slots} if isinstance(slots, str) else set(slots))
    own = {
        key: known.get(key, value)
        for key, value in vars(cls).items()
        if key not in left_out and type(value) is not types.MemberDescriptorType
    }
    if "_abc_impl" in known:
        own["_abc_impl"] = known["_abc_impl"]
    if not own.get("__annotations__", True):
        del own["__annotations__"]  # looking for them makes an empty one
    dunder = {key: own[key] for key in sorted(own) if key.startswith("__")}
    return {**dunder, **own}


def bases_of(cls: type) -> tuple[Any, ...]:
    """What a class was derived from, as its author wrote it."""
    if "_fields" in vars(cls) and cls.__bases__ == (tuple,):
        return cls.__bases__  # `NamedTuple` would make the whole class anew
    bases: tuple[Any, ...] = cp._get_bases(cls)
    return bases


def inherited_fields(cls: type) -> dict[int, tuple[type, str]]:
    """The fields that a dataclass shares with one that it is derived from: by id, where."""
    own = vars(cls).get("__dataclass_fields__")
    if not isinstance(own, dict):
        return {}
    found: dict[int, tuple[type, str]] = {}
    for base in cls.__mro__[1:]:
        theirs = vars(base).get("__dataclass_fields__", {})
        found |= {id(f): (base, name) for name, f in theirs.items() if own.get(name) is f}
    return found


def field_of(base: type, name: str) -> Any:
    """A field that a dataclass has from its base. Raises LookupError while that has none yet."""
    return vars(base)["__dataclass_fields__"][name]


def owner_of(function: types.FunctionType, namespace: dict[str, Any]) -> type | None:
    """The class of the notebook whose method a function is, if it can be found by its name."""
    first, *path = function.__qualname__.split(".")
    if not path or "<locals>" in path:
        return None
    owner = namespace.get(first)
    for part in path[:-1]:
        owner = vars(owner).get(part) if isinstance(owner, type) else None
    if not isinstance(owner, type) or function.__name__ != path[-1]:
        return None
    return owner if _function_of(owner, path[-1]) is function else None


def method(owner: type, name: str, mark: str) -> Any:
    """The function that is a class's method. Raises LookupError where another took its place."""
    found = _function_of(owner, name)
    if found is None or code_mark(found) != mark:
        raise LookupError(f"{owner.__name__}.{name} is another function now")
    return found


def code_mark(function: Any) -> str:
    """What tells a function's code from another's."""
    code = function.__code__
    words = (code.co_code, code.co_names, code.co_varnames, len(code.co_consts))
    return digest_of(repr(words).encode())


def _function_of(owner: type, name: str) -> Any:
    found = vars(owner).get(name)
    found = getattr(found, "__func__", found)
    return found if type(found) is types.FunctionType else None


def is_named_tuples(owner: str, namespace: dict[str, Any]) -> bool:
    """Whether it is the namespace that a named tuple's constructor has for itself."""
    return owner.startswith("namedtuple_") and namespace.keys() <= named_tuples(owner).keys()


def named_tuples(owner: str) -> dict[str, Any]:
    """The namespace of a named tuple's constructor."""
    return {"_tuple_new": tuple.__new__, "__builtins__": {}, "__name__": owner}
