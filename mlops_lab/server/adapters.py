"""Values ⇄ the JSON that travels, checked."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from mlops_lab.errors import UsageError

Value = TypeVar("Value")


_ADAPTERS: dict[Any, TypeAdapter[Any]] = {}


def _adapter(kind: Any) -> TypeAdapter[Any]:
    """What checks and writes values of a kind; it takes a while to make one."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def to_json(value: object, kind: Any = None) -> bytes:
    """The value as JSON; a number that is none, or endless, becomes null."""
    return _adapter(kind or type(value)).dump_json(value)


def from_json(kind: type[Value], text: str | bytes) -> Value:
    """The value that the JSON says. Raises UsageError, naming every part that is wrong."""
    try:
        said: Value = _adapter(kind).validate_json(text)
        return said
    except ValidationError as error:
        raise UsageError(_wrong(error)) from None


def from_data(kind: type[Value], data: Any) -> Value:
    """The value that JSON's types say. Raises UsageError, naming every part that is wrong."""
    try:
        said: Value = _adapter(kind).validate_python(data)
        return said
    except ValidationError as error:
        raise UsageError(_wrong(error)) from None


def _wrong(error: ValidationError) -> str:
    parts = []
    for one in error.errors(include_url=False, include_context=False, include_input=False)[:5]:
        where = ".".join(str(part) for part in one["loc"])
        parts.append(f"{where}: {one['msg']}" if where else one["msg"])
    return f"the message is not as it should be: {'; '.join(parts)}"
