"""What IPython's magics and shell lines do with names."""

from __future__ import annotations

import ast
import re
import shlex
import string
from dataclasses import dataclass

from mlops_lab.notebook.python import statements

HARMLESS = frozenset(
    """
    matplotlib config pip conda mamba micromamba uv load_ext reload_ext unload_ext autoreload cd
    pwd ls ll lf lk ldir lx mkdir rmdir cp mv rm cat less more man env set_env precision pdb xmode
    colors mlops dhist pushd popd dirs bookmark alias unalias rehashx sx sc system lsmagic magic
    quickref pprint tb connect_info clear
    """.split()
)
"""Line magics that leave the notebook's names alone, but for `{x}` and `$x` in their line."""

OTHER_LANGUAGES = frozenset(
    """
    bash sh script html HTML javascript js latex markdown svg SVG writefile file perl ruby python
    python2 python3 pypy cmd system sx !
    """.split()
)
"""Cell magics whose body is no code of this kernel."""

RUNS_CODE = frozenset({"time", "timeit", "prun"})
INSPECTS = frozenset({"pinfo", "pinfo2", "pdoc", "pdef", "psource", "pfile"})

_OPTIONS = {"timeit": "nrtpv", "prun": "lsTD", "time": ""}
_DOLLAR = re.compile(r"(?<!\$)\$([A-Za-z_]\w*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call of the shell as IPython writes it in place of its own syntax."""

    method: str
    words: tuple[str, ...]


def shell_call(node: ast.Call) -> Call | None:
    """`get_ipython().method('…')`, None for any other call."""
    func = node.func
    if not (
        isinstance(func, ast.Attribute)
        and isinstance(func.value, ast.Call)
        and isinstance(func.value.func, ast.Name)
        and func.value.func.id == "get_ipython"
    ):
        return None
    words = tuple(
        arg.value
        for arg in node.args
        if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
    )
    if len(words) != len(node.args) or node.keywords or func.value.args:
        return None
    return Call(method=func.attr, words=words)


def expressions(line: str) -> list[ast.expr]:
    """What IPython would put in for `{x}` and `$x` in a shell or magic line."""
    try:
        fields = [field for _, field, _, _ in string.Formatter().parse(line) if field]
    except ValueError:
        fields = re.findall(r"\{([^{}]+)\}", line)
    found: list[ast.expr] = []
    for field in [*fields, *_DOLLAR.findall(line)]:
        try:
            parts = statements(field.strip())
        except SyntaxError:
            continue  # the shell's own braces, as in awk '{print $1}'
        found += [part.value for part in parts if isinstance(part, ast.Expr)]
    return found


def statement(name: str, line: str) -> str:
    """The code that a `%time`, `%timeit` or `%prun` line runs."""
    with_value = _OPTIONS.get(name, "")
    rest = line.strip()
    while match := re.match(r"-([A-Za-z])", rest):
        rest = rest[match.end() :].lstrip()
        if match[1] in with_value:
            rest = rest.partition(" ")[2].lstrip()
        else:
            rest = re.sub(r"^[A-Za-z]*\s*", "", rest) if match.end() == len(rest) else rest
    return re.sub(r"^--no-raise-error\s*", "", rest)


def bound_by(name: str, line: str) -> list[str]:
    """The names that a cell magic binds when the cell is done."""
    try:
        words = shlex.split(line)
    except ValueError:
        words = line.split()
    if name == "capture":
        names = [word for word in words if not word.startswith("-")]
    elif name in OTHER_LANGUAGES:
        names = [words[i + 1] for i, word in enumerate(words[:-1]) if word in _INTO]
        names += [word.partition("=")[2] for word in words if word.startswith("--")]
    else:
        names = []
    return [word for word in names if word.isidentifier()]


_INTO = ("--out", "--err", "--proc")
