"""Steps sent to scouts at random, whatever is expected of them: the hardest test of a result."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Scattered:
    """Tactics that leave most segments to scouts, and try some that look hopeless.

    What becomes of a segment depends on the seed and on nothing else.
    """

    seed: str
    ceded: float = 0.85
    dared: float = 0.35

    def dares(self, index: int) -> bool:
        """Whether to try a segment although it is expected to come to nothing."""
        return self._chance(f"dare {index}") < self.dared

    def cedes(self, index: int) -> bool:
        """Whether home leaves a segment that it has reached to a scout that could have it."""
        return self._chance(f"cede {index}") < self.ceded

    def _chance(self, what: str) -> float:
        return Random(f"{self.seed} {what}").random()


def workers_for(seed: str, *, most: int = 4) -> int:
    """Two to four kernels; more of them is rarer, because each takes its time to start."""
    return min(most, Random(f"{seed} workers").choice((2, 2, 2, 3, 3, 4)))
