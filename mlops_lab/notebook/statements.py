"""In which order statements run, and what they surely bind."""

from __future__ import annotations

import ast
from collections.abc import Sequence


class Statements(ast.NodeVisitor):
    """A walk through statements in the order in which they run.

    `bound` are the names that are surely bound where the walk stands; `surely` is False inside
    of what may not run.
    """

    def __init__(self) -> None:
        self.bound: set[str] = set()
        self.globals: set[str] = set()
        self.nonlocals: set[str] = set()
        self.surely = True

    def bind(self, name: str) -> None:
        """A name is bound."""
        raise NotImplementedError

    def maybe(self, name: str) -> None:
        """A name may be bound."""
        raise NotImplementedError

    def unbind(self, name: str) -> None:
        """A name is deleted."""
        raise NotImplementedError

    def imported(self, name: str) -> None:
        """An import binds a name."""
        self.bind(name)

    def block(self, nodes: Sequence[ast.AST]) -> None:
        """Code that runs where it stands."""
        for node in nodes:
            self.visit(node)

    def sometimes(self, nodes: Sequence[ast.AST]) -> None:
        """Code that may not run, or not to its end."""
        if nodes:
            self.branches(nodes, ())

    def branches(self, *arms: Sequence[ast.AST]) -> None:
        """Code of which one arm runs."""
        before, surely = self.bound, self.surely
        self.surely = False
        ends = []
        for arm in arms:
            self.bound = set(before)
            self.block(arm)
            ends.append(self.bound)
        self.bound = set.intersection(*ends)
        self.surely = surely

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        self.block(node.targets)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.visit(ast.copy_location(ast.Name(node.target.id, ast.Load()), node.target))
        self.visit(node.value)
        self.visit(node.target)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)
        self.visit(node.annotation)
        if node.value is not None:
            self.visit(node.target)
        elif isinstance(node.target, ast.Name):
            self.declare(node.target.id)
        else:
            self.generic_visit(node.target)

    def declare(self, name: str) -> None:
        """`x: int` without a value binds nothing; in a function it makes x local."""

    def visit_Global(self, node: ast.Global) -> None:
        self.globals.update(node.names)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        self.nonlocals.update(node.names)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.module(alias.name)
            self.imported(alias.asname or alias.name.partition(".")[0])

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.module and not node.level:
            self.module(node.module)
        for alias in node.names:
            if alias.name == "*":
                self.star(node.module or "")
            else:
                self.part(alias.name)
                self.imported(alias.asname or alias.name)

    def module(self, name: str) -> None:
        """The code imports a module."""

    def part(self, name: str) -> None:
        """The code imports a part of a module."""

    def star(self, name: str) -> None:
        """The code imports all of a module."""

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        self.branches(node.body, node.orelse)

    def visit_While(self, node: ast.While) -> None:
        self.visit(node.test)
        self.sometimes(node.body)
        self.sometimes(node.orelse)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        self.sometimes([node.target, *node.body])
        self.sometimes(node.orelse)

    def visit_AsyncFor(self, node: ast.AsyncFor) -> None:
        self.visit_For(node)

    def visit_With(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            self.visit(item.context_expr)
            if item.optional_vars is not None:
                self.visit(item.optional_vars)
        self.sometimes(node.body)  # for it may be a `suppress`

    def visit_AsyncWith(self, node: ast.AsyncWith) -> None:
        self.visit_With(node)

    def visit_Try(self, node: ast.Try) -> None:
        self.branches([*node.body, *node.orelse], *[[handler] for handler in node.handlers])
        self.block(node.finalbody)

    def visit_TryStar(self, node: ast.AST) -> None:
        self.visit_Try(node)  # type: ignore[arg-type]

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.type is not None:
            self.visit(node.type)
        if node.name:
            self.bind(node.name)
        self.block(node.body)
        if node.name:
            self.unbind(node.name)

    def visit_Match(self, node: ast.Match) -> None:
        self.visit(node.subject)
        for case in node.cases:
            self.sometimes([case.pattern, *([case.guard] if case.guard else []), *case.body])

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        self._capture(node, node.name)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        self._capture(node, node.name)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        self._capture(node, node.rest)

    def _capture(self, node: ast.AST, name: str | None) -> None:
        self.generic_visit(node)
        if name:
            self.bind(name)
