"""The names that compiled code looks up when it runs."""

from __future__ import annotations

import dis
import re
import types
from functools import lru_cache

INTROSPECTION = frozenset(
    "globals locals vars dir eval exec get_ipython __import__ _getframe currentframe".split()
)
"""Builtins and functions that look at the namespace as a whole."""
_WORD = re.compile(r"[^\W\d]\w*")


@lru_cache(maxsize=10_000)
def code_names(code: types.CodeType) -> tuple[frozenset[str], frozenset[str]]:
    """The globals that code looks up, functions inside it included, and words in its strings."""
    names: set[str] = set()
    words: set[str] = set()
    for instruction in dis.get_instructions(code):
        if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME", "STORE_GLOBAL", "DELETE_GLOBAL"):
            names.add(instruction.argval)
        elif instruction.opname in ("LOAD_ATTR", "LOAD_METHOD"):
            if instruction.argval in ("_getframe", "currentframe", "user_ns", "run_cell"):
                names.add("globals")
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            inner_names, inner_words = code_names(constant)
            names |= inner_names
            words |= inner_words
        elif isinstance(constant, str) and len(constant) <= 10_000:
            words.update(_WORD.findall(constant))
    return frozenset(names), frozenset(words)
