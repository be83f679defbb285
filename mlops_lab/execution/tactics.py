"""What is worth trying ahead of home; the board sees to what is possible."""

from __future__ import annotations

from typing import Protocol


class Tactics(Protocol):
    """What is worth trying; the board sees to what is possible."""

    def dares(self, index: int) -> bool:
        """Whether to try a segment although it is expected to come to nothing."""
        ...

    def cedes(self, index: int) -> bool:
        """Whether home leaves a segment that it has reached to a scout that could have it."""
        ...


class Sensible:
    """Tries what is likely to succeed; home takes what it has reached."""

    def dares(self, index: int) -> bool:
        """Whether to try a segment although it is expected to come to nothing."""
        return False

    def cedes(self, index: int) -> bool:
        """Whether home leaves a segment that it has reached to a scout that could have it."""
        return False
