"""The numbers that metrics cells print or name."""

from __future__ import annotations

import ast
import numbers
from typing import Any


def metrics_of(source: str, namespace: dict[str, Any]) -> dict[str, float]:
    """Each name that stands alone, or alone inside `print(…)`, and is a number."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return {}  # a cell with magics: nothing to read off
    found = {}
    for statement in tree.body:
        value = statement.value if isinstance(statement, ast.Expr) else None
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
            if value.func.id == "print" and len(value.args) == 1:
                value = value.args[0]
        if isinstance(value, ast.Name):
            number = namespace.get(value.id)
            if isinstance(number, numbers.Real) or hasattr(number, "__float__"):
                try:
                    found[value.id] = float(number)  # type: ignore[arg-type]
                except (TypeError, ValueError):
                    continue
    return found
