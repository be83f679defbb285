"""What a segment is expected to do when it runs: guesses, to decide what is worth trying early."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

QUICK = 0.05
"""Seconds below which a segment is not worth another kernel."""
WORK = ""
"""Stands in an order for a call or a loop that may take time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What is expected of a segment.

    `reads` and `writes` are names, hidden ones among them; `needs` are those that must be there
    when it starts, because nothing waits for them at their first use. `bound` says why only home
    can run it, `home` why it is no use to let a scout try; empty where nothing is against it;
    `learned` is what an early attempt of it ran into before.
    `barrier`: nothing below starts before it is committed. `after` are segments that must be
    committed before it starts. `seconds` is what it took last time. `idle`: it may not run at all,
    so no scout is sent before that is known. `order` are the names that it uses and the work that
    it does, as they come; `imports` the modules that it imports.
    """

    reads: frozenset[str]
    writes: frozenset[str]
    needs: frozenset[str] = frozenset()
    bound: str = ""
    home: str = ""
    learned: str = ""
    barrier: bool = False
    after: frozenset[int] = frozenset()
    seconds: float | None = None
    idle: bool = False
    order: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()

    @property
    def works(self) -> bool:
        """Whether it takes time, as far as can be told."""
        return WORK in self.order if self.seconds is None else self.seconds >= QUICK

    def at_once(self, names: Collection[str]) -> set[str]:
        """Those of the names that it uses before it has anything else to do."""
        before = self.order[: self.order.index(WORK)] if WORK in self.order else self.order
        return {name for name in names if name in before}
