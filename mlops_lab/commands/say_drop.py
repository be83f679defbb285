"""A dropped attempt in words: what was to blame, and that it cost nothing but time."""

from __future__ import annotations

from mlops_lab.commands.paint import paint
from mlops_lab.commands.say import duration
from mlops_lab.records.span import Drop

_WHY = {
    "stale": "{name} changed above",
    "acts": "it acts outside ({name})",
    "lives": "{name} lives in one kernel only",
    "failed": "it failed there ({name})",
    "stuck": "{name} can't be had there",
    "memory": "memory was short",
    "died": "its kernel died",
    "late": "the notebook's own kernel was first",
}
_NAMELESS = {
    "stale": "something changed above",
    "acts": "it acts outside",
    "lives": "its result lives in one kernel only",
    "failed": "it failed there",
    "stuck": "a value can't be had there",
}
_NAMES = {"stale", "lives", "stuck"}
_AGAIN = {"stale", "failed", "died"}


def drop_words(drop: Drop) -> str:
    """Why it was dropped: "tried early, 'df' changed above: runs again (1.2 s)"."""
    text = _WHY.get(drop.why, drop.why) if drop.name else _NAMELESS.get(drop.why, "")
    text = text or _WHY.get(drop.why, drop.why)
    name = f"'{drop.name}'" if drop.why in _NAMES and drop.name.isidentifier() else drop.name
    then = "" if drop.why == "late" else ": runs again" if drop.why in _AGAIN else ": runs in turn"
    lost = f" ({duration(drop.seconds)})" if drop.seconds >= 0.05 else ""
    return f"tried early, {text.format(name=name)}{then}{lost}"


def drop_line(step: str, drop: Drop, width: int = 0) -> str:
    """A quiet line about it."""
    return paint(f"  ~ {step:<{width}}  {drop_words(drop)}", dim=True)
