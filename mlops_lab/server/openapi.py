"""The routes, told to programs: `python -m mlops_lab.server.openapi` prints it."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode

from mlops_lab.records.diff import RunDiff
from mlops_lab.server import bodies, messages

PREFIX = "/mlops-lab"
_REF = "#/components/schemas/{model}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one route, in the words of its user."""

    method: str
    path: str
    name: str
    says: str
    takes: Any = None
    gives: Any = None
    status: int = 200
    query: tuple[tuple[str, str, bool], ...] = ()
    """Name, type, whether it must be there."""


_PATH = ("path", "string", True)
_PAGE = (
    ("path", "string", False),
    ("notebook", "boolean", False),
    ("search", "string", False),
    ("status", "string", False),
    ("offset", "integer", False),
    ("limit", "integer", False),
)

OPERATIONS = (
    Operation(
        method="post",
        path="/pipeline/compile",
        name="compile",
        says="A notebook's pipeline, and all that is wrong with it.",
        takes=bodies.CompileRequest,
        gives=bodies.Compiled,
    ),
    Operation(
        method="post",
        path="/pipeline/explain",
        name="explain",
        says="What would run, and why.",
        takes=bodies.RunRequest,
        gives=bodies.Explained,
    ),
    Operation(
        method="post",
        path="/pipeline/suggest",
        name="suggest",
        says="The steps that a notebook without tags seems to have.",
        takes=bodies.SuggestRequest,
        gives=bodies.Suggestion,
    ),
    Operation(
        method="get",
        path="/runs",
        name="listRuns",
        says="The runs of a project, or of one notebook, the newest first.",
        gives=bodies.RunList,
        query=_PAGE,
    ),
    Operation(
        method="post",
        path="/runs",
        name="startRun",
        says="Run a notebook as a pipeline.",
        takes=bodies.RunRequest,
        gives=bodies.RunStartedView,
        status=202,
    ),
    Operation(
        method="get",
        path="/runs/{run}",
        name="showRun",
        says="Everything about one run.",
        gives=bodies.RunView,
        query=(_PATH,),
    ),
    Operation(
        method="delete",
        path="/runs/{run}",
        name="deleteRun",
        says="Forget a run that is over, and its output.",
        status=204,
        query=(_PATH,),
    ),
    *(
        Operation(
            method="post",
            path=f"/runs/{{run}}/{verb}",
            name=f"{verb}Run",
            says=says,
            gives=bodies.RunStartedView,
            status=202,
            query=(_PATH,),
        )
        for verb, says in (
            ("cancel", "Stop a run, and every process that it started."),
            ("resume", "Go on with a run from its finished steps."),
            ("again", "Run a run's notebook again, as it is now, with the same options."),
        )
    ),
    Operation(
        method="post",
        path="/runs/{run}/console",
        name="openConsole",
        says="Make the kernel that a failed run keeps known to Jupyter Server.",
        gives=bodies.ConsoleView,
        query=(_PATH,),
    ),
    Operation(
        method="post",
        path="/runs/{run}/release",
        name="releaseKernel",
        says="Let go of the kernel that a failed run keeps.",
        gives=bodies.Released,
        query=(_PATH,),
    ),
    Operation(
        method="get",
        path="/runs/{run}/log",
        name="readLog",
        says="What a step of a run has printed.",
        gives=bodies.LogPart,
        query=(_PATH, ("step", "string", True), ("after", "integer", False)),
    ),
    Operation(
        method="get",
        path="/runs/{run}/notebook",
        name="readNotebook",
        says="The output notebook of a run.",
        gives=dict[str, Any],
        query=(_PATH,),
    ),
    Operation(
        method="get",
        path="/runs/{run}/diff/{other}",
        name="compareRuns",
        says="How a run differs from another.",
        gives=RunDiff,
        query=(_PATH,),
    ),
)
STREAM = "/events"
_SPOKEN = (messages.ClientMessage, messages.ServerMessage)


def description(base_url: str = "") -> dict[str, Any]:
    """The OpenAPI description of all routes, under `base_url`."""
    schemas, refs = _schemas()
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        told = _operation(operation, refs)
        paths.setdefault(operation.path, {})[operation.method] = told
    said, heard = (refs[str(one), mode] for one, mode in _stream_types())
    return {
        "openapi": "3.1.0",
        "info": {"title": "mlops-lab", "version": "1"},
        "servers": [{"url": f"{base_url.rstrip('/')}{PREFIX}"}],
        "paths": paths,
        "components": {"schemas": schemas | {"ClientMessage": said, "ServerMessage": heard}},
        "x-stream": {"path": STREAM, "client": "ClientMessage", "server": "ServerMessage"},
    }


class _AsSent(GenerateJsonSchema):
    """What is sent is always there, whether or not it has a default."""

    def field_is_required(self, field: Any, total: bool) -> bool:
        return self.mode == "serialization" or super().field_is_required(field, total)

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def dataclass_field_schema(self, schema: Any) -> Any:
        found = super().dataclass_field_schema(schema)
        if self.mode == "serialization":
            found.pop("default", None)
        return found


def _stream_types() -> Iterator[tuple[Any, JsonSchemaMode]]:
    yield _SPOKEN[0], "validation"
    yield _SPOKEN[1], "serialization"


def _types() -> Iterator[tuple[Any, JsonSchemaMode]]:
    for operation in OPERATIONS:
        if operation.takes is not None:
            yield operation.takes, "validation"
        if operation.gives is not None:
            yield operation.gives, "serialization"
    yield from _stream_types()
    yield bodies.Failure, "serialization"


def _schemas() -> tuple[dict[str, Any], dict[tuple[str, str], Any]]:
    """The schemas by name, and for each type, as it is used, what refers to it."""
    kinds = list(dict.fromkeys((str(kind), kind, mode) for kind, mode in _types()))
    wanted: list[tuple[str, JsonSchemaMode, TypeAdapter[Any]]] = [
        (name, mode, TypeAdapter(kind)) for name, kind, mode in kinds
    ]
    refs, found = TypeAdapter.json_schemas(wanted, ref_template=_REF, schema_generator=_AsSent)
    return dict(sorted(found.get("$defs", {}).items())), refs  # type: ignore[return-value]


def _operation(operation: Operation, refs: dict[tuple[str, str], Any]) -> dict[str, Any]:
    told: dict[str, Any] = {"operationId": operation.name, "summary": operation.says}
    parameters = [_parameter(name, "path") for name in re.findall(r"{(\w+)}", operation.path)]
    parameters += [_parameter(name, "query", kind, must) for name, kind, must in operation.query]
    if parameters:
        told["parameters"] = parameters
    if operation.takes is not None:
        told["requestBody"] = {
            "required": True,
            "content": _json(refs[str(operation.takes), "validation"]),
        }
    well: dict[str, Any] = {"description": operation.says}
    if operation.gives is not None:
        well["content"] = _json(refs[str(operation.gives), "serialization"])
    ill = {
        "description": "What went wrong, and the way out.",
        "content": _json(refs[str(bodies.Failure), "serialization"]),
    }
    return told | {"responses": {str(operation.status): well, "default": ill}}


def _parameter(name: str, place: str, kind: str = "string", must: bool = True) -> dict[str, Any]:
    return {"name": name, "in": place, "required": must, "schema": {"type": kind}}


def _json(schema: Any) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def text() -> str:
    """The description as it lies in the repository."""
    return json.dumps(description(), indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
