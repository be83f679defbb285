"""Whether a value is of the kind that a parameter takes."""

from __future__ import annotations

import ast

_TYPES: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "str": (str,),
    "list": (list, tuple),
    "tuple": (list, tuple),
    "set": (set, list, tuple),
    "dict": (dict,),
    "List": (list, tuple),
    "Tuple": (list, tuple),
    "Set": (set, list, tuple),
    "Dict": (dict,),
    "None": (type(None),),
}


def kind_of(default: ast.expr) -> str | None:
    """The kind of a default: the name of its type where it is a literal, else None."""
    try:
        value = ast.literal_eval(default)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    return None if value is None else type(value).__name__


def fits(value: object, *, kind: str | None, default: str = "") -> bool:
    """Whether a parameter of a kind takes the value; what isn't known to misfit fits.

    A default None takes None beside the kind.
    """
    if kind is None or (value is None and default == "None"):
        return True
    try:
        tree = ast.parse(kind.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return True
    return _fits(value, tree)


def _fits(value: object, kind: ast.expr) -> bool:
    match kind:
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            return _fits(value, left) or _fits(value, right)
        case ast.Subscript(value=outer, slice=inner) if _name(outer) in ("Optional", "Union"):
            either = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            optional = _name(outer) == "Optional" and value is None
            return optional or any(_fits(value, one) for one in either)
        case ast.Subscript(value=outer, slice=inner) if _name(outer) == "Literal":
            try:
                choices = ast.literal_eval(inner)
            except ValueError:
                return True
            choices = choices if isinstance(choices, tuple) else (choices,)
            return any(type(value) is type(choice) and value == choice for choice in choices)
        case ast.Subscript(value=outer):
            return _fits(value, outer)
        case ast.Constant(value=None):
            return value is None
        case ast.Constant(value=str() as quoted):
            return fits(value, kind=quoted)
    types = _TYPES.get(_name(kind))
    if types is None:
        return True
    if isinstance(value, bool):
        return bool in types
    return isinstance(value, types)


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
