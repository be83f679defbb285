"""The notebook's namespace in this kernel: names here, and names that come at their first use."""

from __future__ import annotations

import builtins
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from .store import Damaged

_OURS = re.compile(
    r"_+|_i+|_\d+|_i\d+|_ih|_oh|_dh|In|Out|exit|quit|get_ipython|open|__\w+__|_exit_code"
)
_is_jupyters = lru_cache(maxsize=10_000)(_OURS.fullmatch)


class Namespace:
    """`names` live here; `hidden` ones were made elsewhere and come when somebody asks.

    A hidden name stands for its unit: the names that share with it, and the artifact that holds
    them, empty where they live in another kernel only. `load` reads an artifact. What could not
    be brought is in `lost`, with the reason; what the notebook asked for, in `demanded`.
    """

    def __init__(self, shell: Any, load: Callable[[str], Any]) -> None:
        self.names: dict[str, Any] = shell.user_ns
        self.hidden: dict[str, tuple[tuple[str, ...], str]] = {}
        self.demanded: set[str] = set()
        self.lost: dict[str, str] = {}
        self._load = load
        self._plain = self.names.get("__builtins__", builtins)
        self._jupyters = shell.user_ns_hidden
        self._own = set(shell.user_ns_hidden) | set(self.names)
        self._definitions: dict[str, Any] = {}
        self._before: dict[str, int] = {}

    def users(self) -> list[str]:
        """The names here that are the notebook's, not Jupyter's, sorted."""
        return sorted(name for name in list(self.names) if self._is_users(name))

    def _is_users(self, name: str) -> bool:
        if _is_jupyters(name):
            return False
        return name not in self._own or self.names[name] is not self._jupyters.get(name)

    # -- what changes between segments ----------------------------------------------------------

    def begin(self) -> None:
        """From here on, what happens is the notebook's doing."""
        self.demanded.clear()
        self._before = {name: id(self.names[name]) for name in self.users()}

    def changes(self, now: list[str]) -> tuple[list[str], list[str]]:
        """The names bound anew and those deleted since `begin`."""
        self._forget_bound()
        fresh = [name for name in now if self._before.get(name) != id(self.names[name])]
        gone = [n for n in self._before if n not in self.names and n not in self.hidden]
        return fresh, gone

    # -- names made elsewhere -------------------------------------------------------------------

    def hide(self, names: tuple[str, ...], artifact: str) -> None:
        """What these names meant here is past: they come anew at their first use."""
        for name in names:
            self.names.pop(name, None)
            self.hidden[name] = (names, artifact)

    def drop(self, names: Iterable[str]) -> None:
        """These names are deleted."""
        for name in names:
            self.names.pop(name, None)
            self.hidden.pop(name, None)

    def bring(self, name: str) -> None:
        """Load a hidden name and all that shares with it. Raises what loading raises.

        A name that the notebook has bound meanwhile keeps its new meaning.
        """
        self._forget_bound()
        if name not in self.hidden:
            return
        unit = names, artifact = self.hidden[name]
        members = [member for member in names if self.hidden.get(member) == unit]
        for member in members:
            del self.hidden[member]
        try:
            if not artifact:
                raise Damaged(name, "kept in another kernel only")
            value = self._load(artifact)
        except Exception as error:
            self.hidden |= dict.fromkeys(members, unit)
            self.lost[name] = f"{type(error).__name__}: {error}"
            raise
        if name.startswith("@"):
            self._definitions[name] = value  # what refers to it by its id may come later
            return
        for member in members:
            self.names[member] = value[member] if len(names) > 1 else value

    def _forget_bound(self) -> None:
        for name in self.hidden.keys() & self.names.keys():
            del self.hidden[name]

    def bring_all(self, names: Iterable[str]) -> None:
        """Load these names, as far as they can be: `lost` tells about the others."""
        for name in list(names):
            try:
                self.bring(name)
            except Exception:  # noqa: S112  # loading runs foreign code; `lost` knows
                continue

    def plain_hidden(self) -> list[str]:
        """The hidden names that a notebook can write, sorted."""
        return sorted(name for name in self.hidden if not name.startswith("@"))

    def demand(self, name: str) -> Any:
        """The value of a hidden name that the notebook asks for."""
        self.bring(name)
        self.demanded.add(name)
        return self.names[name]

    def arm(self) -> None:
        """Let hidden names come at their first use; costs nothing where none is hidden."""
        self.names["__builtins__"] = _OnDemand(self) if self.plain_hidden() else self._plain


class _OnDemand(dict[str, Any]):
    """Python's builtins; what is missing there may be a hidden name.

    CPython looks a missing global up here, and takes `__missing__` into account because this is
    no plain dict. The builtins that look at the namespace as a whole are left out, so that their
    use is noticed too.
    """

    WHOLE = ("globals", "locals", "vars", "dir", "eval", "exec")

    def __init__(self, namespace: Namespace) -> None:
        super().__init__(vars(builtins))
        self._namespace = namespace
        for name in (*self.WHOLE, *(self.keys() & namespace.hidden.keys())):
            self.pop(name, None)

    def __missing__(self, name: str) -> Any:
        namespace = self._namespace
        if name in namespace.hidden:
            return namespace.demand(name)
        if name in self.WHOLE:
            for hidden in namespace.plain_hidden():
                if hidden in namespace.hidden:
                    namespace.demand(hidden)
        return vars(builtins)[name]
