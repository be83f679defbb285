"""Secrets out of everything that is shown or kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlops_lab.interfaces import Message

SHORTEST = 4
"""Shorter values would blot out half a page, and protect nothing."""


class Redaction:
    """Replaces the values of secrets by their names."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        by_length = sorted(secrets.items(), key=lambda item: -len(item[1]))
        self._marks = [(v, f"[{k}]") for k, v in by_length if len(v) >= SHORTEST]

    def text(self, text: str) -> str:
        """The text, with each secret's name in place of its value."""
        for value, mark in self._marks:
            text = text.replace(value, mark)
        return text

    def content(self, content: Any) -> Any:
        """The same for all strings inside JSON's types."""
        if not self._marks:
            return content
        match content:
            case str():
                return self.text(content)
            case dict():
                return {key: self.content(value) for key, value in content.items()}
            case list() | tuple():
                return [self.content(value) for value in content]
            case _:
                return content

    def message(self, message: Message) -> Message:
        """A kernel's message without secrets."""
        if not self._marks:
            return message
        return {**message, "content": self.content(message["content"])}

    def cell(self, cell: Any) -> None:
        """Look once more at a cell's joined outputs: a secret may have come in two pieces."""
        if self._marks and cell.cell_type == "code":
            for output in cell.outputs:
                output.update(self.content(dict(output)))
