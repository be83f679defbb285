"""What a run's steps printed, read on from anywhere."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from mlops_lab.errors import NotFound

PART = 256 * 1024
"""Bytes that are read at once at most."""

_NAME = re.compile(r"\w[\w-]{0,199}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some of what a step printed; `after` is the byte behind it. `more`: there is more to read."""

    text: str
    after: int
    more: bool = False


def log_file(folder: Path, step: str) -> Path:
    """The log of a step in a run's folder. Raises NotFound where that can't be a step's name."""
    if not _NAME.fullmatch(step):
        raise NotFound(f"no step '{step}'")
    return folder / "logs" / f"{step}.log"


def printed(folder: Path, step: str, after: int = 0) -> Part:
    """What the step of a run printed behind a byte of its log; nothing where it has no log.

    Never half a character. Raises NotFound where that can't be a step's name.
    """
    path = log_file(folder, step)
    after = max(0, after)
    try:
        with path.open("rb") as file:
            file.seek(after)
            raw = file.read(PART)
    except FileNotFoundError:
        return Part(text="", after=0)
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    text = decoder.decode(raw)
    waiting, _ = decoder.getstate()
    return Part(text=text, after=after + len(raw) - len(waiting), more=len(raw) == PART)
