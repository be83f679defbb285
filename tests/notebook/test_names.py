"""The names that cells read, write and delete are found as Python's scopes have them."""

from __future__ import annotations

import ast
import builtins
import symtable
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_lab.ir.step import Cell
from mlops_lab.notebook.names import Names, names

BUILTINS = frozenset(dir(builtins))


def of(*sources: str, tags: tuple[str, ...] = ()) -> Names:
    found, problems = names([Cell(index=i, source=s, tags=tags) for i, s in enumerate(sources)])
    assert not problems
    return found


# Source: the names read, the names written.
SCOPES = {
    "x = a + 1": ("a", "x"),
    "x = 1; y = x": ("", "x y"),
    "y = x; x = 1": ("x", "x y"),
    "x += 1": ("x", "x"),
    "x: int = a": ("a int", "x"),
    "x: T": ("T", ""),
    "(a, *b), c[i] = v": ("c i v", "a b"),
    "print(w := f(z))": ("print f z", "w"),
    "x = y = z": ("z", "x y"),
    "[i * k for i in xs if i > lo]": ("k xs lo", ""),
    "xs = [1]; k = 2; [i * k for i in xs]": ("", "xs k"),
    "[i for i in i]": ("i", ""),
    "{k: v for k, v in d.items()}": ("d", ""),
    "sum(x * k for x in xs)": ("sum k xs", ""),
    "[y := f(x) for x in xs]": ("f xs", "y"),
    "[[c for c in row] for row in rows]": ("rows", ""),
    "f = lambda a, b=c: a + b + d": ("c d", "f"),
    "def f(a, b=c, *args, k=d, **kw):\n    e = a + g\n    return e, args, kw, k, b": ("c d g", "f"),
    "def f(a: A) -> B: pass": ("A B", "f"),
    "@deco(arg)\ndef f(): pass": ("deco arg", "f"),
    "def f():\n    global g\n    g = h": ("h", "f g"),
    "def f():\n    x = 1\n    def g():\n        nonlocal x\n        x = y\n    return g": (
        "y",
        "f",
    ),
    "def f():\n    def g(): return x\n    x = 1\n    return g": ("", "f"),
    "def f():\n    def g():\n        global x\n        return x\n    x = 1": ("x", "f"),
    "def f(): return f()": ("f", "f"),
    "import numpy as np\ndef f(): return np.pi": ("np", "np f"),
    "class A(B, metaclass=M):\n    x = y\n    def m(self): return x": ("B M y x", "A"),
    "class A:\n    x = 1\n    z = x\n    ys = [x for _ in r]": ("x r", "A"),
    "def f():\n    x = 1\n    class A:\n        y = x\n    return A": ("", "f"),
    "class A:\n    def m(self): return super().m(), __class__": ("super", "A"),
    "import a.b.c": ("", "a"),
    "import a.b as c, d": ("", "c d"),
    "from a import b as c, d": ("", "c d"),
    "for i in xs: t = i": ("xs", "i t"),
    "for i in xs: pass\nprint(i)": ("xs print i", "i"),
    "while x: x = f(x)": ("x f", "x"),
    "if a: x = 1\nprint(x)": ("a print x", "x"),
    "if a: x = 1\nelse: x = 2\nx": ("a", "x"),
    "x = 1 if a else b": ("a b", "x"),
    "a and (x := 1)\nx": ("a x", "x"),
    "with f() as g: x = g\nx": ("f x", "g x"),
    "try:\n    x = 1\nexcept E as e:\n    print(e)\nx": ("E print x", "x e"),
    "try:\n    import a\nexcept ImportError:\n    a = None\na": ("ImportError", "a"),
    "try: pass\nfinally: x = 1\nx": ("", "x"),
    "del x": ("x", ""),
    "x = 1; del x; x": ("x", "x"),
    "match p:\n    case P(x=0, y=yy) if yy > m: z = yy\n    case [1, *rest] | {'k': rest}: pass"
    "\n    case {'a': q, **others}: pass\n    case c.D: pass": ("p P m c", "yy z rest q others"),
    "f'{x!r:>{w}} {y=}'": ("x w y", ""),
    "async def f():\n    async for a in b: await c\n    async with d as e:"
    " return [g async for g in e]": (
        "b c d",
        "f",
    ),
    "x = await f()": ("f", "x"),
    "async with a as b: pass": ("a", "b"),
    "global x; x = 1": ("", "x"),
    "_ = Out[3] + _3": ("Out _3", "_"),
    "a.b.c = d[e]": ("a d e", ""),
    "def f(x=[y for y in ys]): pass": ("ys", "f"),
    "[lambda: (i, j) for i in xs]": ("xs j", ""),
    "def f(): x: int; return x": ("int", "f"),
}
NEWER = {
    "type A[T] = list[T] | B": ("list B", "A"),
    "def f[T: C](x: T) -> T: return x, d": ("C d", "f"),
    "class A[T](B[T]):\n    x: T\n    def m(self) -> T: return y": ("B y", "A"),
}


@pytest.mark.parametrize("source", SCOPES)
def test_reads_and_writes_follow_pythons_scopes(source: str) -> None:
    found = of(source)
    reads, writes = SCOPES[source]
    assert (found.reads, found.writes) == (set(reads.split()), set(writes.split()))


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the syntax is Python 3.12's")
@pytest.mark.parametrize("source", NEWER)
def test_type_parameters_are_hidden(source: str) -> None:
    found = of(source)
    reads, writes = NEWER[source]
    assert (found.reads, found.writes) == (set(reads.split()), set(writes.split()))


# Source: the names read, the names written, whether it may use any name.
IPYTHON = {
    "%matplotlib inline": ("", "", False),
    "%config InlineBackend.figure_format = 'svg'": ("", "", False),
    "%pip install pandas": ("", "", False),
    "pip install pandas": ("", "", False),
    "%load_ext autoreload\n%autoreload 2\nx = y": ("y", "x", False),
    "%time x = f(y)": ("f y", "x", False),
    "%timeit -n 10 -r3 x = f(y)": ("f y", "", False),
    "r = %timeit -o f(y)": ("f y", "r", False),
    "%prun -s cumtime f(y)": ("f y", "", False),
    "%%time\nx = y": ("y", "x", False),
    "\n\n%%time\nx = y": ("y", "x", False),
    "%%timeit k = a\nx = k + y": ("a y", "", False),
    "%%capture out\nx = y": ("y", "out x", False),
    "%%capture --no-stderr out\n%%time\nx = y": ("y", "out x", False),
    "%%bash --out log\necho $HOME": ("", "log", False),
    "%%writefile {path}\nx = y": ("path", "", False),
    "%%html\n<b>": ("", "", False),
    "!cat {path} $name $$HOME | awk '{print $1}'": ("path name", "_exit_code", False),
    "lines = !wc -l {paths[0]}": ("paths", "lines", False),
    "!!ls {a + b}": ("a b", "", False),
    "x?": ("x", "", False),
    "x.y??": ("x", "", False),
    "for p in ps:\n    !rm {p}": ("ps p", "p _exit_code", False),
    "%cd {folder}": ("folder", "", False),
    "%mlops run": ("", "", False),
    "%who": ("", "", True),
    "%run other.py": ("", "", True),
    "%sql select {x}": ("x", "", True),
    "%%sql\nselect 1": ("", "", True),
    "%store x": ("", "", True),
    "get_ipython().ask()": ("get_ipython", "", True),
}


@pytest.mark.parametrize("source", IPYTHON)
def test_ipythons_syntax_is_understood(source: str) -> None:
    found = of(source)
    reads, writes, everything = IPYTHON[source]
    # What a loop's body reads is bound there before; the loop may not run.
    assert (found.reads - {"p"}, found.writes, found.everything) == (
        set(reads.split()) - {"p"},
        set(writes.split()),
        everything,
    )


@pytest.mark.parametrize(
    ("source", "everything"),
    [
        ("globals()['x'] = 1", True),
        ("exec('x = 1')", True),
        ("eval('x')", True),
        ("f = vars", True),
        ("dir()", True),
        ("dir(x)", False),
        ("vars(x)", False),
        ("def f(): return locals()", True),
        ("def f(vars): return vars", False),
        ("import __main__", True),
        ("sys.modules['__main__']", True),
        ("import_module('__main__')", True),
        ("if __name__ == '__main__': pass", False),
        ("inspect.currentframe()", True),
        ("sys._getframe(1)", True),
        ("from sys import _getframe", True),
        ("f.__globals__", True),
        ("from math import *", True),
        ("x = 'globals()'", False),
    ],
)
def test_code_that_looks_at_the_whole_namespace_is_known(source: str, everything: bool) -> None:
    assert of(source).everything is everything


def test_words_in_strings_are_hints_but_not_docstrings_nor_long_texts() -> None:
    assert of("df.query('a > @lo and not b')").hints == {"a", "lo", "b"}
    assert of("def f():\n    'about data'").hints == set()
    assert of(f"x = '{'word ' * 3000}'").hints == set()
    assert of("f'{x} total'").hints == {"total"}


@pytest.mark.parametrize(
    ("source", "changes"),
    [
        ("a[0] = 1", "a"),
        ("a.b.c = 1", "a"),
        ("del a['x']", "a"),
        ("a.b[0] += 1", "a"),
        ("a.append(1)", "a"),
        ("a.b.append(1)", "a"),
        ("df.sort_values('x', inplace=True)", "df"),
        ("np.add(x, y, out=z)", "np z"),
        ("y = np.add(x, 1, out=z)", "z"),
        ("next(it)", "it"),
        ("setattr(a, 'x', 1)", "a"),
        ("x = a.pop()", ""),
        ("a.head()", ""),
        ("def f(): a.append(1)", ""),
        ("f(a)", ""),
    ],
)
def test_what_is_probably_changed_in_place_is_guessed(source: str, changes: str) -> None:
    assert of(source).changes == set(changes.split())


def test_deleted_names_are_told_but_for_those_surely_bound_again() -> None:
    assert of("del x").deletes == {"x"}
    assert of("del x\nx = 1").deletes == set()
    assert of("del x\nif a: x = 1").deletes == {"x"}
    assert of("def f():\n    global x\n    del x").deletes == {"x"}
    assert of("try: pass\nexcept E as e: pass").deletes == {"e"}


def test_modules_are_those_imported_anywhere() -> None:
    source = "import a.b\nfrom c.d import e\ndef f():\n    import g\nfrom . import h"
    assert of(source).modules == {"a", "c", "g"}


def test_what_a_cell_binds_the_next_one_does_not_need() -> None:
    assert of("x = 1", "y = x").needs == set()
    assert of("if a: x = 1", "y = x").needs == {"a", "x"}


def test_a_cell_that_may_fail_binds_nothing_for_sure() -> None:
    assert of("f()\nx = 1", "y = x", tags=("raises-exception",)).needs == {"f", "x"}


def test_a_function_needs_what_is_not_bound_when_it_is_defined() -> None:
    found = of("import np\ndef f(): return np, k, f\nk = 1")
    assert found.needs == {"k"}
    assert found.reads == {"np", "k", "f"}
    assert found.refs == {"f": {"np", "k", "f"}}


def test_code_too_deep_for_us_runs_all_the_same() -> None:
    found, problems = names([Cell(index=0, source="x = " + "+".join(["y"] * 600))])
    assert found.everything
    assert [problem.warning for problem in problems] == [True]


# ------------------------------------------------------------- Kale's golden behaviours, kept


KALE = {
    "free variables of a function": ("x = 5\ndef foo():\n    print(math.sqrt(x))", "math"),
    "inner functions": (
        "def foo():\n    def bar(y):\n        return x + y\n    return bar(1)",
        "x",
    ),
    "arguments hide": ("def foo(x):\n    return x", ""),
    "missing name": ("print(df.shape)", "df"),
    "attributes are no names": ("a.b.c()", "a"),
    "shell lines don't matter": ("%%bash\nls $x", ""),
    "keyword arguments are no names": ("f(x=1)", "f"),
    "magic lines don't matter": ("%matplotlib inline\nx = y", "y"),
    "names of imports": ("import os\nos.getcwd()", ""),
    "tuples": ("a, b = f()\na + b", "f"),
    "with": ("with open(p) as fh:\n    fh.read()", "p"),
}


@pytest.mark.parametrize("title", KALE)
def test_a_cell_needs_what_kale_finds_missing(title: str) -> None:
    source, needs = KALE[title]
    assert of(source).needs - BUILTINS == set(needs.split())


# --------------------------------------------------------------- against Python's own tables

STDLIB = sorted(Path(sysconfig.get_path("stdlib")).glob("[a-d]*.py"))


def tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    for child in table.get_children():
        yield child
        yield from tables(child)


def is_comprehension(table: symtable.SymbolTable) -> bool:
    return table.get_name() in ("listcomp", "setcomp", "dictcomp", "genexpr")


@pytest.mark.parametrize("path", STDLIB, ids=lambda path: path.name)
def test_the_standard_library_is_read_as_python_reads_it(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    top = symtable.symtable(source, path.name, "exec")
    inside = list(tables(top))
    expected = {
        symbol.get_name()
        for table in inside
        for symbol in table.get_symbols()
        if symbol.is_global() and symbol.is_referenced() and not is_comprehension(table)
    }
    written = {
        symbol.get_name()
        for symbol in top.get_symbols()
        if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()
    } | {
        symbol.get_name()
        for table in inside
        for symbol in table.get_symbols()
        if symbol.is_declared_global() and (symbol.is_assigned() or symbol.is_imported())
    }
    mentioned = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    found = of(source)
    assert expected - found.reads - private(expected) == set()
    assert found.reads <= mentioned
    assert found.writes - found.deletes == written - found.deletes


def private(names: set[str]) -> set[str]:
    """Names that Python mangles inside of classes, of which no notebook has any."""
    return {name for name in names if name.startswith("_") and "__" in name[1:]}


# ------------------------------------------------------------------------------- properties

NAME = st.sampled_from("abcd")


@st.composite
def statements(draw: st.DrawFn, depth: int = 2) -> list[str]:
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from("assign aug del if for def try".split()[: 7 if depth else 3]))
        x, y = draw(NAME), draw(NAME)
        if kind == "assign":
            lines.append(f"{x} = use({y!r}, {y})" if draw(st.booleans()) else f"{x} = 1")
        elif kind == "aug":
            lines.append(f"{x} += 1")
        elif kind == "del":
            lines.append(f"del {x}")
        else:
            inner = ["    " + line for line in draw(statements(depth=depth - 1))]
            head = {"if": f"if {y}:", "for": f"for {x} in [1, 2]:", "def": f"def f({x}):"}
            lines += ["try:" if kind == "try" else head[kind], *inner]
            if kind == "try":
                lines += ["except Exception:", f"    {x} = 2"]
            if kind == "def":
                lines.append("f(1)")
    return lines


class Watched(dict[str, object]):
    """A namespace that remembers which names were asked for before they were bound in it."""

    def __init__(self, given: dict[str, object]) -> None:
        super().__init__(given)
        self.inherited = set(given)
        self.read: set[str] = set()

    def __getitem__(self, key: str) -> object:
        if key in self.inherited:
            self.read.add(key)
        return super().__getitem__(key)

    def __setitem__(self, key: str, value: object) -> None:
        self.inherited.discard(key)
        super().__setitem__(key, value)

    def __delitem__(self, key: str) -> None:
        if key in self.inherited:
            self.read.add(key)
        self.inherited.discard(key)
        super().__delitem__(key)


@settings(max_examples=300, deadline=None)
@given(statements())
def test_whatever_runs_reads_and_binds_no_more_than_was_found(lines: list[str]) -> None:
    source = "\n".join(lines)
    found = of(source)
    space = Watched(dict.fromkeys("abcd", 1))
    globals_: dict[str, object] = {"use": lambda _, value: value, **dict.fromkeys("abcd", 1)}
    with suppress(Exception):
        exec(compile(source, "cell", "exec"), globals_, space)
    bound = {name for name in "abcd" if name in space and name not in space.inherited}
    assert space.read <= found.needs
    assert bound <= found.writes


PIECES = st.sampled_from(
    (
        "%",
        "!",
        "?",
        "%%",
        "\n",
        " ",
        "x",
        "=",
        "(",
        ")",
        "time",
        "capture",
        "{",
        "}",
        "'",
        ":",
        "for",
        "\t",
        "\\",
        "#",
        '"""',
        "$",
        ";",
        ">>>",
        "/",
        ",",
        "\x00",
        "\r",
        "\x0c",
        "ö",
        "]",
    )
)


@settings(deadline=None)
@given(st.one_of(st.text(), st.lists(PIECES, max_size=12).map("".join)))
def test_whatever_is_written_is_read_or_told_to_be_wrong(source: str) -> None:
    _, problems = names([Cell(index=0, source=source)])
    assert all(problem.cell == 1 for problem in problems)
