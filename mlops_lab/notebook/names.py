"""The names that cells read, write and delete, found from their code."""

from __future__ import annotations

import ast
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from mlops_lab.ir.problem import Problem
from mlops_lab.ir.step import Cell
from mlops_lab.notebook import magic
from mlops_lab.notebook.found import Found
from mlops_lab.notebook.namespace import Namespace
from mlops_lab.notebook.python import TRANSPARENT, Parsed, digest, form, parse, statements
from mlops_lab.notebook.scopes import Function


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What neighbouring cells do with the notebook's names.

    `reads` errs on the safe side: a name in a function's body counts wherever it is bound.
    `needs` are those that the cells don't surely bind themselves before. `changes` are names
    whose values are probably changed in place, a guess. `imports` are names bound by an import.
    `refs` are the global names that the functions and classes defined here will look up.
    """

    reads: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    deletes: frozenset[str] = frozenset()
    changes: frozenset[str] = frozenset()
    imports: frozenset[str] = frozenset()
    modules: frozenset[str] = frozenset()
    hints: frozenset[str] = frozenset()
    refs: dict[str, frozenset[str]] = field(default_factory=dict)
    everything: bool = False
    code: str = ""


def names(cells: Sequence[Cell], *, newer: bool = False) -> tuple[Names, list[Problem]]:
    """What the cells, run one after the other, do with names, and which can't be read.

    `newer` says that their kernel may have a newer Python than this process: what can't be read
    then is only a warning. Where an error is expected it is no problem at all.
    """
    sources = tuple((cell.source, cell.may_raise) for cell in cells)
    found, mistakes = _found(sources, newer)
    return found, [
        _unreadable(mistake, cells[place], newer=newer)
        if isinstance(mistake, SyntaxError)
        else _too_deep(cells[place])
        for place, mistake in mistakes
    ]


_Mistakes = tuple[tuple[int, SyntaxError | RecursionError], ...]


@lru_cache(maxsize=1024)
def _found(sources: tuple[tuple[str, bool], ...], newer: bool) -> tuple[Names, _Mistakes]:
    """What cells with these sources do, and the mistakes with the places of their cells.

    Remembered, because a notebook is compiled again after each change of one of its cells.
    """
    found = Found()
    mistakes: list[tuple[int, SyntaxError | RecursionError]] = []
    forms: list[str] = []
    scope = Namespace(found)
    for place, (source, may_raise) in enumerate(sources):
        before = set(scope.bound)
        try:
            parsed = parse(source)
            code = form(parsed, may_raise=may_raise)
            _walk(parsed, scope)
        except SyntaxError as error:
            code = form(source, may_raise=may_raise)
            found.everything |= newer
            if not may_raise:
                mistakes.append((place, error.with_traceback(None)))
        except RecursionError as error:
            code = form(source, may_raise=may_raise)
            found.everything = True
            mistakes.append((place, error.with_traceback(None)))
        forms.append(code)
        if may_raise:
            scope.bound = before  # it may have stopped at any statement
    return _names(found, digest(forms)), tuple(mistakes)


def _names(found: Found, code: str) -> Names:
    return Names(
        reads=frozenset(found.reads),
        needs=frozenset(found.needs),
        writes=frozenset(found.writes),
        deletes=frozenset(found.deletes),
        changes=frozenset(found.changes),
        imports=frozenset(found.imports),
        modules=frozenset(found.modules),
        hints=frozenset(found.hints),
        refs=dict(found.refs),
        everything=found.everything,
        code=code,
    )


def _walk(parsed: Parsed, scope: Namespace) -> None:
    for name, line in parsed.magics:
        if name in TRANSPARENT or name in magic.OTHER_LANGUAGES:
            scope.interpolate("" if name in magic.RUNS_CODE else line)
        else:
            scope.found.everything = True
    if parsed.tree is not None:
        timeit = [line for name, line in parsed.magics if name == "timeit"]
        if timeit:
            _timed(timeit[0], parsed.tree, scope)
        else:
            scope.block(parsed.tree.body)
    for name, line in parsed.magics:
        for bound in magic.bound_by(name, line):
            scope.maybe(bound)


def _timed(line: str, body: ast.Module, scope: Namespace) -> None:
    """The body of `%%timeit` is a function's; what follows on its line is set-up code."""
    inner = Function(scope.found, ())
    try:
        inner.block(statements(magic.statement("timeit", line)))
    except SyntaxError:
        scope.found.everything = True
    inner.block(body.body)
    scope.absorb(inner.close())


def _unreadable(error: SyntaxError, cell: Cell, *, newer: bool) -> Problem:
    version = ".".join(map(str, sys.version_info[:2]))
    way_out = "Mend it, or tag the cell 'skip'"
    if newer:
        way_out = f"Python {version} can't read it; the kernel's may be newer"
    return Problem(
        message=f"{type(error).__name__}: {error.msg}",
        way_out=way_out,
        cell=cell.number,
        line=error.lineno,
        warning=newer,
    )


def _too_deep(cell: Cell) -> Problem:
    return Problem(
        message="the code is nested too deeply to be read, so it counts as using every name",
        cell=cell.number,
        warning=True,
    )
