"""The notebook's namespace in this kernel: names here, and names that come at their first use."""

from __future__ import annotations

import builtins
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

_OURS = re.compile(
    r"_+|_i+|_\d+|_i\d+|_ih|_oh|_dh|In|Out|exit|quit|get_ipython|open|__\w+__|_exit_code"
)
_is_ours = lru_cache(maxsize=10_000)(_OURS.fullmatch)


class Namespace:
    """`names` live here; `hidden` ones were made elsewhere and come when somebody asks.

    `bring` loads a hidden name, and all that shares with it, into the namespace.
    """

    def __init__(self, shell: Any, bring: Callable[[str], None]) -> None:
        self.shell = shell
        self.names: dict[str, Any] = shell.user_ns
        self.hidden: set[str] = set()
        self.demanded: set[str] = set()
        self._bring = bring
        self._plain = self.names.get("__builtins__", builtins)
        self._own = set(shell.user_ns_hidden) | set(self.names)

    def user_names(self) -> list[str]:
        """The names that are the notebook's, sorted."""
        return sorted(name for name in list(self.names) if self.is_users(name))

    def is_users(self, name: str) -> bool:
        """Whether a name is the notebook's, not Jupyter's."""
        if _is_ours(name):
            return False
        return name not in self._own or (
            name in self.names and self.names[name] is not self.shell.user_ns_hidden.get(name)
        )

    def hide(self, names: Iterable[str]) -> None:
        """What these names meant here is past: they come anew at their first use."""
        for name in names:
            self.names.pop(name, None)
            self.hidden.add(name)

    def drop(self, names: Iterable[str]) -> None:
        """These names are deleted."""
        for name in names:
            self.names.pop(name, None)
            self.hidden.discard(name)

    def arm(self) -> None:
        """Let hidden names come at their first use; costs nothing where none is hidden."""
        if any(not name.startswith("@") for name in self.hidden):
            self.names["__builtins__"] = _OnDemand(self)
        else:
            self.names["__builtins__"] = self._plain

    def demand(self, name: str) -> Any:
        """The value of a hidden name, brought now. Raises KeyError where there is none."""
        if name not in self.hidden:
            raise KeyError(name)
        self.demanded.add(name)
        self._bring(name)
        return self.names[name]

    def reveal(self) -> None:
        """Bring all hidden names: somebody looks at the namespace as a whole."""
        for name in sorted(self.hidden):
            if name in self.hidden and not name.startswith("@"):
                self.demand(name)


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
        for name in (*self.WHOLE, *(set(self) & namespace.hidden)):
            self.pop(name, None)

    def __missing__(self, name: str) -> Any:
        namespace = self._namespace
        if name in namespace.hidden:
            return namespace.demand(name)
        if name in self.WHOLE:
            namespace.reveal()
        return vars(builtins)[name]
