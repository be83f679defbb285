"""A walk through cells, whose names are the notebook's."""

from __future__ import annotations

import ast

from mlops_lab.notebook.found import WHOLE, Found
from mlops_lab.notebook.scopes import Function, Open, Scope, arguments


class Namespace(Scope):
    """The scope of cells that run one after the other."""

    def load(self, name: str) -> None:
        if name not in self.bound:
            self.found.reads.add(name)
            self.found.needs.add(name)
        self.found.everything |= name in WHOLE

    def bind(self, name: str) -> None:
        self.found.writes.add(name)
        self.bound.add(name)
        self.found.refs.pop(name, None)
        if self.surely:
            self.found.deletes.discard(name)

    def maybe(self, name: str) -> None:
        self.found.writes.add(name)

    def unbind(self, name: str) -> None:
        self.bound.discard(name)
        self.found.deletes.add(name)

    def change(self, name: str | None) -> None:
        if name is not None:
            self.found.changes.add(name)

    def define(self, name: str, refs: frozenset[str]) -> None:
        self.bind(name)
        self.found.refs[name] = refs

    def absorb(self, inner: Open, own: str = "") -> frozenset[str]:
        names = inner.names | inner.reads
        self.found.reads |= names
        self.found.needs |= names - self.bound - {own}
        self.found.writes |= inner.writes
        self.found.deletes |= inner.deletes
        self.found.everything |= bool(names & WHOLE)
        return frozenset(names)

    def imported(self, name: str) -> None:
        self.bind(name)
        self.found.imports.add(name)

    def visit_Assign(self, node: ast.Assign) -> None:
        super().visit_Assign(node)
        if isinstance(node.value, ast.Lambda):
            inner = Function(Found(), [arg.arg for arg in arguments(node.value.args)])
            inner.visit(node.value.body)
            refs = frozenset(inner.close().names)
            self.found.refs.update({t.id: refs for t in node.targets if isinstance(t, ast.Name)})
