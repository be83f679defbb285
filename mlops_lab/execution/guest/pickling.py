"""Values to pickle streams, without losing what one kernel would keep.

Beyond cloudpickle: definitions travel by id, closure cells keep their identity, views stay views of
one array where that shows, and what would be copied silently (open files, memory views) is
refused, so that it lives at home.
"""

from __future__ import annotations

import enum
import io
import pickle
import sys
import types
import weakref
from typing import Any

import cloudpickle
from cloudpickle import cloudpickle as cp

from .arrays import (
    covers,
    is_array,
    is_record,
    make_masked,
    make_view,
    parts_of,
    root_of,
    small_array,
)
from .caches import without_caches
from .canonical import make_persistent_id
from .classes import (
    attributes_of,
    bases_of,
    code_mark,
    field_of,
    inherited_fields,
    is_named_tuples,
    method,
    owner_of,
)
from .definitions import DEFINITIONS, is_definition
from .generators import shared_by_all
from .loading import (
    HERE,
    attribute,
    definition,
    from_module,
    make_class,
    make_enum,
    make_function,
    set_class,
    set_function,
)
from .lookups import INTROSPECTION, code_names
from .modules import local_digest
from .reducers import REDUCERS, Unpicklable, own_state
from .store import SMALL

EVERYTHING = "@everything"
ROOM = 4
"""How many times larger than a view its root may be to travel with it."""
ITERATED = "what an iterator over an array gives shares its memory, and can't travel"
_HEAP_TYPE = 1 << 9
_INSIDE = ("_data", "_ndarray", "_mask", "_left", "_right", "_codes", "_levels", "_dtype")
"""Where pandas' arrays and indexes keep what they are made of."""


class Dumper(cloudpickle.Pickler):
    """One dump. Afterwards: `buffers`, `refs` (names looked up by code inside), `roots`.

    `roots` maps the id of each array that owns memory which the value uses to whether the value
    protects it by copy-on-write (pandas) on every path. Arrays whose root is in `shared` are
    written as views of it.
    """

    def __init__(self, file: io.BytesIO, shared: frozenset[int] = frozenset()) -> None:
        self.persistent_id = make_persistent_id()  # looked up when the pickler begins
        super().__init__(file, protocol=5, buffer_callback=self._keep)
        self.buffers: list[pickle.PickleBuffer] = []
        self.refs: set[str] = set()
        self.roots: dict[int, bool] = {}
        self.root_uses: dict[int, int] = {}
        self.shared = shared
        self.opaque: set[int] = set()
        self._content: Any = None
        self._within: Any = None
        self._fields: dict[int, tuple[type, str]] = {}
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
        special = REDUCERS.get(kind)
        if special is not None:
            return special(obj)
        if is_array(obj):
            return self._array(obj)
        if is_record(obj):
            self._use_root(id(root_of(obj)), False)
            raise Unpicklable("a record that shares its array's memory can't travel")
        if id(obj) in self._fields:
            return field_of, self._fields[id(obj)]
        if (named := shared_by_all(obj)) is not None:
            return attribute, named
        return self._plain(obj, kind)

    def _plain(self, obj: Any, kind: type) -> Any:
        module = kind.__module__
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
        return without_caches(obj)

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
        self._content, self._within = None, cls
        self._fields = inherited_fields(cls)
        self.opaque.update(map(id, vars(cls).get("__dataclass_fields__", {}).values()))
        name = DEFINITIONS.id_of(cls)
        if issubclass(cls, enum.Enum):
            members = {key: member.value for key, member in cls.__members__.items()}
            known = list(cls._value2member_map_)  # a flag's combinations stand here too, in order
            title = (cls.__name__, cls.__qualname__, cls.__module__)
            args = (name, cls.__bases__, *title, members, known)
            state = cp._enum_getstate(cls)
            for alias in members.keys() & state[0].keys():
                del state[0][alias]
            own = {key: own_state(member) for key, member in cls.__members__.items()}
            return make_enum, args, (*state, own), None, None, set_class
        kind, title, _, kwargs = cp._class_getnewargs(cls)[:4]
        if "__slots__" in vars(cls):
            kwargs["__slots__"] = cls.__slots__
        state = attributes_of(cls), {}
        return make_class, (name, kind, title, bases_of(cls), kwargs), state, None, None, set_class

    def _function(self, function: types.FunctionType) -> Any:
        if function.__globals__ is not HERE.namespace:
            return self._foreign_function(function)
        self._look_up(function)
        if is_definition(function, HERE.namespace) and self._content is not function:
            name = DEFINITIONS.id_of(function)
            self.refs.add(name)
            return definition, (name,)
        owner = owner_of(function, HERE.namespace)
        if owner is not None and self._within is None:
            return method, (owner, function.__name__, code_mark(function))
        own = DEFINITIONS.id_of(function) if self._content is function else None
        self._content = None
        return self._by_value(function, own, None)

    def _foreign_function(self, function: types.FunctionType) -> Any:
        if cp._should_pickle_by_reference(function):
            return self._local(function)
        owner = function.__globals__.get("__name__")
        if isinstance(owner, str) and is_named_tuples(owner, function.__globals__):
            return self._by_value(function, None, owner)
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
        if type(root.base).__name__ == "nditer":
            raise Unpicklable(ITERATED)
        self._use_root(id(root), id(root) in self._guarded)
        self._alive.append(root)
        if type(array).__name__ == "MaskedArray" and not array.dtype.hasobject:
            return make_masked, (type(array), array.data, parts_of(array))
        if id(root) not in self.shared and not self._shows_memory(array, root):
            return small_array(array)
        if array.dtype.hasobject or type(array).__name__ not in ("ndarray", "recarray"):
            raise Unpicklable(f"a shared {type(array).__name__} can't travel")
        own = small_array(root) if root.flags.c_contiguous else NotImplemented
        if array is root and own is not NotImplemented:
            return own
        whole = root if own is not NotImplemented else self._flat(root)
        start = array.__array_interface__["data"][0] - root.__array_interface__["data"][0]
        view = (type(array), whole, start, array.shape, array.strides, array.dtype)
        return make_view, (*view, array.flags.writeable)

    def _shows_memory(self, array: Any, root: Any) -> bool:
        """Whether a view that shares with nobody is written with its root, to keep its strides.

        Not where it is all of its root, as all that was loaded is; nor where the root is much
        larger: nobody can reach the rest of it any more.
        """
        return (
            array is not root
            and id(root) not in self._guarded
            and type(array).__name__ == "ndarray"
            and not array.dtype.hasobject
            and not covers(array, root)
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
                self.opaque.add(id(block))
                self._guard(block.values)
            for axis in obj.axes:
                self._guard(axis)
        elif hasattr(obj, "_mgr"):
            self.opaque.add(id(obj._metadata))  # the class's own list
        elif hasattr(obj, "construct_array_type"):  # a dtype, which nobody changes
            self.opaque.update((id(obj), id(getattr(obj, "__dict__", None))))
            self._guard(getattr(obj, "_categories", None))

    def _guard(self, holder: Any) -> None:
        """An array or an index inside of a frame, and the memory that it holds."""
        ahead = [holder]
        while ahead:
            part = ahead.pop()
            if part is None or id(part) in self.opaque:
                continue
            if type(part).__name__ == "ndarray":
                self.opaque.add(id(part))
                self._guarded.add(id(root_of(part)))
            elif type(part).__module__.startswith("pandas"):
                self.opaque.add(id(part))
                ahead.extend(part if isinstance(part, list) else ())  # a MultiIndex's levels
                ahead += [getattr(part, name, None) for name in _INSIDE]


def obj_is_builtin_type(cls: type) -> bool:
    """Whether a class is one of Python's own without a name to find it by."""
    return cls in (type(None), type(Ellipsis), type(NotImplemented)) or (
        cls in cp._BUILTIN_TYPE_NAMES and cls.__module__ != "__main__"
    )
