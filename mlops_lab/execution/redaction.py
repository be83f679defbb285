"""Secrets out of everything that is shown or kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlops_lab.interfaces import Message

SHORTEST = 4
"""Shorter values would blot out half a page, and protect nothing."""


SHOWS = frozenset({"display_data", "execute_result", "error", "clear_output"})


class Redaction:
    """Replaces the values of secrets by their names.

    A stream may bring a secret in two pieces, so the end of a text that may be a secret's beginning
    waits for what comes next.
    """

    def __init__(self, secrets: Mapping[str, str]) -> None:
        by_length = sorted(secrets.items(), key=lambda item: -len(item[1]))
        self._marks = [(v, f"[{k}]") for k, v in by_length if len(v) >= SHORTEST]
        self._waiting: dict[str, Message] = {}

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
                return {self.content(key): self.content(value) for key, value in content.items()}
            case list() | tuple():
                return [self.content(value) for value in content]
            case _:
                return content

    def messages(self, message: Message) -> Iterator[Message]:
        """What may be shown of a kernel's messages, now that this one came."""
        if not self._marks:
            yield message
        elif message["msg_type"] == "stream":
            yield from self._stream(message)
        else:
            if message["msg_type"] in SHOWS:
                yield from self.rest()
            yield {**message, "content": self.content(message["content"])}

    def rest(self) -> Iterator[Message]:
        """What still waits; nothing comes behind it."""
        waiting, self._waiting = self._waiting, {}
        yield from waiting.values()

    def _stream(self, message: Message) -> Iterator[Message]:
        name = message["content"]["name"]
        before = self._waiting.pop(name, None)
        text = before["content"]["text"] if before else ""
        text = self.text(text + message["content"]["text"])
        safe = len(text) - self._beginning(text)
        if safe < len(text):
            content = {"name": name, "text": text[safe:]}
            self._waiting[name] = {**message, "content": content}
        if safe:
            yield {**message, "content": {"name": name, "text": text[:safe]}}

    def _beginning(self, text: str) -> int:
        """How many characters at the end may begin a secret."""
        most = max(len(value) for value, _ in self._marks) - 1
        for count in range(min(most, len(text)), 0, -1):
            if any(value.startswith(text[-count:]) for value, _ in self._marks):
                return count
        return 0

    def cell(self, cell: Any) -> None:
        """Look once more at a cell's joined outputs: a secret may have come in two pieces."""
        if self._marks and cell.cell_type == "code":
            for output in cell.outputs:
                output.update(self.content(dict(output)))
