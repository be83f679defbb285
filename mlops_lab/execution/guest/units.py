"""Names whose values share a mutable object are one unit, with one version and one pickle."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import fractions
import gc
import io
import mmap
import pathlib
import pickle
import re
import sys
import types
import uuid
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .arrays import is_array, root_of
from .classes import owner_of
from .definitions import DEFINITIONS
from .digests import digest_of
from .generators import shared_by_all
from .loading import HERE
from .mapped import Pages
from .pickling import Dumper
from .reducers import SINGLETONS, Unpicklable

IMMUTABLE = (
    type(None), bool, int, float, complex, str, bytes, range, slice, type, tuple, frozenset,
    types.BuiltinFunctionType, types.ModuleType, types.CodeType, types.EllipsisType,
    datetime.date, datetime.time, datetime.timedelta, datetime.tzinfo, decimal.Decimal,
    fractions.Fraction, uuid.UUID, pathlib.PurePath, re.Pattern, enum.Enum, property,
)  # fmt: skip
ATOMS = frozenset((str, bytes, tuple))
"""What pickle remembers in masses, and nobody can change."""
IMMUTABLE_HOMES = ("pandas._libs", "pandas.core.dtypes", "numpy.dtypes", "zoneinfo", "ipaddress")
SETS = (set, frozenset)
WALK_LIMIT = 200_000
_NOTHING = getattr(dataclasses, "_EMPTY_METADATA", None)
MAPPED = "a file mapped into memory can't travel"


@dataclass(slots=True)
class Shot:
    """One name's value, dumped; or why it can't be (`live`)."""

    name: str
    stream: bytes = b""
    buffers: list[pickle.PickleBuffer] = field(default_factory=list)
    refs: frozenset[str] = frozenset()
    objects: dict[int, Any] = field(default_factory=dict)
    opaque: frozenset[int] = frozenset()
    roots: dict[int, bool] = field(default_factory=dict)
    twice: frozenset[int] = frozenset()
    live: str = ""


@dataclass(slots=True)
class Unit:
    """Names that share, dumped together. `digest` is None where the unit lives here only.

    `marks` are the digests of the buffers.
    """

    names: tuple[str, ...]
    digest: str | None
    stream: bytes = b""
    buffers: list[pickle.PickleBuffer] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    refs: frozenset[str] = frozenset()
    live: str = ""

    def holds(self, secret: bytes) -> bool:
        """Whether the value contains these bytes."""
        return secret in self.stream or any(secret in bytes(b.raw()) for b in self.buffers)


def take(name: str, value: Any, shared: frozenset[int] = frozenset()) -> Shot:
    """Dump one value; `name` begins with `@` where it is a definition's content."""
    file = io.BytesIO()
    dumper = Dumper(file, shared)
    try:
        with WithoutMain():
            dumper.dump_content(value) if name.startswith("@") else dumper.dump(value)
    except Exception as error:  # a foreign __reduce__ may raise anything
        objects = _walk(value)
        refs = frozenset(dumper.refs)
        mapped = any(type(obj) is mmap.mmap for obj in objects.values())
        live = MAPPED if mapped else _why(error)
        roots = dumper.roots | _roots(objects)
        return Shot(name, refs=refs, objects=objects, roots=roots, live=live)
    finally:
        dumper.tidy()
    objects = {key: obj for key, (_, obj) in dumper.memo.copy().items() if type(obj) not in ATOMS}
    if any(type(obj) in SETS and not _keeps_order(obj) for obj in objects.values()):
        return Shot(name, refs=frozenset(dumper.refs), objects=objects, roots=dumper.roots,
                    live="a set whose order would change can't travel")  # fmt: skip
    return Shot(
        name,
        file.getvalue(),
        dumper.buffers,
        frozenset(dumper.refs),
        objects,
        frozenset(dumper.opaque),
        dumper.roots,
        frozenset(root for root, uses in dumper.root_uses.items() if uses > 1),
    )


def group(shots: list[Shot], values: dict[str, Any]) -> list[Unit]:
    """The units that these names form, in the order of their first names."""
    parent = {shot.name: shot.name for shot in shots}

    def find(name: str) -> str:
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    def join(name: str, first: str) -> None:
        parent[find(name)] = find(first)

    _join_by_objects(shots, find, join)
    shared = _join_by_memory(shots, join).union(*(shot.twice for shot in shots))
    members: dict[str, list[Shot]] = {}
    for shot in shots:
        members.setdefault(find(shot.name), []).append(shot)
    pages = Pages()
    return [_unit(own, values, frozenset(shared), pages) for own in members.values()]


def _join_by_objects(
    shots: list[Shot], find: Callable[[str], str], join: Callable[[str, str], None]
) -> None:
    """Join names that reach one object which can change, unless each reaches it inside of frames.

    A frame copies before it changes what another one shares.
    """
    owners: dict[int, tuple[str, bool]] = {}
    for shot in shots:
        for key, obj in shot.objects.items():
            inside = key in shot.opaque
            first, both = owners.setdefault(key, (shot.name, inside))
            if both and not inside:
                owners[key] = (shot.name, False)
            if find(first) != find(shot.name) and not (inside and both) and is_mutable(obj):
                join(shot.name, first)


def _join_by_memory(shots: list[Shot], join: Callable[[str, str], None]) -> set[int]:
    """Join names whose arrays lie in one piece of memory; those pieces."""
    users: dict[int, list[tuple[str, bool]]] = {}
    for shot in shots:
        for root, guarded in shot.roots.items():
            users.setdefault(root, []).append((shot.name, guarded))
    shared = set()
    for root, known in users.items():
        if len(known) > 1 and not all(guarded for _, guarded in known):
            shared.add(root)
            for name, _ in known[1:]:
                join(name, known[0][0])
    return shared


def _unit(shots: list[Shot], values: dict[str, Any], shared: frozenset[int], pages: Pages) -> Unit:
    names = tuple(sorted(shot.name for shot in shots))
    refs = frozenset[str]().union(*(shot.refs for shot in shots))
    live = next((shot.live for shot in shots if shot.live), "")
    if live:
        return Unit(names, None, refs=refs, live=live)
    if len(shots) == 1 and not (shots[0].roots.keys() & shared):
        return _whole(names, shots[0], pages)
    if any(name.startswith("@") for name in names) and len(names) > 1:
        return Unit(names, None, refs=refs, live=f"{', '.join(names)} share state")
    value = {name: values[name] for name in names} if len(names) > 1 else values[names[0]]
    return _whole(names, take(names[0], value, shared), pages)


def _whole(names: tuple[str, ...], shot: Shot, pages: Pages) -> Unit:
    if shot.live:
        return Unit(names, None, refs=shot.refs, live=shot.live)
    marks = [pages.digest(buffer.raw()) for buffer in shot.buffers]
    digest = digest_of(" ".join([digest_of(shot.stream), *marks]).encode())
    return Unit(names, digest, shot.stream, shot.buffers, marks, shot.refs)


def is_mutable(obj: Any) -> bool:
    """Whether two names that share this object could see each other's changes."""
    if isinstance(obj, IMMUTABLE):
        return False
    kind = type(obj)
    if kind.__module__.startswith(IMMUTABLE_HOMES):
        return False
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(obj, (numpy.generic, numpy.dtype, numpy.ufunc)):
        return False
    if kind is types.FunctionType:
        method = owner_of(obj, HERE.namespace) is not None
        return not (method or _by_name(obj) or DEFINITIONS.knows(obj))
    if kind in SINGLETONS or obj is _NOTHING or shared_by_all(obj) is not None:
        return False
    marked = "__slotnames__" in vars(kind)
    try:
        return not isinstance(obj.__reduce_ex__(5), str)  # a name: one for all by its nature
    except Exception:  # a foreign __reduce__ may raise anything
        return True
    finally:
        if not marked and "__slotnames__" in vars(kind) and kind.__module__ == "__main__":
            del kind.__slotnames__  # a notebook could see it


def _keeps_order(items: Any) -> bool:
    """Whether a set that is made anew from its items lists them in the same order."""
    listed = list(items)
    return len(listed) < 2 or list(type(items)(listed)) == listed


def _by_name(function: types.FunctionType) -> bool:
    module = sys.modules.get(function.__module__)
    return function.__module__ != "__main__" and module is not None


def _why(error: Exception) -> str:
    text = str(error).strip().splitlines()
    return text[0] if isinstance(error, (Unpicklable, TypeError)) and text else repr(error)[:200]


def _walk(value: Any) -> dict[int, Any]:
    """What a value that can't be pickled reaches, by the garbage collector's own eyes."""
    stop = (type, types.ModuleType, types.FrameType, types.CodeType, str, bytes)
    main = sys.modules["__main__"].__dict__
    found: dict[int, Any] = {}
    ahead = [value]
    while ahead and len(found) < WALK_LIMIT:
        obj = ahead.pop()
        if id(obj) in found or obj is main or isinstance(obj, stop):
            continue
        found[id(obj)] = obj
        if isinstance(obj, types.FunctionType):
            ahead += [*(obj.__closure__ or ()), obj.__dict__, obj.__defaults__]
        elif isinstance(obj, weakref.ref):
            ahead.append(obj())
        elif isinstance(obj, types.GeneratorType):
            frame = obj.gi_frame
            ahead += [] if frame is None else list(frame.f_locals.values())
        else:
            ahead += gc.get_referents(obj)
    return found


def _roots(objects: dict[int, Any]) -> dict[int, bool]:
    return {id(root_of(obj)): False for obj in objects.values() if is_array(obj)}


class WithoutMain:
    """Nothing is `__main__`'s by name: what would be pickled so could not be found elsewhere."""

    def __enter__(self) -> None:
        self.main = sys.modules["__main__"]
        sys.modules["__main__"] = types.ModuleType("__main__")

    def __exit__(self, *_: object) -> None:
        sys.modules["__main__"] = self.main
