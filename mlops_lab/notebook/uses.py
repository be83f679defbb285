"""How expressions and IPython's syntax use names, whatever the scope."""

from __future__ import annotations

import ast

from mlops_lab.notebook import magic
from mlops_lab.notebook.found import FRAMES, Found, changed_by, changed_by_statement, root
from mlops_lab.notebook.python import statements
from mlops_lab.notebook.statements import Statements


class Uses(Statements):
    """A walk that tells a scope which names its code uses."""

    def __init__(self, found: Found) -> None:
        super().__init__()
        self.found = found

    def load(self, name: str) -> None:
        """The scope's own code uses a name."""
        raise NotImplementedError

    def change(self, name: str | None) -> None:
        """The value behind a name is probably changed in place."""

    def timed(self, name: str, body: list[ast.stmt]) -> None:
        """Statements under a `time` or `timeit` magic."""
        raise NotImplementedError

    def module(self, name: str) -> None:
        self.found.modules.add(name.partition(".")[0])
        self.found.everything |= name == "__main__"

    def part(self, name: str) -> None:
        self.found.everything |= name in FRAMES

    def star(self, name: str) -> None:
        del name
        self.found.everything = True  # it may bind anything

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
        if isinstance(node.func, ast.Name) and node.func.id in ("dir", "vars") and node.args:
            self.found.reads.add(node.func.id)  # `dir(x)` looks at x, `dir()` at the namespace
        else:
            self.visit(node.func)
        for argument in node.args:
            if isinstance(argument, ast.Constant) and argument.value == "__main__":
                self.found.everything = True
            self.visit(argument)
        for word in node.keywords:
            self.visit(word.value)

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
                body = statements(magic.statement(name, line))
            except SyntaxError:
                self.found.everything = True
            else:
                self.timed(name, body)
        elif name in magic.INSPECTS:
            self.interpolate("{" + line.strip().partition(".")[0].partition("[")[0] + "}")
        else:
            self.found.everything |= name not in magic.HARMLESS
            self.interpolate(line)
