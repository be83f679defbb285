"""A notebook's parameters: what may be set, and whether what is given fits."""

from __future__ import annotations

import ast
import io
import keyword
import re
import tokenize
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from mlops_lab.errors import ParameterError
from mlops_lab.ir.pipeline import Parameter
from mlops_lab.notebook.kinds import fits, kind_of
from mlops_lab.notebook.python import parse

REFERENCE = "env:"
"""A value that begins so names an environment variable; it is resolved in the worker."""

_COMMENT = re.compile(r"#\s*(?:type:\s*(?P<type>\S+)\s*)?(?P<help>.*)")
_BUILT_IN = frozenset({"PAPERMILL_INPUT_PATH", "PAPERMILL_OUTPUT_PATH"})


def infer(source: str) -> tuple[Parameter, ...]:
    """The parameters that a parameters cell declares, as papermill reads it.

    A type comment or annotation gives the kind, else the default's type. A cell that can't be
    read declares none.
    """
    try:
        tree = parse(source).tree
    except SyntaxError:
        return ()
    comments = _comments(source)
    found: dict[str, Parameter] = {}
    for node in tree.body if tree is not None else ():
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                annotation = None
            case ast.AnnAssign(target=ast.Name(id=name), annotation=ann, value=ast.expr() as value):
                annotation = ann.value if isinstance(ann, ast.Constant) else ast.unparse(ann)
            case _:
                continue
        comment = _COMMENT.fullmatch(comments.get(node.end_lineno or 0, "#"))
        declared = annotation or (comment["type"] if comment else None)
        found[name] = Parameter(
            name=name,
            default=ast.get_source_segment(source, value) or ast.unparse(value),
            kind=str(declared) if declared else kind_of(value),
            help=comment["help"].strip() if comment else "",
        )
    return tuple(found.values())


def _comments(source: str) -> dict[int, str]:
    found = {}
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT and token.line[: token.start[1]].strip():
                found[token.start[0]] = token.string
    except (tokenize.TokenError, SyntaxError):
        pass  # what was found up to there is right
    return found


def bind(
    parameters: Sequence[Parameter], given: Mapping[Any, Any], *, python: bool = True
) -> dict[str, Any]:
    """The given values, all of which the notebook takes.

    Where it isn't in Python its parameters are unknown, and only names are checked. Raises
    ParameterError, which lists every name and value that the notebook doesn't take.
    """
    known = {parameter.name: parameter for parameter in parameters}
    wrong = []
    for name, value in given.items():
        if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
            wrong.append(f"{name!r} can't be a parameter's name: a name of Python is wanted")
        elif python and (message := _misfit(known, name, value)):
            wrong.append(message)
    if wrong:
        raise ParameterError("\n".join(wrong))
    return dict(given)


def _misfit(known: Mapping[str, Parameter], name: str, value: object) -> str:
    if name in _BUILT_IN:
        return ""
    if name not in known:
        if not known:
            return (
                f"the notebook takes no parameter '{name}': no cell of it is tagged 'parameters' "
                "and assigns a value. Tag the cell that holds the defaults"
            )
        near = get_close_matches(name, known, n=1)
        hint = f"Did you mean '{near[0]}'?" if near else f"There are: {', '.join(known)}"
        return f"the notebook takes no parameter '{name}'. {hint}"
    parameter = known[name]
    if is_secret(value) or fits(value, kind=parameter.kind, default=parameter.default):
        return ""
    raw = f". As text: -r {name} {value}" if fits(str(value), kind=parameter.kind) else ""
    kind = type(value).__name__ if value is not None else "None"
    return (
        f"parameter '{name}' takes {parameter.kind} (default {parameter.default}), "
        f"not {kind} {value!r:.80}{raw}"
    )


def is_secret(value: object) -> bool:
    """Whether a parameter's value only names an environment variable."""
    return isinstance(value, str) and value.startswith(REFERENCE)


def from_cli(
    *,
    p: Iterable[tuple[str, str]] = (),
    r: Iterable[tuple[str, str]] = (),
    y: Iterable[str] = (),
    f: Iterable[str | Path] = (),
) -> dict[str, Any]:
    """The parameters that papermill's options give: -f FILE, -y YAML, -p NAME VALUE, -r NAME TEXT.

    What comes later in this order counts. Raises ParameterError.
    """
    found: dict[str, Any] = {}
    for path in f:
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ParameterError(f"parameters file '{path}' can't be read: {error}") from None
        found |= _mapping(text, f"parameters file '{path}'")
    for text in y:
        found |= _mapping(text, "the value of -y")
    for name, value in p:
        found[name] = resolved(value)
    for name, value in r:
        found[name] = value
    return found


def resolved(text: str) -> bool | int | float | str | None:
    """The value of text on the command line: papermill's True, False, None, int, float, text."""
    match text:
        case "True":
            return True
        case "False":
            return False
        case "None":
            return None
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text


def _mapping(text: str, what: str) -> dict[str, Any]:
    from mlops_lab.notebook.yaml import YamlError, load

    try:
        body = load(text)
    except YamlError as error:
        raise ParameterError(f"{what} is not YAML: {error}") from None
    if body is None:
        return {}
    if not isinstance(body, dict):
        raise ParameterError(f"{what} holds no 'NAME: VALUE', but {type(body).__name__}")
    return body
