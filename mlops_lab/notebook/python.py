"""A cell's source as Python's syntax tree, IPython's own syntax understood."""

from __future__ import annotations

import ast
import hashlib
import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass

TRANSPARENT = frozenset({"time", "timeit", "capture", "prun"})
"""Cell magics that run the rest of the cell as Python."""

_CELL_MAGIC = re.compile(
    r"(?P<above>(?:[ \t]*\n)*)%%(?P<name>\w+)(?P<line>[^\n]*)\n?(?P<body>.*)", re.DOTALL
)
_MAYBE_IPYTHON = re.compile(r"[%!?]|^[ \t>,;/]|^In \[", re.MULTILINE)
_AUTOMAGIC = re.compile(
    r"(pip|conda|mamba|uv|cd|ls|ll|pwd|mkdir|rmdir|cp|mv|rm|cat|less|more|man|env|matplotlib|time"
    r"|timeit|load_ext|run|who|whos|reset|config|clear|autoreload|precision)\b(?!\s*[=.(,\[:])"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A cell's code.

    `magics` are its cell magics, the outermost first, each with the rest of its line. `tree` is
    None where the innermost takes another language; `body` is then the text it takes. `silent`
    says that a semicolon keeps the last expression from being shown.
    """

    magics: tuple[tuple[str, str], ...] = ()
    tree: ast.Module | None = None
    body: str = ""
    silent: bool = False


def parse(source: str) -> Parsed:
    """The cell as IPython would run it.

    Raises SyntaxError, its line counted in the cell.
    """
    magics: list[tuple[str, str]] = []
    text, above = source, 0
    while (match := _CELL_MAGIC.match(text)) and not match["line"].startswith("?"):
        magics.append((match["name"], match["line"].strip()))
        text, above = match["body"], above + match["above"].count("\n") + 1
        if match["name"] not in TRANSPARENT:
            return Parsed(magics=tuple(magics), body=text)
    try:
        tree, code = _tree(text)
    except SyntaxError as error:
        error.lineno = (error.lineno or 1) + above
        raise
    return Parsed(magics=tuple(magics), tree=tree, silent=_silent(tree, code))


def statements(text: str) -> list[ast.stmt]:
    """The statements of plain Python. Raises SyntaxError."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text).body
        except (ValueError, MemoryError) as error:
            raise SyntaxError(str(error)) from None


def _tree(text: str) -> tuple[ast.Module, str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an odd escape is the kernel's to complain about
        try:
            return _checked(text), text
        except SyntaxError as plain:
            code = _transformed(text)
            if code is None:
                raise
            try:
                return _checked(code), code
            except SyntaxError:
                raise plain if code.strip() == text.strip() else _own(text, plain) from None


def _own(text: str, plain: SyntaxError) -> SyntaxError:
    """The error of what IPython made of the cell, for its own syntax is no mistake."""
    code = _transformed(text) or text
    try:
        _checked(code)
    except SyntaxError as error:
        return error
    return plain


def _checked(code: str) -> ast.Module:
    """The tree of code that compiles too; a `return` in no function only fails there."""
    try:
        tree = ast.parse(code, "cell")
        compile(tree, "cell", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except (ValueError, RecursionError, MemoryError) as error:
        raise SyntaxError(str(error) or "the code is too large", ("cell", 1, None, None)) from None
    return tree


def _transformed(text: str) -> str | None:
    """Python in place of IPython's syntax; None where there is none of it."""
    stripped = text.strip()
    if "\n" not in stripped and _AUTOMAGIC.match(stripped):
        text = "%" + stripped
    if not _MAYBE_IPYTHON.search(text):
        return None
    from IPython.core.inputtransformer2 import TransformerManager

    # IPython drops leading empty lines; they are put back so that line numbers stay.
    lines = text.splitlines(keepends=True)
    first = next((i for i, line in enumerate(lines) if line.strip()), 0)
    try:
        return "".join(lines[:first]) + str(TransformerManager().transform_cell(text))
    except (RuntimeError, IndexError):  # it gives up on some texts that are no code at all
        return None


def _silent(tree: ast.Module, code: str) -> bool:
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr) or last.end_lineno is None:
        return False
    line = re.split(r"\r\n?|\n", code)[last.end_lineno - 1]
    return line.encode()[last.end_col_offset :].lstrip().startswith(b";")


def form(cell: Parsed | str, *, may_raise: bool) -> str:
    """The cell's code, comments and layout aside; its source where it can't be read.

    Empty for a cell without a statement. `may_raise` says that an error in it is expected.
    """
    if isinstance(cell, str):
        body = repr(cell)
    elif cell.tree is None:
        body = f"{cell.magics}{cell.body!r}"
    elif cell.tree.body or cell.magics:
        body = f"{cell.magics}{cell.silent:d}{_dump(cell.tree)}"
    else:
        return ""
    return f"{may_raise:d}{body}"


def _dump(tree: ast.Module) -> str:
    """What `ast.dump` says, in half the time."""
    words: list[str] = []

    def tell(value: object) -> None:
        if isinstance(value, ast.AST):
            words.append(type(value).__name__)
            for field in value._fields:
                if field != "ctx":  # follows from the place
                    tell(getattr(value, field, None))
        elif isinstance(value, list):
            words.append("[")
            for one in value:
                tell(one)
            words.append("]")
        else:
            words.append(repr(value))

    tell(tree)
    return " ".join(words)


def digest(forms: Iterable[str]) -> str:
    """One digest of the cells' forms, for cells that run one after the other."""
    hasher = hashlib.blake2b(digest_size=32)
    for one in forms:
        hasher.update(f"{one}\0".encode("utf-8", "surrogatepass") if one else b"")
    return hasher.hexdigest()
