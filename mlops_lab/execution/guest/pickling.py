"""Values to pickle streams, without losing what one kernel would keep.

Beyond cloudpickle: definitions travel by id, closure cells keep their identity, views stay views of
one array where that shows, and what would be copied silently (open files, memory views) is
refused, so that it lives at home.
"""

from __future__ import annotations

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

from .arrays import is_array, make_view, root_of
from .definitions import DEFINITIONS, is_definition
from .loading import (
    HERE,
    call_method,
    definition,
    from_module,
    make_cell,
    make_class,
    make_code,
    make_enum,
    make_function,
    set_cell,
    set_class,
    set_function,
)
from .lookups import INTROSPECTION, code_names
from .modules import local_digest
from .store import SMALL

EVERYTHING = "@everything"
ROOM = 4
"""How many times larger than a view its root may be to travel with it."""
_HEAP_TYPE = 1 << 9
_CELL_FILE = re.compile(r".*[/\\]ipykernel_\d+[/\\]")


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
        if buffer.raw().nbytes < SMALL:
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
        if is_array(obj):
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
        if function.__globals__ is not HERE.namespace:
            return self._foreign_function(function)
        self._look_up(function)
        if is_definition(function, HERE.namespace) and self._content is not function:
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
        self.refs.update(word for word in words if word in HERE.namespace)
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
        if id(root) not in self.shared and not self._shows_memory(array, root):
            return NotImplemented
        if array.dtype.hasobject or type(array).__name__ not in ("ndarray", "recarray"):
            raise Unpicklable(f"a shared {type(array).__name__} can't travel")
        whole = self._flat(root)
        start = array.__array_interface__["data"][0] - root.__array_interface__["data"][0]
        view = (type(array), whole, start, array.shape, array.strides, array.dtype)
        return make_view, (*view, array.flags.writeable)

    def _shows_memory(self, array: Any, root: Any) -> bool:
        """Whether a view that shares with nobody is written with its root, to keep its strides.

        Not where the root is much larger: nobody can reach the rest of it any more.
        """
        return (
            array is not root
            and id(root) not in self._guarded
            and type(array).__name__ == "ndarray"
            and not array.dtype.hasobject
            and root.nbytes <= ROOM * array.nbytes + SMALL
            and (root.flags.c_contiguous or root.flags.f_contiguous)
        )

    def _flat(self, root: Any) -> Any:
        """All of a root's memory as one line, the same whether it was made or loaded."""
        if id(root) not in self._lines:
            if not (root.flags.c_contiguous or root.flags.f_contiguous):
                raise Unpicklable("views of an array with gaps can't travel")
            line = root.ravel(order="K")
            if not line.flags.writeable:  # a view may be writeable where its root no longer is
                line = line.copy()
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


_REDUCERS: dict[type, Any] = {
    types.ModuleType: _reduce_module,
    types.CellType: _reduce_cell,
    types.CodeType: _reduce_code,
    type({}.keys()): _reduce_keys,
    type({}.values()): _reduce_keys,
    type({}.items()): _reduce_keys,
    memoryview: _refuse,
    types.MappingProxyType: _refuse,
    type(lru_cache(lambda: None)): _refuse,
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
