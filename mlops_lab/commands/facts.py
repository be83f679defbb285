"""A value's fields as a table, for services whose answer is a handful of facts."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from mlops_lab.commands.answer import Answer, Table
from mlops_lab.commands.say import bytes_text, duration

SIZES = ("bytes", "size", "memory", "freed", "limit", "cap")


def facts(value: Any, headline: str = "") -> Answer:
    """A frozen value, field by field."""
    rows = tuple(
        (f"  {f.name.replace('_', ' ')}", text)
        for f in fields(value)
        if (text := _text(f.name, getattr(value, f.name)))
    )
    parts = ((headline,) if headline else ()) + ((Table(rows=rows),) if rows else ())
    return Answer(data=asdict(value), parts=parts)


def _text(name: str, value: Any) -> str:
    match value:
        case None | () | "":
            return ""
        case bool():
            return "yes" if value else "no"
        case int() | float() if any(word in name for word in SIZES):
            return bytes_text(value)
        case float() if "seconds" in name:
            return duration(value)
        case tuple() | list() | frozenset():
            return ", ".join(str(item) for item in value)
        case _:
            return str(value)
