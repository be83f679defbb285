"""Who gets which of the scarce resources: in notebook order."""

from __future__ import annotations

from typing import Protocol

from mlops_lab.execution.moves import NOTHING
from mlops_lab.ir.step import Resources


class Holder(Protocol):
    """Keeps count of who holds which resources."""

    def fits(self, need: Resources) -> bool:
        """Whether it can be taken now."""
        ...

    def take(self, key: str, need: Resources) -> tuple[int, ...]:
        """Hold it under a key; which devices that gives."""
        ...

    def give_back(self, key: str) -> None:
        """What is held under the key is free again."""
        ...


class Grants:
    """Grants what there is; with no holder nothing is scarce.

    While a round of granting goes on, what segments above will need is kept for them: who comes
    later takes nothing before they have it.
    """

    def __init__(self, holder: Holder | None) -> None:
        self._holder = holder
        self._kept: list[str] = []
        self._short = False

    def fits(self, need: Resources) -> bool:
        """Whether it could be had now."""
        return self._holder is None or need == NOTHING or self._holder.fits(need)

    def open(self, need: Resources) -> bool:
        """Whether it could be had in this round, after those above."""
        return need == NOTHING or (not self._short and self.fits(need))

    def take(self, key: str, need: Resources) -> tuple[int, ...]:
        """Hold it under a key, if it is to be had; which devices that gives."""
        if self._holder is None or need == NOTHING or not self._holder.fits(need):
            return ()
        return self._holder.take(key, need)

    def keep(self, index: int, need: Resources) -> None:
        """Keep it for a segment until the round ends."""
        if self._holder is None or need == NOTHING:
            return
        if not self._holder.fits(need):
            self._short = True
            return
        key = f"for {index}"
        self._holder.take(key, need)
        self._kept.append(key)

    def give_back(self, key: str) -> None:
        """What is held under the key is free again."""
        if self._holder is not None:
            self._holder.give_back(key)

    def end_round(self) -> None:
        """What was kept is free again."""
        for key in self._kept:
            self.give_back(key)
        self._kept, self._short = [], False
