"""What a cell seems to be: imports, functions, parameters, or which stage of a pipeline."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Literal

from mlops_lab.notebook.python import parse

Stage = Literal["load", "train", "evaluate", "save", "report"]

_LOADS = ("read_", "load", "fetch_", "open_dataset", "scan_")
_TRAINS = ("fit", "fit_transform", "train", "partial_fit", "fit_predict", "fit_resample")
_EVALUATES = ("predict", "predict_proba", "score", "evaluate", "classification_report")
_SAVES = ("to_csv", "to_parquet", "to_excel", "to_json", "to_sql", "to_pickle", "dump", "save")
_REPORTS = ("plot", "scatter", "hist", "bar", "imshow", "subplots", "figure", "show", "boxplot")


def is_imports(source: str) -> bool:
    """Whether a cell imports, and sets up what it imported, and does nothing else."""
    body = _body(source)
    imported = [one for one in body if isinstance(one, ast.Import | ast.ImportFrom)]
    known = {(name.asname or name.name).partition(".")[0] for one in imported for name in one.names}
    return bool(imported) and all(one in imported or _sets_up(one, known) for one in body)


def is_functions(source: str) -> bool:
    """Whether a cell only defines functions and classes, with the imports that they need."""
    body = _body(source)
    defines = [
        isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) for one in body
    ]
    rest = (ast.Import, ast.ImportFrom)
    return any(defines) and all(
        defined or isinstance(one, rest) or _says(one)
        for one, defined in zip(body, defines, strict=True)
    )


def is_parameters(source: str) -> bool:
    """Whether a cell only gives names to literals, each name once."""
    found: list[str] = []
    for one in _body(source):
        match one:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if _literal(value):
                found.append(name)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if _literal(
                value
            ):
                found.append(name)
            case _ if _says(one):
                continue
            case _:
                return False
    return bool(found) and len(set(found)) == len(found)


def stage(source: str) -> Stage | None:
    """What a cell does, told by what it calls; None where that says nothing."""
    called = set(_called(source))
    if any(name.startswith(_LOADS) for name in called):
        return "load"
    if called.intersection(_TRAINS):
        return "train"
    if called.intersection(_EVALUATES) or any(name.endswith("_score") for name in called):
        return "evaluate"
    if called.intersection(_REPORTS):
        return "report"
    return "save" if called.intersection(_SAVES) else None


def _body(source: str) -> list[ast.stmt]:
    try:
        parsed = parse(source)
    except (SyntaxError, RecursionError):
        return []
    return parsed.tree.body if parsed.tree is not None and not parsed.magics else []


def _called(source: str) -> Iterator[str]:
    for one in _body(source):
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        for node in ast.walk(one):
            match node:
                case ast.Call(func=ast.Attribute(attr=name)) | ast.Call(func=ast.Name(id=name)):
                    yield name


def _sets_up(one: ast.stmt, known: set[str]) -> bool:
    """Whether a statement only talks to what was imported, as `pd.set_option(...)` does."""
    match one:
        case (
            ast.Expr(value=ast.Call(func=target)) | ast.Assign(targets=[ast.Attribute() as target])
        ):
            return _root(target) in known | {"get_ipython"}
    return _says(one)


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _says(one: ast.stmt) -> bool:
    """Whether a statement is only a text, such as a docstring."""
    return isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)


def _literal(value: ast.expr) -> bool:
    try:
        ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True
