"""A dropped attempt in words: what was to blame, and that it cost nothing but time."""

from __future__ import annotations

from mlops_lab.commands.paint import paint
from mlops_lab.commands.say import duration
from mlops_lab.records.span import Drop

AGAIN, IN_TURN, NOTHING = ": runs again", ": runs in turn", ""

_WORDS = {
    "stale": ("{name} changed above", "something changed above", AGAIN),
    "acts": ("it acts outside ({name})", "it acts outside", IN_TURN),
    "lives": ("{name} lives in one kernel only", "its result lives in one kernel only", IN_TURN),
    "failed": ("it failed there ({name})", "it failed there", AGAIN),
    "stuck": ("{name} can't be had there", "a value can't be had there", IN_TURN),
    "memory": ("memory was short", "memory was short", IN_TURN),
    "died": ("its kernel died", "its kernel died", AGAIN),
    "late": ("it gave way to {name}", "the notebook's own kernel was first", NOTHING),
    "stopped": ("stopped with the run", "stopped with the run", NOTHING),
}
"""By why: with a name to blame, without one, and what follows."""

_OF_VALUES = {"stale", "lives", "stuck"}


def drop_words(drop: Drop) -> str:
    """Why it was dropped: "tried early, 'df' changed above: runs again (1.2 s)"."""
    blamed, nameless, then = _WORDS.get(drop.why, (drop.why, drop.why, IN_TURN))
    value = drop.why in _OF_VALUES and drop.name.isidentifier()
    text = blamed.format(name=f"'{drop.name}'" if value else drop.name) if drop.name else nameless
    lost = f" ({duration(drop.wasted)})" if drop.wasted >= 0.05 else ""
    return f"tried early, {text}{then}{lost}"


def drop_line(step: str, drop: Drop, width: int = 0) -> str:
    """A quiet line about it."""
    return paint(f"  ~ {step:<{width}}  {drop_words(drop)}", dim=True)
