"""What pickle streams call when they are read: how values come into being in this kernel."""

from __future__ import annotations

import enum
import importlib
import io
import types
from dataclasses import dataclass, field
from typing import Any

from cloudpickle import cloudpickle as cp

from .canonical import Loader
from .classes import named_tuples
from .definitions import DEFINITIONS


@dataclass(slots=True)
class Place:
    """Where values arrive: functions look their globals up in `namespace`.

    `cells` is the folder that this kernel pretends its cells' files to be in.
    """

    namespace: dict[str, Any] = field(default_factory=dict)
    cells: str = ""


HERE = Place()
"""This kernel's own: pickle streams call functions, so it can't be an argument."""


def load(stream: Any, buffers: Any) -> Any:
    """The value of a stream that `Dumper` wrote, and of its buffers."""
    return Loader(io.BytesIO(stream), buffers=buffers).load()


def definition(name: str) -> Any:
    """The class or function of that id."""
    return DEFINITIONS.find(name)


def make_class(name: str, kind: Any, title: str, bases: Any, kwargs: Any) -> Any:
    """The class of that id, known or new, still without its content."""
    known = DEFINITIONS.known(name)
    if known is not None:
        return known
    cls = types.new_class(title, bases, {"metaclass": kind}, lambda ns: ns.update(kwargs))
    DEFINITIONS.register(name, cls)
    return cls


def make_enum(
    name: str, bases: Any, title: str, qualname: str, module: str, members: Any, known: list[Any]
) -> Any:
    """The enumeration of that id, known or new."""
    found = DEFINITIONS.known(name)
    if found is not None:
        return found
    made = cp._make_skeleton_enum(bases, title, qualname, members, module, name, None)
    DEFINITIONS.register(name, made)
    for value in known:
        made(value)
    return made


def set_class(cls: type, state: Any) -> None:
    """Bring a class up to date: what was deleted since goes, the rest is set."""
    attributes, slots, *members = state
    keep = set(attributes) | {"__dict__", "__weakref__", "__module__", "__abstractmethods__"}
    if issubclass(cls, enum.Enum):
        keep |= vars(cls).keys()  # its members are made with it, and stay
    ours = [a for a in vars(cls) if a in attributes and not a.startswith("__")]
    written = [a for a in attributes if not a.startswith("__")]
    if not issubclass(cls, enum.Enum) and ours != written[: len(ours)]:
        keep -= set(ours)  # set anew, they stand in the order in which they were written
    for stale in [a for a in vars(cls) if a not in keep]:
        if not isinstance(vars(cls)[stale], types.MemberDescriptorType):
            try:
                delattr(cls, stale)
            except (AttributeError, TypeError):
                continue  # the metaclass holds on to it (enumerations, __slots__)
    cp._class_setstate(cls, (attributes, slots))
    for key, own in (members[0] if members else {}).items():
        held = cls.__members__[key].__dict__  # type: ignore[attr-defined]
        held.update(own)
        for last in ("_sort_order_", "_inverted_"):  # Python sets these last
            held |= {last: held.pop(last)} if last in held else {}


def make_function(name: str | None, code: Any, title: str, closure: Any, owner: Any) -> Any:
    """A function in this kernel's namespace; the one of that id where it is known."""
    if name is not None:
        known = DEFINITIONS.known(name)
        if known is not None:
            known.__code__ = code
            return known
    if owner is None:
        namespace = HERE.namespace
    elif owner.startswith("namedtuple_"):
        namespace = named_tuples(owner)
    else:
        namespace = vars(importlib.import_module(owner))
    function = types.FunctionType(code, namespace, title, None, closure)
    if name is not None:
        DEFINITIONS.register(name, function)
    return function


def set_function(function: Any, state: Any) -> None:
    """Give a function what isn't in its code."""
    slots, attributes = state
    for slot, value in slots.items():
        setattr(function, slot, value)
    function.__dict__.clear()
    function.__dict__.update(attributes)


def make_code(*args: Any) -> types.CodeType:
    """Code, in the file that this kernel calls that cell's."""
    make: Any = types.CodeType
    code: types.CodeType = make(
        *(
            HERE.cells + arg[len("<cell>/") :]
            if isinstance(arg, str) and arg.startswith("<cell>/")
            else arg
            for arg in args
        )
    )
    return code


def make_cell() -> types.CellType:
    """An empty closure cell."""
    return types.CellType()


def set_cell(cell: types.CellType, content: tuple[Any, ...]) -> None:
    """Fill a closure cell, unless it was empty."""
    if content:
        cell.cell_contents = content[0]


def from_module(module: str, qualname: str, mark: str) -> Any:
    """A project module, or something in it. `mark` stands for its content in the digest."""
    found: Any = importlib.import_module(module)
    for part in filter(None, qualname.split(".")):
        found = getattr(found, part)
    return found


def call_method(name: str, obj: Any) -> Any:
    """`obj.name()`: how a view of a dict's keys, values or items is made anew."""
    return getattr(obj, name)()


def attribute(module: str, name: str) -> Any:
    """What a module holds under a name, one for all."""
    return getattr(importlib.import_module(module), name)
