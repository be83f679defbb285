"""What runs inside a worker's kernel: a guest in the user's process.

It depends on nothing of ours and only on blake3 and cloudpickle, and is loaded by path under the
name `_mlops_guest`, so the kernel may live in another environment. The driver calls its verbs:
`prepare` before a segment, `observe` after it, `settle` at the end; and beside a running cell
`deliver` and `memory`. The guest of a scout says of itself what the cell waits for, and what keeps
it from going on there (`scouting`).
"""

from __future__ import annotations

import builtins
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .definitions import DEFINITIONS

if TYPE_CHECKING:
    from .guest import Guest

__all__ = ["DEFINITIONS", "start", "verb"]

_guest: Guest | None = None


def start(config: dict[str, Any]) -> dict[str, Any]:
    """Settle in. `config`: store, key, ignore, watch, secrets, scout.

    Raises FileNotFoundError where the project's store can't be reached from this machine.
    """
    global _guest  # a kernel has one guest
    if not (Path(config["store"]).parent / "key").is_file():
        raise FileNotFoundError("the project's folder can't be reached from the kernel's node")
    from .guest import Guest  # the driver, who only shares the store, needs none of it

    shell: Any = sys.modules["IPython"].get_ipython()
    builtins.get_ipython = lambda: shell  # type: ignore[attr-defined]
    _guest = Guest(shell, config, Path(config["store"]))
    return _guest.introduce()


def verb(name: str, **arguments: Any) -> Any:
    """Do what the driver asks for; `deliver` and `memory` beside a running cell."""
    assert _guest is not None
    with _guest.at_work():
        return getattr(_guest, name)(**arguments)
