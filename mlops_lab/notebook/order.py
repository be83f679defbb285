"""In which order code works and uses names: whether there is something to do before a name."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from mlops_lab.ir.outlook import WORK
from mlops_lab.ir.step import Cell
from mlops_lab.notebook.python import parse

_QUICK = frozenset(
    """
    print len range list dict set tuple int str float bool isinstance enumerate zip sorted type repr
    format min max sum abs round display append extend items keys values get join split strip lower
    upper replace head tail info title xlabel ylabel legend subplots figure show getattr setattr
    hasattr Path startswith endswith update add DataFrame Series array zeros ones
    """.split()
)
"""Calls that are over before another kernel could be asked."""


def order(cells: Sequence[Cell]) -> tuple[str, ...]:
    """The names that the cells' own code uses and the work that it does, as they come.

    Bodies of functions are left out: they run when they are called. Code that can't be read is
    work that uses nothing.
    """
    return tuple(word for cell in cells for word in _order(cell.source))


@lru_cache(maxsize=4096)
def _order(source: str) -> tuple[str, ...]:
    try:
        tree = parse(source).tree
    except (SyntaxError, RecursionError):
        return (WORK,)
    if tree is None:
        return (WORK,)
    walk = _Order()
    walk.visit(tree)
    return tuple(walk.found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Imports:
    """The `modules` that code imports, by their full names, and the `names` that it binds so."""

    modules: tuple[str, ...]
    names: frozenset[str]


def imports(cells: Sequence[Cell]) -> Imports:
    """What the cells' code imports, wherever that stands."""
    found = [_imports(cell.source) for cell in cells]
    modules = dict.fromkeys(module for one in found for module in one.modules)
    names = frozenset[str]().union(*(one.names for one in found))
    return Imports(modules=tuple(modules), names=names)


@lru_cache(maxsize=4096)
def _imports(source: str) -> Imports:
    modules: dict[str, None] = {}
    names: set[str] = set()
    try:
        tree = parse(source).tree
    except (SyntaxError, RecursionError):
        tree = None
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Import):
            modules |= dict.fromkeys(alias.name for alias in node.names)
            names |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            modules[node.module] = None
            names |= {alias.asname or alias.name for alias in node.names}
    return Imports(modules=tuple(modules), names=frozenset(names))


class _Order(ast.NodeVisitor):
    def __init__(self) -> None:
        self.found: list[str] = []

    def _all(self, nodes: Iterator[ast.AST] | Sequence[ast.AST | None]) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        if not isinstance(node.ctx, ast.Store):
            self.found.append(node.id)

    def visit_Assign(self, node: ast.Assign) -> None:
        self._all([node.value, *node.targets])  # in `a[k] = f()` Python looks for a last

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._all([node.value, node.target])

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.found.append(node.target.id)
        self._all([node.target, node.value])

    def visit_Call(self, node: ast.Call) -> None:
        self._all([node.func, *node.args, *(word.value for word in node.keywords)])
        name = node.func.attr if isinstance(node.func, ast.Attribute) else None
        name = node.func.id if isinstance(node.func, ast.Name) else name
        if name not in _QUICK:
            self.found.append(WORK)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self._all([node.iter, *node.body])
        self.found.append(WORK)
        self._all(node.orelse)

    def visit_AsyncFor(self, node: ast.AsyncFor) -> None:
        self.visit_For(node)

    def visit_While(self, node: ast.While) -> None:
        self._all([node.test, *node.body])
        self.found.append(WORK)
        self._all(node.orelse)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._all([*node.decorator_list, *node.args.defaults, *node.args.kw_defaults])

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.visit_FunctionDef(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._all([*node.args.defaults, *node.args.kw_defaults])

    def visit_Import(self, node: ast.Import) -> None:
        """An import is quick enough, and home needs it anyway."""
