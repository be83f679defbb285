"""Notebooks by chance: assignments, mutations, aliases, functions, control flow, deletions.

A statement is taken from the lists below, so most do what they say; one that meets a name that
is gone, or another kind of thing than it expects, raises, and the notebook goes on with the next
cell. Names are few, so that cells meet each other's values.
"""

from __future__ import annotations

from hypothesis import strategies as st

from .rows import Row, RowCell

START = """
import copy
import numpy as np
i, j = 1, 5
xs, ys = [1, 2], []
d, e = {"k": 1}, {}
a = np.arange(6)
v = a[1:4]
f = g = len
"""

NUMBERS = ["i = j + 1", "i += 2", "i, j = j, i", "j = len(xs)", "i = {'n': j}['n']", "j = i % 4"]

LISTS = [
    "xs = [i, j]", "ys = xs", "ys = xs[:]", "xs = ys + [i]", "xs += [j]", "xs.append(i)",
    "xs.append(ys)", "xs[0] = d", "ys = [xs, xs]", "ys = copy.deepcopy(xs)", "ys = copy.copy(xs)",
    "xs.pop()", "xs[1:1] = [i, i]", "del xs[0]", "xs.reverse()", "del xs", "ys = [xs]",
    "t = (xs, d)", "t[0].append(i)", "xs, ys = ys, xs", "it = iter(xs)", "i = next(it)",
    "ys = [k * j for k in range(3)]", "s = {i, j, 40}", "s.add(len(xs))", "ys = list(s)",
]  # fmt: skip

DICTS = [
    "d['k'] = xs", "e = d", "e = dict(d)", "d.update(n=i)", "xs = d['k']", "d['self'] = d",
    "del d['k']", "d = {'k': i, 'l': xs}", "e['a'] = a", "d.setdefault('q', []).append(j)",
    "e = {k: v for k, v in d.items()}", "d.clear()", "keys = d.keys()", "i = len(keys)",
]  # fmt: skip

FUNCTIONS = [
    "def f(x, acc=[]):\n    acc.append(x)\n    return len(acc) + i",
    "def f(x):\n    global i\n    i += 1\n    xs.append(x)\n    return i",
    "def g(x):\n    return f(x) if i < 50 else 0",
    ("def make():\n    n, seen = i, []\n    def up(x):\n        nonlocal n\n        n += 1\n"
     "        seen.append(n)\n        return n\n    def see(x):\n        return n, seen\n"
     "    return up, see\nf, g = make()"),
    "f = lambda x, k=j: (k, i)",
    "def gen():\n    for k in range(3):\n        xs.append(k)\n        yield k\nit = gen()",
    "g = f", "i = f(j)", "f.tag = xs", "ys = f.tag", "fs = [f, g]", "fs[0](i)", "g(2)", "del f",
    "f.__defaults__ = ([7],)", "e['f'] = f", "exec('i = j * 2')", "globals()['j'] = i",
]  # fmt: skip

CLASSES = [
    ("class C:\n    shared = []\n    def __init__(self, x):\n        self.x = x\n"
     "    def put(self, y):\n        self.shared.append(y)\n        return len(self.shared)"),
    "class D(C):\n    def put(self, y):\n        return super().put(y) + 100",
    "class C:\n    n = 0\n    def __init__(self, x):\n        C.n += 1\n        self.x = xs",
    "o = C(i)", "o = C(xs)", "p = o", "p = D(d)", "o.x = p", "o.x = i", "i = o.put(j)",
    "p.put(xs)", "C.put = lambda self, y: i", "C.shared = xs", "o.y = o", "xs.append(o)",
    "j = isinstance(p, C) + isinstance(o, C)", "p = copy.copy(o)", "del o.x", "q = o.put", "q(1)",
]  # fmt: skip

ARRAYS = [
    "a = np.arange(6)", "v = a[1:4]", "v = a.reshape(2, 3)", "v = v.T", "b = a", "b = a.copy()",
    "a += 1", "a = a * 2", "v[...] = i", "np.add(a, 1, out=a)", "b = a[[0, 1]]", "a[a > 4] = 0",
    "d['a'] = v", "xs.append(v)", "a.flags.writeable = False", "b = v", "v[0] = 9", "a.sort()",
    "b = np.concatenate([a, a])[::2]", "w = memoryview(a)", "i = int(a.sum())", "del a", "b = a[:]",
]  # fmt: skip

SHOWN = [
    "i, j",
    "xs",
    "ys",
    "d",
    "e",
    "a",
    "v",
    "f(3)",
    "g(4)",
    "vars(o)",
    "C.shared",
    "o.x is p.x",
]
TESTS = ["i > j", "xs", "len(xs) > 2", "i % 2", "'k' in d", "v.sum() > 5"]

plain = st.sampled_from(NUMBERS + LISTS + DICTS + FUNCTIONS + CLASSES + ARRAYS)
inner = st.sampled_from([s for s in NUMBERS + LISTS + DICTS + CLASSES + ARRAYS if "\n" not in s])


@st.composite
def controlled(draw: st.DrawFn) -> str:
    """A statement under control flow."""
    one, two, test = draw(inner), draw(inner), draw(st.sampled_from(TESTS))
    return draw(
        st.sampled_from(
            [
                f"if {test}:\n    {one}\nelse:\n    {two}",
                f"for k in range(2):\n    {one}\n    {two}",
                f"try:\n    {one}\nexcept Exception as err:\n    {two}",
                f"while i < 3:\n    i += 1\n    {one}",
                f"with np.errstate(all='ignore'):\n    {one}",
            ]
        )
    )


statement = st.one_of(plain, plain, plain, controlled())


@st.composite
def cell(draw: st.DrawFn) -> str:
    """One to four statements, and a look at something."""
    lines = draw(st.lists(statement, min_size=1, max_size=4))
    return "\n".join([*lines, f"print({draw(st.sampled_from(SHOWN))})"])


@st.composite
def delayed(draw: st.DrawFn) -> str:
    """A cell that takes a moment, somewhere between its lines."""
    delay = f"sleep({draw(st.sampled_from([0.01, 0.03, 0.1]))})"
    source = draw(cell())
    return draw(st.sampled_from([source, f"{delay}\n{source}", f"{source}\n{delay}"]))


@st.composite
def notebooks(draw: st.DrawFn, *, delays: bool = False) -> Row:
    """A notebook of three to nine cells; each may raise, and the run goes on."""
    start = START.strip() + ("\nfrom time import sleep" if delays else "")
    kind = delayed() if delays else cell()
    sources = [start, *draw(st.lists(kind, min_size=2, max_size=8))]
    cells = tuple(RowCell(source=source, tags=("raises-exception",)) for source in sources)
    return Row(topic="property", title="by chance", cells=cells)
