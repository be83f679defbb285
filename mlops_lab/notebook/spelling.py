"""What an unknown tag was probably meant to be."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

_BARE = (
    "parameters",
    "pipeline-parameters",
    "imports",
    "functions",
    "setup",
    "skip",
    "pipeline-metrics",
    "serial",
    "raises-exception",
)
_WITH_VALUE = (
    "step",
    "block",
    "prev",
    "after",
    "cpus",
    "gpus",
    "memory",
    "accelerator",
    "limit",
    "retries",
    "timeout",
    "cache",
    "data",
)
_OTHER_WORDS = {
    "cpu": "cpus",
    "gpu": "gpus",
    "mem": "memory",
    "ram": "memory",
    "retry": "retries",
    "previous": "prev",
    "depends": "after",
    "num_cpus": "cpus",
    "num_gpus": "gpus",
}
# The names of tags that others own and that look like ours.
_FOREIGN = frozenset({"scrolled", "collapsed", "slide", "skipped", "test", "import"})


def suggest(tag: str) -> str | None:
    """The tag that was meant, or None where it is likely somebody else's."""
    if tag in _FOREIGN:
        return None
    head, mark, value = [*re.split(r"\s*([:=]|\s)\s*", tag.strip(), maxsplit=1), "", ""][:3]
    if not mark:
        if head.lower() in _WITH_VALUE[:4]:
            return f"{head.lower()}:NAME"
        return _closest(tag, _BARE)
    known = _OTHER_WORDS.get(head.lower()) or _closest(head, _WITH_VALUE)
    if known is None or (mark.isspace() and known != head.lower()):
        return None
    return f"{known}:{value}" if known != head or mark != ":" else None


def _closest(word: str, known: tuple[str, ...]) -> str | None:
    word = word.lower().replace("_", "-")
    if word in known:
        return word
    best = max(known, key=lambda other: SequenceMatcher(None, word, other).ratio())
    near = SequenceMatcher(None, word, best).ratio() > 0.8
    if near:
        return best
    return next((other for other in known if sorted(word) == sorted(other)), None)
