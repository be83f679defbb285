"""Counts, sizes and durations as people write them."""

from __future__ import annotations

import math
import re

_BYTES = {
    "": 1,
    **{unit: 1000**power for power, unit in enumerate("kmgt", start=1)},
    **{f"{unit}i": 1024**power for power, unit in enumerate("kmgt", start=1)},
}
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_SIZE = re.compile(r"(\d+(?:\.\d+)?(?:e\d+)?)\s*([kmgt]i?)?(b)?", re.IGNORECASE)
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])")


def count(text: str) -> float:
    """A number of cores or GPUs, fractions allowed: '2', '0.5', Kubernetes' '500m'.

    Raises ValueError.
    """
    milli = text.endswith("m")
    number = float(text[:-1]) / 1000 if milli else float(text)
    if not math.isfinite(number) or number < 0:
        raise ValueError(text)
    return number


def size(text: str, *, unit: bool = True) -> int:
    """Bytes: '4GB' is 4·10⁹, '4GiB' and '4Gi' are 4·2³⁰.

    A bare number counts only where `unit` is False, for it hardly ever means bytes. Raises
    ValueError.
    """
    match = _SIZE.fullmatch(text.strip())
    if match is None or (unit and not (match[2] or match[3])):
        raise ValueError(text)
    return int(float(match[1]) * _BYTES[(match[2] or "").lower()])


def duration(text: str, *, unit: bool = False) -> float:
    """Seconds: '90', '90s', '10m', '1h30m', '1d', '2w'.

    Raises ValueError; for a bare number too where `unit` is True.
    """
    text = text.strip().lower()
    if not unit and re.fullmatch(r"\d+(\.\d+)?", text):
        seconds = float(text)
    else:
        parts = _DURATION.findall(text)
        if not parts or _DURATION.sub("", text).strip():
            raise ValueError(text)
        seconds = sum(float(number) * _SECONDS[symbol] for number, symbol in parts)
    if seconds <= 0:
        raise ValueError(text)
    return seconds
