"""What a namespace holds, as text: equal texts mean that no cell could tell the two apart.

`fingerprint(ns)` has a line for each name: its type, its content in depth, and where it shares a
mutable object or memory with another (`is a[0]`). It runs inside the kernel, imports nothing that
the notebook has not imported, and leaves no name behind.
"""

from __future__ import annotations

import enum
import hashlib
import io
import re
import sys
import types
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

ATOMS = (int, float, complex, bool, str, bytes, type(None), type(...), type(NotImplemented), range)
BY_TYPE_ONLY = re.compile(
    r"(matplotlib|sqlite3|_?asyncio|concurrent|threading|_thread|logging|subprocess|weakref"
    r"|IPython|ipykernel|tempfile|contextvars|_?contextvars|argparse|unittest|numpy\.lib)\b"
)
UNTOLD = {  # of a class: what Python adds by itself
    "__dict__", "__weakref__", "__slotnames__", "__parameters__", "_is_protocol",
    "__module__", "_abc_impl", "__firstlineno__",
    "__static_attributes__", "__annotate__", "__annotate_func__", "__annotations_cache__",
    "__conditional_annotations__",
}  # fmt: skip


KEPT_FOR_SPEED = ("_cache", "_deprecated_key_to_warnings")


def fingerprint(ns: dict[str, Any]) -> str:
    """The namespace's content as text, one name a line, then the settings."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, 20_000))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            look = Look(ns)
            lines = [f"{name}: {look.at(ns[name], name)}" for name in names(ns)]
            lines += [f"(settings) {line}" for line in settings(look, limit)]
    finally:
        sys.setrecursionlimit(limit)
    return look.with_memory("\n".join(lines))


def names(ns: dict[str, Any]) -> list[str]:
    """The names that the notebook has defined, not those that IPython put there."""
    hidden: Iterable[str] = ("__name__", "__builtins__")
    if "get_ipython" in ns:
        hidden = ns["get_ipython"]().user_ns_hidden
    ours = re.compile(r"_+\d*|_i+\d*|_oh|_dh|_ih|In|Out|__\w+__|_exit_code")
    return sorted(name for name in ns if name not in hidden and not ours.fullmatch(name))


def settings(look: Look, recursion: int) -> Iterable[str]:
    """Settings that every cell reads without naming them."""
    import decimal  # the kernel has it already, whatever the notebook does

    yield f"recursion limit {recursion}"
    yield f"decimal {decimal.getcontext().prec} {decimal.getcontext().rounding}"
    if (numpy := sys.modules.get("numpy")) and hasattr(numpy, "get_printoptions"):
        usual = {"precision": 8, "threshold": 1000, "edgeitems": 3, "suppress": False}
        now = numpy.get_printoptions()
        if changed := {k: now[k] for k, v in usual.items() if now[k] != v}:
            yield f"numpy {changed}"
    if (pandas := sys.modules.get("pandas")) and hasattr(pandas, "get_option"):
        known = pandas._config.config._registered_options.items()
        if changed := {k: v for k, o in known if (v := pandas.get_option(k)) != o.defval}:
            yield f"pandas {look.at(changed, '(pandas)')}"


class Look:
    """One look at everything that a namespace reaches; each object is told once."""

    def __init__(self, ns: dict[str, Any]) -> None:
        self.ns = ns
        self.seen: dict[int, tuple[str, Any]] = {id(ns): ("globals()", ns)}
        self.arrays: list[tuple[int, int]] = []
        self.columns: list[tuple[int, int]] = []

    def at(self, x: Any, path: str) -> str:
        """The object that is found at a path: in full, or where it has been seen before."""
        if type(x) in ATOMS:
            return repr(x) if len(repr(x)) < 300 else f"{type(x).__name__} {digest(repr(x))}"
        if type(x) in (tuple, frozenset, slice):
            return self.plain(x, path)
        if (known := self.known(x)) is not None:
            return known
        if (type(x).__module__, type(x).__name__) == ("dataclasses", "Field"):
            return f"field {re.sub('0x[0-9a-f]+', '', repr(x))}"  # derived classes may share it
        if id(x) in self.seen:
            return f"is {self.seen[id(x)][0]}"
        self.seen[id(x)] = (path, x)  # keeps x alive, so that its id stays its own
        for kinds, tell in self.tellers():
            if isinstance(x, kinds):
                return tell(x, path)
        return self.other(x, path)

    def plain(self, x: Any, path: str) -> str:
        """A value that cannot change, but may hold some that can."""
        if isinstance(x, slice):
            return f"slice {self.at((x.start, x.stop, x.step), path)}"
        if isinstance(x, frozenset):
            return f"frozenset {self.members(x, path)}"
        return f"({', '.join(self.at(v, f'{path}[{i}]') for i, v in enumerate(x))})"

    def known(self, x: Any) -> str | None:
        """What belongs to a library or to Python: its name says all."""
        if isinstance(x, types.ModuleType):
            return None if self.local(x.__name__) else f"module {x.__name__}"
        if isinstance(x, type) and x.__module__ != "__main__":
            return None if self.local(x.__module__) else f"class {x.__module__}.{x.__qualname__}"
        if isinstance(x, types.FunctionType) and x.__module__ != "__main__":
            if not self.local(x.__module__) and "<locals>" not in x.__qualname__:
                return f"function {x.__module__}.{x.__qualname__}"
        generator = getattr(sys.modules.get("random"), "_inst", None)
        legacy = getattr(getattr(sys.modules.get("numpy.random"), "mtrand", None), "_rand", None)
        if x is not None and (x is generator or x is legacy):
            return "the generator that all share"
        return None

    def local(self, module: str | None) -> bool:
        """Whether a module lies in the working directory."""
        file = getattr(sys.modules.get(module or ""), "__file__", None) or "/"
        return Path(file).parent == Path.cwd()

    def tellers(self) -> list[tuple[Any, Callable[[Any, str], str]]]:
        """Kinds and how each is told; the first that fits counts."""
        numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
        libraries: list[tuple[Any, Callable[[Any, str], str]]] = []
        if numpy and hasattr(numpy, "ndarray"):
            libraries += [(numpy.ndarray, self.array), (numpy.generic, self.scalar)]
        if pandas and hasattr(pandas, "DataFrame"):
            libraries += [
                (pandas.DataFrame, self.frame),
                (pandas.Series, self.series),
                (pandas.Index, self.index),
            ]
        return [
            *libraries,
            (types.ModuleType, self.module),
            (type, self.class_),
            (types.FunctionType, self.function),
            (types.MethodType, self.method),
            (types.BuiltinFunctionType, self.builtin),
            (types.CellType, self.cell),
            ((staticmethod, classmethod), lambda f, p: f"{kind(f)} {self.at(f.__func__, p)}"),
            (property, lambda f, p: f"property {self.at((f.fget, f.fset, f.fdel), p)}"),
            (io.StringIO, lambda f, _: f"StringIO {f.closed or (f.getvalue(), f.tell())}"),
            (io.BytesIO, lambda f, _: f"BytesIO {f.closed or (f.getvalue(), f.tell())}"),
            (io.IOBase, self.file),
            (memoryview, self.buffer),
            (types.MappingProxyType, lambda m, p: f"proxy {self.at(dict(m), p)}"),
            (
                (type({}.keys()), type({}.values()), type({}.items())),
                lambda v, p: f"{kind(v)} {self.at(v.mapping | {}, p)}",
            ),
            (
                (types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType),
                lambda g, _: f"{kind(g)} {g.__name__} {'over' if over(g) else 'open'}",
            ),
            (BaseException, self.instance),
            (enum.Enum, self.instance),
        ]

    def items(self, x: Any, path: str) -> str:
        """What a list or a mapping holds; of a long one, a digest."""
        if isinstance(x, dict):
            parts = [
                f"{self.at(k, path)}: {self.at(v, f'{path}[{k!r:.30}]')}" for k, v in x.items()
            ]
        else:
            parts = [self.at(v, f"{path}[{i}]") for i, v in enumerate(x)]
        text = ", ".join(parts)
        return text if len(text) < 2_000 else f"{len(x)} items {digest(text)} {text[:200]}…"

    def members(self, x: Any, path: str) -> str:
        """A set's members, in its own order where that is not by chance."""
        parts = [self.at(v, f"{path}{{}}") for v in x]
        plain = all(type(v) in ATOMS and v is not None for v in x)
        return "{" + ", ".join(parts if plain else sorted(parts)) + "}"

    def other(self, x: Any, path: str) -> str:
        cls = type(x)
        if cls is list:
            return f"[{self.items(x, path)}]"
        if cls is dict:
            return f"{{{self.items(x, path)}}}"
        if cls is set:
            return f"set {self.members(x, path)}"
        if cls.__module__ == "__main__" or self.local(cls.__module__):
            return self.instance(x, path)
        if cls.__name__ == "_lru_cache_wrapper":
            return f"cached {x.cache_info()} {self.at(x.__wrapped__, f'{path}.__wrapped__')}"
        if BY_TYPE_ONLY.match(cls.__module__):
            return self.by_type(x, path)
        if cls.__module__.startswith("sklearn.") and hasattr(x, "__dict__"):
            return f"{kind(x)} {self.items(timeless(vars(x)), path)}"
        try:
            made = x.__reduce_ex__(4)
        except Exception:  # noqa: BLE001 - whatever a library raises, it does not pickle
            return kind(x)
        return self.made(x, made, path)

    def made(self, x: Any, made: Any, path: str) -> str:
        """An object as pickle would make it again."""
        if isinstance(made, str):
            return f"{kind(x)} {made}"
        call, args, state, items, pairs = (*made, None, None, None)[:5]
        if call is iter and not args[0] and id(args[0]) not in self.seen:
            return f"{kind(x)} over"
        parts = [getattr(call, "__qualname__", "?"), self.at(args, path)]
        if isinstance(state, dict):  # what libraries keep for speed is nobody's business
            state = {key: part for key, part in state.items() if key not in KEPT_FOR_SPEED}
        if state is not None:
            parts.append(self.at(state, f"{path}."))
        parts += [self.items(list(items), path)] if items is not None else []
        parts += [self.items(dict(pairs), path)] if pairs is not None else []
        return f"{kind(x)} {' '.join(parts)}"

    def by_type(self, x: Any, path: str) -> str:
        """Something that lives in its process: its kind, and what can be seen of it."""
        told = [kind(x)]
        if hasattr(x, "locked"):
            told.append(f"locked {x.locked()}")
        if hasattr(x, "done"):
            told.append(f"done {x.done()}")
        if type(x).__module__ == "weakref" or kind(x) == "weakref.ReferenceType":
            told.append(self.at(x(), path) if callable(x) else "")
        if kind(x) == "_contextvars.ContextVar":
            told.append(f"{x.name} {self.at(x.get(None), path)}")
        if hasattr(x, "get_axes") and hasattr(x, "savefig"):
            told += [f"axes {len(x.axes)}", f"texts {sorted(a.get_title() for a in x.axes)}"]
            told += [self.at([line.get_xydata() for a in x.axes for line in a.lines], path)]
        return " ".join(told)

    def instance(self, x: Any, path: str) -> str:
        """An instance of the notebook's own classes, or an exception."""
        parts = [f"{type(x).__name__} of {self.at(type(x), f'type({path})')}"]
        for base, tell in (
            (list, list),
            (dict, dict),
            (tuple, tuple),
            (set, set),
            (str, str.__str__),
        ):
            if isinstance(x, base):
                parts.append(self.at(tell(x), path))
        if isinstance(x, (int, float)) and not isinstance(x, enum.Enum):
            parts.append(float(x).hex() if isinstance(x, float) else repr(int(x)))
        if isinstance(x, BaseException):
            parts.append(self.at((x.args, x.__cause__, x.__context__), path))
        state = dict(getattr(x, "__dict__", {}))
        for cls in type(x).__mro__:
            slots = vars(cls).get("__slots__", ())
            for name in (slots,) if isinstance(slots, str) else slots:
                if hasattr(x, name) and name not in ("__dict__", "__weakref__"):
                    state[name] = getattr(x, name)
        parts += [f"{k}={self.at(v, f'{path}.{k}')}" for k, v in state.items()]
        return f"<{', '.join(parts)}>"

    def class_(self, cls: type, path: str) -> str:
        bases = ", ".join(self.at(b, f"{path}.__bases__") for b in cls.__bases__)
        told = {k: v for k, v in vars(cls).items() if k not in UNTOLD and not cached(v)}
        for name in ("__doc__", "__annotations__"):  # there or not, a look at them says the same
            if not told.get(name):
                told.pop(name, None)
        parts = [f"{k}={self.at(told[k], f'{path}.{k}')}" for k in sorted(told)]
        meta = self.at(type(cls), f"type({path})")
        return f"class {cls.__qualname__}({bases}; {meta}) {{{'; '.join(parts)}}}"

    def function(self, f: types.FunctionType, path: str) -> str:
        parts = [f.__qualname__, code(f.__code__)]
        parts.append(self.at((f.__defaults__, f.__kwdefaults__), f"{path}.__defaults__"))
        if f.__closure__:
            for name, cell in zip(f.__code__.co_freevars, f.__closure__, strict=True):
                parts.append(f"{name}={self.at(cell, f'{path}.{name}')}")
        if f.__dict__:
            parts.append(self.at(f.__dict__, f"{path}.__dict__"))
        if f.__doc__:
            parts.append(repr(f.__doc__))
        if f.__module__ == "__main__" and f.__globals__ is not self.ns:
            parts.append("with other globals")
        return f"function {' '.join(parts)}"

    def cell(self, cell: types.CellType, path: str) -> str:
        try:
            return f"cell {self.at(cell.cell_contents, path)}"
        except ValueError:
            return "cell empty"

    def method(self, m: types.MethodType, path: str) -> str:
        return f"method {m.__func__.__qualname__} of {self.at(m.__self__, f'{path}.__self__')}"

    def builtin(self, f: types.BuiltinFunctionType, path: str) -> str:
        owner = f.__self__
        if owner is None or isinstance(owner, types.ModuleType):
            return f"function {f.__module__}.{f.__qualname__}"
        return f"method {f.__name__} of {self.at(owner, f'{path}.__self__')}"

    def module(self, module: types.ModuleType, path: str) -> str:
        """A module of the project: what it holds can be patched."""
        told = {k: v for k, v in vars(module).items() if not re.fullmatch(r"__\w+__", k)}
        return f"module {module.__name__} {self.items(told, path)}"

    def file(self, f: Any, path: str) -> str:
        place = "" if f.closed or not f.seekable() else f" at {f.tell()}"
        return f"file {f.name!s:.80} {'closed' if f.closed else 'open'}{place}"

    def buffer(self, m: memoryview, path: str) -> str:
        try:
            return f"memoryview {m.tobytes()!r} of {self.at(m.obj, f'{path}.obj')}"
        except ValueError:
            return "memoryview released"

    def scalar(self, x: Any, path: str) -> str:
        return f"{kind(x)} {x!r}"

    def array(self, a: Any, path: str) -> str:
        if not isinstance(a.size, int):  # a masked array's parts are arrays
            return kind(a)
        memory = self.memory(a) if a.size else ""
        mask = f" mask {self.at(a.mask, f'{path}.mask')}" if hasattr(a, "mask") else ""
        return (
            f"{kind(a)} {a.dtype.descr if a.dtype.names else a.dtype.str} {a.shape} {a.strides}"
            f" {'w' if a.flags.writeable else 'r'}{memory} {self.values(a, path)}{mask}"
        )

    def values(self, a: Any, path: str) -> str:
        if a.dtype.hasobject:
            return f"[{self.items(a.ravel().tolist(), path)}]"
        if a.size <= 40:
            return repr(a.tolist())
        return digest(a.tobytes())

    def memory(self, a: Any) -> str:
        """A mark for the array's memory, to be told when all arrays are known."""
        self.arrays.append(bounds(a))
        return f" \x00{len(self.arrays) - 1}\x00"

    def with_memory(self, text: str) -> str:
        """The text with its marks replaced: which arrays share memory, and how far apart."""
        groups: list[list[int]] = []  # start, stop, members
        for number, (start, stop) in sorted(enumerate(self.arrays), key=lambda item: item[1]):
            if groups and start < groups[-1][1]:
                groups[-1][1] = max(groups[-1][1], stop)
                groups[-1].append(number)
            else:
                groups.append([start, stop, number])
        told = {}
        for start, _, *members in groups:
            first = min(members)
            for number in members:
                shift = self.arrays[number][0] - start
                told[number] = "" if len(members) == 1 else f" in memory {first}+{shift}"
        text = re.sub(r" \x00(\d+)\x00", lambda m: told[int(m[1])], text)
        return re.sub(r" \x01(\d+)\x01", lambda m: self.shared(int(m[1])), text)

    def shared(self, column: int) -> str:
        """Whether a plain array shows the memory of a column."""
        start, stop = self.columns[column]
        return " seen by an array" if any(a < stop and start < b for a, b in self.arrays) else ""

    def frame(self, df: Any, path: str) -> str:
        columns = [self.column(df.iloc[:, i], path) for i in range(df.shape[1])]
        axes = f"{self.told_index(df.index, path)} {self.told_index(df.columns, path)}"
        return f"{kind(df)} {df.shape} {axes} {' '.join(columns)} {self.at(df.attrs, path)}"

    def series(self, s: Any, path: str) -> str:
        name = self.at(s.name, path)
        return f"{kind(s)} {name} {self.told_index(s.index, path)} {self.column(s, path)}"

    def column(self, s: Any, path: str) -> str:
        """A column's type and values, and whether a plain array shows its memory."""
        values = s.array.tolist() if hasattr(s.array, "tolist") else list(s.array)
        if values and isinstance(values[0], (list, dict, set)):
            return f"{s.dtype} {self.at(values, path)}"
        text = repr(values)
        mark = ""
        if values and hasattr(s.dtype, "descr") and not s.dtype.hasobject:
            self.columns.append(bounds(s.to_numpy()))
            mark = f" \x01{len(self.columns) - 1}\x01"
        return f"{s.dtype}{mark} {text if len(text) < 400 else digest(text)}"

    def index(self, index: Any, path: str) -> str:
        return self.told_index(index, path)

    def told_index(self, index: Any, path: str) -> str:
        extra = f" freq {index.freqstr}" if getattr(index, "freqstr", None) else ""
        text = repr(index.tolist())
        text = text if len(text) < 400 else digest(text)
        return f"{kind(index)} {index.dtype} {list(index.names)}{extra} {text}"


def kind(x: Any) -> str:
    """The type's full name."""
    return f"{type(x).__module__}.{type(x).__qualname__}".removeprefix("builtins.")


def bounds(a: Any) -> tuple[int, int]:
    """Where an array's memory starts and ends."""
    start = stop = a.__array_interface__["data"][0]
    for size, stride in zip(a.shape, a.strides, strict=True):
        start += min(0, (size - 1) * stride)
        stop += max(0, (size - 1) * stride)
    return start, stop + a.itemsize


def over(x: Any) -> bool:
    """Whether a generator or coroutine has come to its end."""
    frames = (getattr(x, f"{letter}_frame", None) for letter in ("gi", "cr", "ag"))
    return all(frame is None for frame in frames)


def timeless(state: dict[str, Any]) -> dict[str, Any]:
    """An estimator's state without clock times and addresses."""
    told = ("refit_time_", "_stop_words_id", *KEPT_FOR_SPEED)
    kept = {k: v for k, v in state.items() if k not in told}
    if isinstance(told := kept.get("cv_results_"), dict):
        kept["cv_results_"] = {k: v for k, v in told.items() if not k.endswith("_time")}
    return kept


def cached(x: Any) -> bool:
    """Whether a class keeps this only for speed."""
    return isinstance(x, (types.MemberDescriptorType, types.GetSetDescriptorType))


def digest(content: str | bytes) -> str:
    """A short digest."""
    return hashlib.sha1(content if isinstance(content, bytes) else content.encode()).hexdigest()[
        :12
    ]


def code(c: types.CodeType) -> str:
    """What a code object does, wherever it stands."""
    constants = [code(k) if isinstance(k, types.CodeType) else repr(k) for k in c.co_consts]
    return digest(repr((c.co_code, c.co_names, c.co_varnames, sorted(constants))))
