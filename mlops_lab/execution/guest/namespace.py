"""The notebook's namespace in this kernel: names here, and names that come at their first use."""

from __future__ import annotations

import builtins
import re
import threading
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from .scouting import Scouting
from .store import Damaged

Hidden = tuple[tuple[str, ...], str | None]
ELSEWHERE = "kept in another kernel only"

_OURS = re.compile(
    r"_+|_i+|_\d+|_i\d+|_ih|_oh|_dh|In|Out|exit|quit|get_ipython|open|__\w+__|_exit_code"
)
_is_jupyters = lru_cache(maxsize=10_000)(_OURS.fullmatch)


class Namespace:
    """`names` live here; `hidden` ones were made elsewhere and come when somebody asks.

    A hidden name stands for its unit: the names that share with it, and the artifact that holds
    them; empty where they live in another kernel only, None where they are still to be made.
    `load` reads an artifact. What could not be brought is in `lost`, with the reason; what the
    notebook asked for, in `demanded`; `waited` counts the seconds that it waited for what was
    still to be made; `whole` says whether it looked at the namespace as a whole.
    """

    def __init__(
        self, shell: Any, load: Callable[[str], Any], scouting: Scouting | None = None
    ) -> None:
        self.names: dict[str, Any] = shell.user_ns
        self.hidden: dict[str, Hidden] = {}
        self.demanded: set[str] = set()
        self.lost: dict[str, str] = {}
        self.waited = 0.0
        self.scouting = scouting
        self._load = load
        self._loading = threading.RLock()
        self._under_way: set[str] = set()
        self._news = threading.Condition()
        self._wanted: set[str] = set()
        self._waiting = 0
        self._since = 0.0
        self._plain = self.names.get("__builtins__", builtins)
        self._jupyters = shell.user_ns_hidden
        self._own = set(shell.user_ns_hidden) | set(self.names)
        self._definitions: dict[str, Any] = {}
        self._before: dict[str, int] = {}
        self._brought: set[str] = set()
        self._on_demand = _OnDemand(self)
        if scouting is not None:
            self.arm()  # what the first segment is given keeps the builtins that it finds

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
        self.waited = 0.0
        self._before = {name: id(self.names[name]) for name in self.users()}
        self._brought.clear()

    def changes(self, now: list[str]) -> tuple[list[str], list[str]]:
        """The names bound anew and those deleted since `begin`."""
        self._forget_bound()
        fresh = [name for name in now if self._before.get(name) != id(self.names[name])]
        known = {**self._before, **dict.fromkeys(self._brought)}
        gone = [n for n in known if n not in self.names and n not in self.hidden]
        return fresh, gone

    # -- names made elsewhere -------------------------------------------------------------------

    def hide(self, unit: Hidden, names: Iterable[str]) -> None:
        """What these names of a unit meant here is past: they come anew at their first use."""
        for name in names:
            self.names.pop(name, None)
            self.hidden[name] = unit
            self._wanted.discard(name)

    def deliver(self, units: list[tuple[Hidden, list[str]]], gone: list[str]) -> None:
        """These units are to be had now, those names turned out not to exist; a cell may run.

        A name that the notebook has bound meanwhile keeps its new meaning.
        """
        with self._news:
            for unit, names in units:
                for name in names:
                    if name not in self.names:
                        self.hidden[name] = unit
                        self._on_demand.pop(name, None)
                        self._wanted.discard(name)
            for name in gone:
                self.hidden.pop(name, None)
            self._news.notify_all()

    def drop(self, names: Iterable[str]) -> None:
        """These names are deleted."""
        for name in names:
            self.names.pop(name, None)
            self.hidden.pop(name, None)

    def bring(self, name: str) -> None:
        """Load a hidden name and all that shares with it. Raises what loading raises.

        A name that the notebook has bound meanwhile keeps its new meaning. In a scout what is
        still to be made is waited for, and what can't be had ends the attempt.
        """
        with self._loading:  # a value is loaded once, whoever else wants it too
            if name in self._under_way:
                return  # it refers to itself
            unit = self._awaited(name)
            if unit is None:
                return
            names, artifact = unit
            self._under_way.update(names)
            try:
                if not artifact:
                    raise Damaged(name, ELSEWHERE)
                value = self._load(artifact)
            except Exception as error:
                self._loses(name, error)
                raise
            finally:
                self._under_way.difference_update(names)
            for member in [member for member in names if self.hidden.get(member) == unit]:
                if name.startswith("@"):
                    self._definitions[name] = value  # what refers to it by its id may come later
                else:
                    self.names.setdefault(member, value[member] if len(names) > 1 else value)
                    self._brought.add(member)
                self.hidden.pop(member, None)

    def _loses(self, name: str, error: Exception) -> None:
        self.lost[name] = f"{type(error).__name__}: {error}"
        if self.scouting is not None and not self.scouting.at_work:
            why = error.what if isinstance(error, Damaged) else self.lost[name]
            self.scouting.stuck(name, why)

    def _awaited(self, name: str) -> Hidden | None:
        """The unit of a hidden name, once it has been made; None where it isn't hidden (now)."""
        with self._news:
            while True:
                if name in self.names:
                    self.hidden.pop(name, None)
                unit = self.hidden.get(name)
                if unit is None or unit[1] is not None:
                    return unit
                if self.scouting is None or self.scouting.at_work:
                    raise Damaged(name, "still to be made")
                if name not in self._wanted:
                    self._wanted.add(name)
                    self.scouting.wants(name)
                self._wait()

    def _wait(self) -> None:
        """Until there is news; the time counts once however many threads wait."""
        if not self._waiting:
            self._since = time.perf_counter()
        self._waiting += 1
        try:
            self._news.wait()
        finally:
            self._waiting -= 1
            if not self._waiting:
                self.waited += time.perf_counter() - self._since

    def _forget_bound(self) -> None:
        for name in [name for name in list(self.hidden) if name in self.names]:
            self.hidden.pop(name, None)

    def bring_all(self, names: Iterable[str]) -> None:
        """Load these names, as far as they can be: `lost` tells about the others.

        What is still to be made comes when it is asked for.
        """
        for name in list(names):
            if self.hidden.get(name, ((), ""))[1] is None:
                continue
            try:
                self.bring(name)
            except Exception:  # noqa: S112  # loading runs foreign code; `lost` knows
                continue

    def plain_hidden(self) -> list[str]:
        """The hidden names that a notebook can write, sorted."""
        return sorted(name for name in list(self.hidden) if not name.startswith("@"))

    def demand(self, name: str) -> Any:
        """The value of a hidden name that the notebook asks for. Raises KeyError: there is none."""
        self._awaited(name)
        self.bring(name)
        self.demanded.add(name)
        return self.names[name]

    def demand_all(self, by: str) -> None:
        """Bring all that is hidden: the notebook looks at the namespace as a whole."""
        hidden = self.plain_hidden()
        missing = [n for n in hidden if not self.hidden.get(n, ((), ELSEWHERE))[1]]
        if self.scouting is not None and missing:
            self.scouting.stuck(missing[0], f"{by}() looks at all names")
        for name in hidden:
            if name in self.hidden:
                self.demand(name)

    def arm(self) -> None:
        """Let hidden names come at their first use; costs nothing where none is hidden.

        In a scout they always may: a function keeps the builtins that it was made with, and a
        name can be hidden when one calls it later.
        """
        if self.scouting is None and not self.plain_hidden():
            self.names["__builtins__"] = self._plain
            return
        if self.scouting is None:
            self._on_demand = _OnDemand(self)
        self._on_demand.arm()
        self.names["__builtins__"] = self._on_demand


class _OnDemand(dict[str, Any]):
    """Python's builtins; what is missing there may be a hidden name.

    CPython looks a missing global up here, and takes `__missing__` into account because this is
    no plain dict. The builtins that look at the namespace as a whole are left out, so that their
    use is noticed too.
    """

    WHOLE = ("globals", "locals", "vars", "dir", "eval", "exec")
    CHANGING = ("input",)
    """ipykernel puts its own in place while a cell runs."""

    def __init__(self, namespace: Namespace) -> None:
        super().__init__()
        self._namespace = namespace

    def arm(self) -> None:
        """Take Python's builtins as they are, but for those that have to be noticed."""
        hidden = {name for name in self._namespace.hidden if name in vars(builtins)}
        left_out = hidden.union(self.WHOLE, self.CHANGING)
        self.update((n, value) for n, value in vars(builtins).items() if n not in left_out)
        for name in left_out:
            self.pop(name, None)

    def __missing__(self, name: str) -> Any:
        namespace = self._namespace
        if name in namespace.hidden:
            try:
                return namespace.demand(name)
            except KeyError:  # it turned out not to exist
                return vars(builtins)[name]
        if name in self.WHOLE:
            namespace.demand_all(name)
        return vars(builtins)[name]
