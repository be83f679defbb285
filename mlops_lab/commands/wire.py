"""A run told line by line to another process: events as JSON, then the answer.

Each line on standard output is a JSON object with a `kind`: an event as `records.events` writes
it, or, last, `{"kind": "Answer", "exit_code", "data"}`, where `data` is what `--json` would have
said. Lines of any other kind are to be skipped.
"""

from __future__ import annotations

import json
from typing import IO, Any

from mlops_lab.records.events import KINDS, Event, from_json, to_json


class Wire:
    """Tells each event to whoever reads; goes on in silence once nobody does."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream: IO[str] | None = stream

    def __call__(self, event: Event) -> None:
        """Tell one event."""
        if self._stream is None:
            return
        try:
            self._stream.write(json.dumps(to_json(event), default=str) + "\n")
            self._stream.flush()
        except (OSError, ValueError):
            # The notebook that asked for the run has been closed. The run is not hers alone.
            self._stream = None


def heard(line: str) -> Event | dict[str, Any] | None:
    """The event or the answer in a line; None where it holds neither."""
    try:
        body = json.loads(line)
    except json.JSONDecodeError:
        return None
    kind = body.get("kind") if isinstance(body, dict) else None
    if kind in KINDS:
        return from_json(body)
    return body if kind == "Answer" else None
