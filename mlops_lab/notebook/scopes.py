"""A walk through code that knows Python's scopes.

Every scope is a walk of its own. A scope that closes hands the names that it didn't find inside
to the scope around it, till they arrive at the cell's: there they are the notebook's.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

from mlops_lab.notebook.found import Found
from mlops_lab.notebook.uses import Uses

_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


@dataclass(slots=True, kw_only=True)
class Open:
    """What a closed scope leaves to those around it.

    `names` are looked for outwards; the others skip functions, for they were declared global.
    """

    names: set[str] = field(default_factory=set)
    reads: set[str] = field(default_factory=set)
    writes: set[str] = field(default_factory=set)
    deletes: set[str] = field(default_factory=set)

    def add(self, other: Open) -> None:
        """Leave open what another scope leaves open, too."""
        self.names |= other.names
        self.reads |= other.reads
        self.writes |= other.writes
        self.deletes |= other.deletes


class Scope(Uses):
    """What all scopes have in common: what is defined inside them."""

    def load_from_inside(self, name: str) -> None:
        """A comprehension in the scope uses a name."""
        self.load(name)

    def unbind(self, name: str) -> None:
        """The scope's own code deletes a name."""
        raise NotImplementedError

    def absorb(self, inner: Open, own: str = "") -> frozenset[str]:
        """Take over what an inner scope left open; the names it will look up here.

        `own` is the name that the inner scope's definition is about to bind.
        """
        raise NotImplementedError

    def define(self, name: str, refs: frozenset[str]) -> None:
        """Bind a name to a function or class, which will look up these global names."""
        del refs
        self.bind(name)

    def timed(self, name: str, body: list[ast.stmt]) -> None:
        """Statements under a `time` or `timeit` magic; the latter makes a function of them."""
        if name == "timeit":
            inner = Function(self.found, ())
            inner.block(body)
            self.absorb(inner.close())
        else:
            self.block(body)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for decorator in node.decorator_list:
            self.visit(decorator)
        self._defaults(node.args)
        around = self._generic(node)
        scope = around or self
        for argument in arguments(node.args):
            if argument.annotation is not None:
                scope.visit(argument.annotation)
        if node.returns is not None:
            scope.visit(node.returns)
        inner = Function(self.found, [argument.arg for argument in arguments(node.args)])
        inner.block(node.body)
        refs = self._close(inner, around, node.name)
        self.define(node.name, refs)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.visit_FunctionDef(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._defaults(node.args)
        inner = Function(self.found, [argument.arg for argument in arguments(node.args)])
        inner.visit(node.body)
        self.absorb(inner.close())

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for decorator in node.decorator_list:
            self.visit(decorator)
        around = self._generic(node)
        scope = around or self
        for base in (*node.bases, *(word.value for word in node.keywords)):
            scope.visit(base)
        inner = Class(self.found)
        inner.block(node.body)
        refs = self._close(inner, around, node.name)
        self.define(node.name, refs)

    def visit_TypeAlias(self, node: ast.AST) -> None:
        around = self._generic(node) or Function(self.found, ())
        around.visit(node.value)  # type: ignore[attr-defined]
        self.absorb(around.close())
        self.visit(node.name)  # type: ignore[attr-defined]

    def _defaults(self, args: ast.arguments) -> None:
        for default in (*args.defaults, *args.kw_defaults):
            if default is not None:
                self.visit(default)

    def _generic(self, node: ast.AST) -> Function | None:
        """The scope of a definition's type parameters, where it has some."""
        params = getattr(node, "type_params", ())
        if not params:
            return None
        around = Function(self.found, [param.name for param in params])
        for param in params:
            for part in (getattr(param, "bound", None), getattr(param, "default_value", None)):
                if part is not None:
                    around.visit(part)
        return around

    def _close(self, inner: Function | Class, around: Function | None, own: str) -> frozenset[str]:
        if around is None:
            return self.absorb(inner.close(), own)
        around.absorb(inner.close())
        return self.absorb(around.close(), own)

    def _comprehension(self, node: _Comprehension) -> None:
        first = node.generators[0]
        self.visit(first.iter)
        inner = Comprehension(self, _targets(node.generators))
        for generator in node.generators:
            if generator is not first:
                inner.visit(generator.iter)
            inner.visit(generator.target)
            for condition in generator.ifs:
                inner.visit(condition)
        parts = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
        for part in parts:
            inner.visit(part)

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension


class Function(Scope):
    """A function's body: in which order it runs doesn't matter to those around it."""

    def __init__(self, found: Found, parameters: Sequence[str]) -> None:
        super().__init__(found)
        self.loaded: set[str] = set()
        self.stored: set[str] = set(parameters)
        self.deleted: set[str] = set()
        self.inner = Open()

    def load(self, name: str) -> None:
        self.loaded.add(name)

    def bind(self, name: str) -> None:
        self.stored.add(name)

    maybe = bind
    declare = bind

    def unbind(self, name: str) -> None:
        self.stored.add(name)
        self.deleted.add(name)

    def absorb(self, inner: Open, own: str = "") -> frozenset[str]:
        del own
        self.inner.add(inner)
        return frozenset()

    def close(self) -> Open:
        """What is left to the scopes around it."""
        used = self.loaded | self.inner.names
        local = self.stored - self.globals - self.nonlocals
        return Open(
            names=used - local - self.globals,
            reads=self.inner.reads | (used & self.globals),
            writes=self.inner.writes | (self.stored & self.globals),
            deletes=self.inner.deletes | (self.deleted & self.globals),
        )


class Class(Scope):
    """A class body: it runs at once, in order, and its names are hidden from its methods."""

    def __init__(self, found: Found) -> None:
        super().__init__(found)
        self.inner = Open()

    def load(self, name: str) -> None:
        if name in self.globals:
            self.inner.reads.add(name)
        elif name not in self.bound:
            self.inner.names.add(name)

    def load_from_inside(self, name: str) -> None:
        self.inner.names.add(name)

    def bind(self, name: str) -> None:
        if name in self.globals:
            self.inner.writes.add(name)
        else:
            self.bound.add(name)

    def maybe(self, name: str) -> None:
        if name in self.globals:
            self.inner.writes.add(name)

    def unbind(self, name: str) -> None:
        self.bound.discard(name)
        if name in self.globals:
            self.inner.deletes.add(name)

    def absorb(self, inner: Open, own: str = "") -> frozenset[str]:
        del own
        inner.names.discard("__class__")
        self.inner.add(inner)
        return frozenset()

    def close(self) -> Open:
        """What is left to the scopes around it."""
        return self.inner


class Comprehension(Scope):
    """A comprehension: it hides its targets, and runs where it stands."""

    def __init__(self, up: Scope, targets: set[str]) -> None:
        super().__init__(up.found)
        self.up = up
        self.targets = targets

    def load(self, name: str) -> None:
        if name not in self.targets:
            self.up.load_from_inside(name)

    def bind(self, name: str) -> None:
        if name not in self.targets:
            self.up.maybe(name)  # a walrus binds around the comprehension, which may not run

    maybe = bind

    def unbind(self, name: str) -> None:
        """A comprehension holds no statement, so it deletes nothing."""

    def change(self, name: str | None) -> None:
        if name not in self.targets:
            self.up.change(name)

    def absorb(self, inner: Open, own: str = "") -> frozenset[str]:
        inner.names -= self.targets
        return self.up.absorb(inner, own)


def arguments(args: ast.arguments) -> list[ast.arg]:
    """All arguments of a function, in the order in which they are written, near enough."""
    several = [args.vararg, args.kwarg]
    return [
        *args.posonlyargs,
        *args.args,
        *args.kwonlyargs,
        *(arg for arg in several if arg is not None),
    ]


def _targets(generators: Sequence[ast.comprehension]) -> set[str]:
    return {
        node.id
        for generator in generators
        for node in ast.walk(generator.target)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
