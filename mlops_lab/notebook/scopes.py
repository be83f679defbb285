"""A walk through code that knows Python's scopes.

Every scope is a walk of its own. A scope that closes hands the names that it didn't find inside
to the scope around it, till they arrive at the cell's: there they are the notebook's.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

from mlops_lab.notebook import magic
from mlops_lab.notebook.found import FRAMES, WHOLE, Found, changed_by, changed_by_statement, root
from mlops_lab.notebook.statements import Statements

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


class Scope(Statements):
    """What all scopes have in common: how expressions and definitions use names."""

    def __init__(self, found: Found) -> None:
        super().__init__()
        self.found = found

    def load(self, name: str) -> None:
        """The scope's own code uses a name."""
        raise NotImplementedError

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

    def change(self, name: str | None) -> None:
        """The value behind a name is probably changed in place."""

    def module(self, name: str) -> None:
        self.found.modules.add(name.partition(".")[0])
        self.found.everything |= name == "__main__"

    def part(self, name: str) -> None:
        self.found.everything |= name in FRAMES

    def star(self, name: str) -> None:
        del name
        self.found.everything = True  # it may bind anything

    def define(self, name: str, refs: frozenset[str]) -> None:
        """Bind a name to a function or class, which will look up these global names."""
        del refs
        self.bind(name)

    # ------------------------------------------------------------------------------ names

    def visit_Name(self, node: ast.Name) -> None:
        match node.ctx:
            case ast.Load():
                self.load(node.id)
            case ast.Store():
                self.bind(node.id)
            case _:
                self.load(node.id)
                self.unbind(node.id)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        self.visit(node.target)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self.found.hint(node.value)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if node.attr in FRAMES:
            self.found.everything = True
        if not isinstance(node.ctx, ast.Load):
            self.change(root(node))
        self.visit(node.value)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if not isinstance(node.ctx, ast.Load):
            self.change(root(node))
        if isinstance(node.slice, ast.Constant) and node.slice.value == "__main__":
            self.found.everything = True
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        self.visit(node.values[0])
        self.sometimes(node.values[1:])

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.visit(node.test)
        self.branches([node.body], [node.orelse])

    def visit_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Constant):
            return  # a docstring, or a value that only its display uses
        if isinstance(node.value, ast.Call):
            self.change(changed_by_statement(node.value))
        self.visit(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        shell = magic.shell_call(node)
        if shell is not None:
            self.shell(shell)
            return
        for name in changed_by(node):
            self.change(name)
        looks_at_one = isinstance(node.func, ast.Name) and node.func.id in ("dir", "vars")
        if not (looks_at_one and node.args):  # `dir(x)` looks at x, `dir()` at the namespace
            self.visit(node.func)
        for argument in node.args:
            if isinstance(argument, ast.Constant) and argument.value == "__main__":
                self.found.everything = True
            self.visit(argument)
        for word in node.keywords:
            self.visit(word.value)

    # ------------------------------------------------------------------------ IPython

    def shell(self, call: magic.Call) -> None:
        """What IPython's syntax reads and writes."""
        if call.method in ("system", "getoutput") and len(call.words) == 1:
            self.interpolate(call.words[0])
            if call.method == "system":
                self.maybe("_exit_code")
        elif call.method == "run_line_magic" and len(call.words) == 2:
            self.line_magic(*call.words)
        elif call.method != "show_usage":
            self.load("get_ipython")

    def interpolate(self, line: str) -> None:
        """Names in `{x}` and `$x`."""
        for expression in magic.expressions(line):
            self.visit(expression)

    def line_magic(self, name: str, line: str) -> None:
        """What a line magic reads and writes."""
        if name in magic.RUNS_CODE:
            try:
                tree = ast.parse(magic.statement(name, line))
            except (SyntaxError, ValueError):
                self.found.everything = True
            else:
                self.timed(name, tree.body)
        elif name in magic.INSPECTS:
            self.interpolate("{" + line.strip().partition(".")[0].partition("[")[0] + "}")
        else:
            self.found.everything |= name not in magic.HARMLESS
            self.interpolate(line)

    def timed(self, name: str, body: list[ast.stmt]) -> None:
        """Statements under a `time` or `timeit` magic; the latter makes a function of them."""
        if name == "timeit":
            inner = Function(self.found, ())
            inner.block(body)
            self.absorb(inner.close())
        else:
            self.block(body)

    # ------------------------------------------------------------------------ definitions

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for decorator in node.decorator_list:
            self.visit(decorator)
        self._defaults(node.args)
        around = self._generic(node)
        scope = around or self
        for argument in _arguments(node.args):
            if argument.annotation is not None:
                scope.visit(argument.annotation)
        if node.returns is not None:
            scope.visit(node.returns)
        inner = Function(self.found, [argument.arg for argument in _arguments(node.args)])
        inner.block(node.body)
        refs = self._close(inner, around, node.name)
        self.define(node.name, refs)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.visit_FunctionDef(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._defaults(node.args)
        inner = Function(self.found, [argument.arg for argument in _arguments(node.args)])
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

    # -------------------------------------------------------------------- comprehensions

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


class Cell(Scope):
    """The cell's own scope: its names are the notebook's."""

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
            inner = Function(Found(), [arg.arg for arg in _arguments(node.value.args)])
            inner.visit(node.value.body)
            refs = frozenset(inner.close().names)
            self.found.refs.update({t.id: refs for t in node.targets if isinstance(t, ast.Name)})


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
        self.inner.names |= inner.names
        self.inner.reads |= inner.reads
        self.inner.writes |= inner.writes
        self.inner.deletes |= inner.deletes
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
        self.inner.names |= inner.names - {"__class__"}
        self.inner.reads |= inner.reads
        self.inner.writes |= inner.writes
        self.inner.deletes |= inner.deletes
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


def _arguments(args: ast.arguments) -> list[ast.arg]:
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
