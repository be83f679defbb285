"""Who reads what from whom, found by walking down the notebook."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from dataclasses import dataclass, field

from mlops_lab.notebook.names import Names

BUILTINS = frozenset(dir(builtins))
_HIDDEN = frozenset({"_exit_code"})  # IPython's, after a shell line: its author doesn't know it


@dataclass(slots=True, kw_only=True)
class Flow:
    """For each group, in notebook order: the names it reads, each with the group it comes from.

    `writes` are the names that it leaves bound or changed, as its author would say.
    `unknown` are those that nobody above surely wrote. `wide` are the groups above that may have
    written any name. A group that looks at the namespace as a whole has no bound on its reads.
    """

    reads: list[dict[str, int]] = field(default_factory=list)
    writes: list[frozenset[str]] = field(default_factory=list)
    unknown: list[frozenset[str]] = field(default_factory=list)
    wide: list[tuple[int, ...]] = field(default_factory=list)


def flow(names: Sequence[Names]) -> Flow:
    """What each group reads from which group above.

    A name is taken from the last group that bound it or probably changed its value. Functions
    and classes bring along the global names that they will look up.
    """
    found = Flow()
    writer: dict[str, int] = {}
    refs: dict[str, frozenset[str]] = {}
    modules: set[str] = set()
    wide: tuple[int, ...] = ()
    for index, own in enumerate(names):
        needs = _closure(own, refs)
        found.reads.append({name: writer[name] for name in sorted(needs) if name in writer})
        found.unknown.append(frozenset(name for name in needs - BUILTINS if name not in writer))
        found.wide.append(wide)
        modules.difference_update(own.writes)
        modules |= own.imports
        for name in own.writes:
            refs.pop(name, None)
        refs.update(own.refs)
        changed = {name for name in own.changes - modules if name in writer or name in own.writes}
        found.writes.append(frozenset((own.writes | changed) - own.deletes - _HIDDEN))
        touched = own.writes | own.deletes | changed
        writer.update(dict.fromkeys(touched, index))
        if own.everything:
            wide = (*wide, index)
    return found


def _closure(own: Names, refs: dict[str, frozenset[str]]) -> set[str]:
    """The names that a group needs, with those that the functions it needs will look up."""
    found: set[str] = set()
    waiting = list(own.needs)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += refs.get(name, ())
    return found


def never_bound(names: Sequence[Names]) -> frozenset[str]:
    """The builtins that no cell can bind a name of its own to."""
    if any(own.everything for own in names):
        return frozenset()
    return BUILTINS.difference(*(own.writes for own in names))
