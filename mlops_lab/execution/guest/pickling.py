"""Values to pickle streams and back, without losing what one kernel would keep.

Beyond cloudpickle: definitions travel by id, closure cells keep their identity, views stay views of
one array where that shows, and what would be copied silently (open files, memory views) is
refused, so that it lives at home.
"""

from __future__ import annotations

import dis
import enum
import gc
import importlib
import io
import pickle
import re
import sys
import types
import weakref
from contextlib import suppress
from functools import lru_cache
from typing import Any

import cloudpickle
from cloudpickle import cloudpickle as cp

from .definitions import DEFINITIONS, is_definition
from .modules import local_digest

INTROSPECTION = frozenset(
    "globals locals vars dir eval exec get_ipython __import__ _getframe currentframe".split()
)
EVERYTHING = "@everything"

_namespace: dict[str, Any] = {}
_file_prefix = ""
_HEAP_TYPE = 1 << 9
_CELL_FILE = re.compile(r".*[/\\]ipykernel_\d+[/\\]")
_WORD = re.compile(r"[^\W\d]\w*")


def bind_to(namespace: dict[str, Any], file_prefix: str) -> None:
    """Functions that arrive from now on look their globals up in `namespace`.

    `file_prefix` is the folder that this kernel pretends its cells' files to be in.
    """
    global _namespace, _file_prefix
    _namespace = namespace
    _file_prefix = file_prefix


class Unpicklable(Exception):
    """A value that can't travel, and why."""


class Dumper(cloudpickle.Pickler):
    """One dump. Afterwards: `buffers`, `refs` (names looked up by code inside), `roots`.

    `roots` maps the id of each array that owns memory which the value uses to whether the value
    protects it by copy-on-write (pandas) on every path. Arrays whose root is in `shared` are
    written as views of it.
    """

    def __init__(self, file: io.BytesIO, shared: frozenset[int] = frozenset()) -> None:
        super().__init__(file, protocol=5, buffer_callback=self._keep)
        self.buffers: list[pickle.PickleBuffer] = []
        self.refs: set[str] = set()
        self.roots: dict[int, bool] = {}
        self.root_uses: dict[int, int] = {}
        self.shared = shared
        self.opaque: set[int] = set()
        self._content: Any = None
        self._guarded: set[int] = set()
        self._alive: list[Any] = []
        self._lines: dict[int, Any] = {}
        self._whole: set[int] = set()
        self.bare: set[type] = set()

    def _keep(self, buffer: pickle.PickleBuffer) -> bool:
        if buffer.raw().nbytes < 1 << 16:
            return True  # a true value keeps it inside the stream
        self.buffers.append(buffer)
        return False

    def tidy(self) -> None:
        """Take the marks off that pickling leaves on classes: a notebook could see them."""
        for cls in self.bare:
            if "__slotnames__" in vars(cls):
                del cls.__slotnames__  # type: ignore[attr-defined]

    def dump_content(self, definition: Any) -> None:
        """Write what a definition consists of, rather than its id."""
        self._content = definition
        self.dump(definition)

    def reducer_override(self, obj: Any) -> Any:
        """How an object is written, where cloudpickle's way is not ours."""
        kind = type(obj)
        if issubclass(kind, type):
            return self._class(obj)
        if kind is types.FunctionType:
            return self._function(obj)
        if kind.__flags__ & _HEAP_TYPE and "__slotnames__" not in vars(kind):
            self.bare.add(kind)  # copyreg would leave a mark on the class: see `tidy`
        special = _REDUCERS.get(kind)
        if special is not None:
            return special(self, obj)
        module = kind.__module__
        if _is_array(obj):
            return self._array(obj)
        if module.startswith("pandas"):
            self._protect(obj)
        elif module.startswith("torch") and hasattr(obj, "untyped_storage"):
            self._use_root(obj.untyped_storage().data_ptr(), False)
        elif isinstance(obj, (io.IOBase, types.GeneratorType, types.FrameType)):
            if not isinstance(obj, (io.StringIO, io.BytesIO)):
                raise Unpicklable(f"{kind.__name__} can't travel")
        elif isinstance(obj, (weakref.ref, pickle.PickleBuffer)):
            raise Unpicklable(f"{kind.__name__} can't travel")
        elif isinstance(obj, BaseException) and (obj.__traceback__ or obj.__context__):
            raise Unpicklable("an exception that was raised can't travel")
        return NotImplemented

    # -- definitions ----------------------------------------------------------------------------

    def _class(self, cls: type) -> Any:
        if obj_is_builtin_type(cls):
            return cp._class_reduce(cls)
        if cp._should_pickle_by_reference(cls):
            return self._local(cls)
        if self._content is not cls:
            name = DEFINITIONS.id_of(cls)
            self.refs.add(name)
            return definition, (name,)
        self._content = None
        name = DEFINITIONS.id_of(cls)
        if issubclass(cls, enum.Enum):
            members = {key: member.value for key, member in cls.__members__.items()}
            known = list(cls._value2member_map_)  # a flag's combinations stand here too, in order
            title = (cls.__name__, cls.__qualname__, cls.__module__)
            args = (name, cls.__bases__, *title, members, known)
            state = cp._enum_getstate(cls)
            for alias in members.keys() & state[0].keys():
                del state[0][alias]
            own = {key: _own_state(member) for key, member in cls.__members__.items()}
            return make_enum, args, (*state, own), None, None, set_class
        kind, title, bases, kwargs = cp._class_getnewargs(cls)[:4]
        if "__slots__" in vars(cls):
            kwargs["__slots__"] = cls.__slots__
        state = cp._class_getstate(cls)
        for slot in [k for k, v in state[0].items() if isinstance(v, types.MemberDescriptorType)]:
            del state[0][slot]
        return make_class, (name, kind, title, bases, kwargs), state, None, None, set_class

    def _function(self, function: types.FunctionType) -> Any:
        if function.__globals__ is not _namespace:
            return self._foreign_function(function)
        self._look_up(function)
        if is_definition(function, _namespace) and self._content is not function:
            name = DEFINITIONS.id_of(function)
            self.refs.add(name)
            return definition, (name,)
        own = DEFINITIONS.id_of(function) if self._content is function else None
        self._content = None
        return self._by_value(function, own, None)

    def _foreign_function(self, function: types.FunctionType) -> Any:
        if cp._should_pickle_by_reference(function):
            return self._local(function)
        owner = function.__globals__.get("__name__")
        module = sys.modules.get(owner) if isinstance(owner, str) else None
        if module is None or vars(module) is not function.__globals__:
            raise Unpicklable(f"function {function.__qualname__} has a namespace of its own")
        return self._by_value(function, None, owner)

    def _by_value(self, function: types.FunctionType, name: str | None, owner: Any) -> Any:
        args = (name, function.__code__, function.__name__, function.__closure__, owner)
        state = {
            "__qualname__": function.__qualname__,
            "__module__": function.__module__,
            "__doc__": function.__doc__,
            "__defaults__": function.__defaults__,
            "__kwdefaults__": function.__kwdefaults__,
            "__annotations__": dict(function.__annotations__),
        }
        return make_function, args, (state, function.__dict__), None, None, set_function

    def _look_up(self, function: types.FunctionType) -> None:
        names, words = code_names(function.__code__)
        self.refs |= names - INTROSPECTION
        self.refs.update(word for word in words if word in _namespace)
        if names & INTROSPECTION:
            self.refs.add(EVERYTHING)

    def _local(self, obj: Any) -> Any:
        """A project module's class or function goes by name, and its module's content counts."""
        module = sys.modules.get(getattr(obj, "__module__", None) or "")
        mark = local_digest(module) if module is not None else None
        if mark is None:
            return NotImplemented
        self.refs.add(f"@module:{obj.__module__}:{mark}")
        return from_module, (obj.__module__, obj.__qualname__, mark)

    # -- values that share memory ---------------------------------------------------------------

    def _array(self, array: Any) -> Any:
        if id(array) in self._whole:
            return NotImplemented
        root = root_of(array)
        if type(root).__name__ == "memmap":
            raise Unpicklable("a memmap can't travel")
        self._use_root(id(root), id(root) in self._guarded)
        self._alive.append(root)
        if id(root) not in self.shared:
            return NotImplemented
        if array.dtype.hasobject or type(array).__name__ not in ("ndarray", "recarray"):
            raise Unpicklable(f"a shared {type(array).__name__} can't travel")
        whole = self._flat(root)
        start = array.__array_interface__["data"][0] - root.__array_interface__["data"][0]
        view = (type(array), whole, start, array.shape, array.strides, array.dtype)
        return make_view, (*view, array.flags.writeable)

    def _flat(self, root: Any) -> Any:
        """All of a root's memory as one line, the same whether it was made or loaded."""
        if id(root) not in self._lines:
            if not (root.flags.c_contiguous or root.flags.f_contiguous):
                raise Unpicklable("views of an array with gaps can't travel")
            line = root.ravel(order="K")
            self._lines[id(root)] = line
            self._whole.add(id(line))
        return self._lines[id(root)]

    def _use_root(self, root: int, guarded: bool) -> None:
        self.roots[root] = self.roots.get(root, True) and guarded
        self.root_uses[root] = self.root_uses.get(root, 0) + (not guarded)

    def _protect(self, obj: Any) -> None:
        """Pandas copies on write, so frames that share blocks are no aliases of one another."""
        if hasattr(obj, "blocks") and hasattr(obj, "axes"):
            for block in obj.blocks:
                values = block.values
                values = getattr(values, "_ndarray", getattr(values, "_data", values))
                if type(values).__name__ == "ndarray":
                    self._guarded.add(id(root_of(values)))
            for axis in obj.axes:
                self.opaque.add(id(axis))
                data = getattr(axis, "_data", None)
                if type(data).__name__ == "ndarray":
                    self._guarded.add(id(root_of(data)))


# -- reducers by type -----------------------------------------------------------------------------


def _reduce_module(dumper: Dumper, module: types.ModuleType) -> Any:
    if sys.modules.get(module.__name__) is not module:
        raise Unpicklable(f"module {module.__name__} was not imported")
    mark = local_digest(module)
    if mark is None:
        return importlib.import_module, (module.__name__,)
    return from_module, (module.__name__, "", mark)


def _reduce_cell(dumper: Dumper, cell: types.CellType) -> Any:
    content: tuple[Any, ...] = ()
    with suppress(ValueError):  # an empty cell
        content = (cell.cell_contents,)
    return make_cell, (), content, None, None, set_cell


def _reduce_code(dumper: Dumper, code: types.CodeType) -> Any:
    _, args = cp._code_reduce(code)
    at = args.index(code.co_filename, 8)
    filename = _CELL_FILE.sub("<cell>/", code.co_filename)
    return make_code, (*args[:at], filename, *args[at + 1 :])


def _reduce_keys(dumper: Dumper, view: Any) -> Any:
    return call_method, (type(view).__name__.removeprefix("dict_"), gc.get_referents(view)[0])


def _refuse(dumper: Dumper, obj: Any) -> Any:
    raise Unpicklable(f"{type(obj).__name__} can't travel")


_lru = type(lru_cache(lambda: None))
_REDUCERS: dict[type, Any] = {
    types.ModuleType: _reduce_module,
    types.CellType: _reduce_cell,
    types.CodeType: _reduce_code,
    type({}.keys()): _reduce_keys,
    type({}.values()): _reduce_keys,
    type({}.items()): _reduce_keys,
    memoryview: _refuse,
    types.MappingProxyType: _refuse,
    _lru: _refuse,
    **dict.fromkeys(map(type, (iter({}), iter({}.values()), iter({}.items()))), _refuse),
    **dict.fromkeys(map(type, (reversed({}), iter(set()))), _refuse),
}


def obj_is_builtin_type(cls: type) -> bool:
    """Whether a class is one of Python's own without a name to find it by."""
    return cls in (type(None), type(Ellipsis), type(NotImplemented)) or (
        cls in cp._BUILTIN_TYPE_NAMES and cls.__module__ != "__main__"
    )


def _own_state(member: enum.Enum) -> dict[str, Any]:
    """What an enumeration's member holds besides its name and value."""
    usual = ("_value_", "_name_", "__objclass__", "_sort_order_")
    return {key: value for key, value in vars(member).items() if key not in usual}


def _is_array(obj: Any) -> bool:
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(obj, numpy.ndarray)


def root_of(array: Any) -> Any:
    """The array that an array is a view of, at the end of the chain."""
    base = array.base
    while base is not None:
        if _is_array(base):
            array = base
        elif type(base).__name__ != "DummyArray":  # as_strided puts one between
            break
        base = base.base
    return array


@lru_cache(maxsize=10_000)
def code_names(code: types.CodeType) -> tuple[frozenset[str], frozenset[str]]:
    """The globals that code looks up, functions inside it included, and words in its strings."""
    names: set[str] = set()
    words: set[str] = set()
    for instruction in dis.get_instructions(code):
        if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME", "STORE_GLOBAL", "DELETE_GLOBAL"):
            names.add(instruction.argval)
        elif instruction.opname in ("LOAD_ATTR", "LOAD_METHOD"):
            if instruction.argval in ("_getframe", "currentframe", "user_ns", "run_cell"):
                names.add("globals")
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            inner_names, inner_words = code_names(constant)
            names |= inner_names
            words |= inner_words
        elif isinstance(constant, str) and len(constant) <= 10_000:
            words.update(_WORD.findall(constant))
    return frozenset(names), frozenset(words)


# -- what streams call ----------------------------------------------------------------------------


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
    for stale in [a for a in vars(cls) if a not in keep]:
        if not isinstance(vars(cls)[stale], types.MemberDescriptorType):
            try:
                delattr(cls, stale)
            except (AttributeError, TypeError):
                continue  # the metaclass holds on to it (enumerations, __slots__)
    cp._class_setstate(cls, (attributes, slots))
    for key, own in (members[0] if members else {}).items():
        cls.__members__[key].__dict__.update(own)  # type: ignore[attr-defined]


def make_function(name: str | None, code: Any, title: str, closure: Any, owner: Any) -> Any:
    """A function in this kernel's namespace; the one of that id where it is known."""
    if name is not None:
        known = DEFINITIONS.known(name)
        if known is not None:
            known.__code__ = code
            return known
    namespace = _namespace if owner is None else vars(importlib.import_module(owner))
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
            _file_prefix + arg[len("<cell>/") :]
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


def from_module(module: str, qualname: str, mark: str) -> Any:
    """A project module, or something in it. `mark` stands for its content in the digest."""
    found: Any = importlib.import_module(module)
    for part in filter(None, qualname.split(".")):
        found = getattr(found, part)
    return found


def call_method(name: str, obj: Any) -> Any:
    """`obj.name()`: how a view of a dict's keys, values or items is made anew."""
    return getattr(obj, name)()
