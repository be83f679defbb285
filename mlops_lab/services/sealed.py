"""Parameters that name an environment variable: the value is read where the notebook runs."""

from __future__ import annotations

import ast
import os
from collections.abc import Mapping
from typing import Any

from mlops_lab.errors import ParameterError
from mlops_lab.ir.pipeline import Pipeline
from mlops_lab.ir.step import Segment
from mlops_lab.notebook.parameters import REFERENCE, is_secret


def references(pipeline: Pipeline, params: Mapping[str, Any]) -> dict[str, str]:
    """The environment variable behind each parameter that is a secret."""
    found = {}
    for parameter in pipeline.parameters:
        value = params.get(parameter.name, _literal(parameter.default))
        if is_secret(value):
            found[parameter.name] = str(value).removeprefix(REFERENCE)
    return found


def secret_values(pipeline: Pipeline, params: Mapping[str, Any]) -> dict[str, str]:
    """The secrets' values by variable, to keep them out of what is shown and stored.

    Raises ParameterError, naming every variable that is not set.
    """
    wanted = references(pipeline, params)
    missing = [
        f"parameter '{name}' is a secret in the environment variable {variable}, which is not set"
        for name, variable in wanted.items()
        if variable not in os.environ
    ]
    if missing:
        raise ParameterError("\n".join(missing))
    return {variable: os.environ[variable] for variable in wanted.values()}


def code_with_secrets(
    pipeline: Pipeline, params: Mapping[str, Any], segment: Segment, place: int
) -> str:
    """The source to send for a cell; one that sets a secret parameter reads the variable."""
    source = segment.cells[place].source
    if segment.role != "parameters":
        return source
    lines = [
        f"{name} = __import__('os').environ[{variable!r}]"
        for name, variable in references(pipeline, params).items()
        if name in source
    ]
    return "\n".join([source, *lines])


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None
