"""How a process ended, in words."""

from __future__ import annotations

import signal
from dataclasses import dataclass

_WORDS = {
    signal.SIGSEGV: "segmentation fault",
    signal.SIGBUS: "bus error",
    signal.SIGABRT: "aborted",
    signal.SIGILL: "illegal instruction",
    signal.SIGFPE: "arithmetic error in native code",
    signal.SIGKILL: "killed; the system does that where memory runs out",
    signal.SIGTERM: "told to end",
}


@dataclass(frozen=True, slots=True)
class Exit:
    """An exit status as the system gives it: negative where a signal ended the process."""

    status: int

    @property
    def signal(self) -> int | None:
        """The number of the signal that ended the process; a shell in between adds 128."""
        number = -self.status if self.status < 0 else self.status - 128
        return number if number in set(signal.Signals) else None

    def __str__(self) -> str:
        if self.signal is None:
            return f"ended by itself with status {self.status}"
        name = signal.Signals(self.signal)
        word = _WORDS.get(name)
        return f"died of {name.name}" + (f" ({word})" if word else "")
