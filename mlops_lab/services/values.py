"""What a step left or read, loaded into the calling process: an open kernel, normally."""

from __future__ import annotations

import importlib.util
import sys
import warnings
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Protocol

from mlops_lab.compiler.plan import reads_of
from mlops_lab.errors import NotFound
from mlops_lab.execution.guest.store import Damaged, Store
from mlops_lab.execution.visit import GUEST
from mlops_lab.ir.pipeline import Pipeline
from mlops_lab.ir.plan import Plan, Reason
from mlops_lab.records.entry import Entry
from mlops_lab.records.versions import Versions


class Judge(Protocol):
    """Knows what segments were seen to do."""

    def plan(self, forced: Mapping[int, Reason], trusted: Collection[str]) -> Plan:
        """A decision for each segment; it names the entry that holds, else the newest."""
        ...

    def entry(self, segment: int, entry: str | None) -> Entry | None:
        """A segment's entry by its id."""
        ...


def load_values(
    pipeline: Pipeline,
    judge: Judge,
    store: Store,
    step: str,
    names: tuple[str, ...] = (),
    *,
    inputs: bool = False,
) -> dict[str, object]:
    """The values that a step wrote, or with `inputs` those that it read; `names` chooses some.

    Classes and functions travel too, and look their globals up in the open kernel's namespace.
    What a step read that failed, or that never ran, is what its code looks up. What is older than
    the notebook comes with a warning. Raises NotFound, naming the step that never ran, or the
    value that can't be had.
    """
    own = pipeline.step(step).segments
    plan = judge.plan({}, ())
    before, after = _told(pipeline, judge, plan, own, inputs=inputs)
    decided = [plan.decisions[index] for index in own]
    if any(decision.fate == "run" and decision.entry for decision in decided):
        warnings.warn(
            f"step '{step}' has changed since it last ran; these are the values of then",
            stacklevel=2,
        )
    found = before if inputs else after
    here = _wanted(step, names, found, inputs=inputs)
    return _Loader(store, found.versions).values(here)


class _Told:
    """Which names a step read or wrote, and what they mean."""

    def __init__(self, names: Iterable[str], versions: Versions) -> None:
        self.names = sorted(name for name in set(names) if not name.startswith(("@", "_")))
        self.versions = versions


def _told(
    pipeline: Pipeline, judge: Judge, plan: Plan, own: tuple[int, ...], *, inputs: bool
) -> tuple[_Told, _Told]:
    """What a step began with, and what it left."""
    versions = Versions()
    absent: dict[str, str] = {}
    before = Versions()
    reads: set[str] = set()
    writes: set[str] = set()
    for index in range(own[-1] + 1):
        entry = judge.entry(index, plan.decisions[index].entry)
        segment = pipeline.segments[index]
        if entry is None and index in own:
            if not inputs:
                raise _never(segment.name)
            missing = sorted((segment.reads - writes) & absent.keys())
            if missing:
                raise _never(absent[missing[0]])
            fresh = (reads_of(segment, None, versions) & versions.names.keys()) - writes - reads
            before.names |= {name: versions.names[name] for name in fresh}
            reads |= fresh
            writes |= segment.writes
        if entry is None:
            absent |= dict.fromkeys(segment.writes, segment.name)
            continue
        for version in entry.writes:
            for name in version.names:
                absent.pop(name, None)
        if index in own:
            fresh = {name for name, digest in entry.reads.items() if digest} - writes - reads
            before.names |= {n: versions.names[n] for n in fresh if n in versions.names}
            reads |= fresh
            writes |= {name for version in entry.writes for name in version.names}
            writes -= set(entry.deletes)
        versions.apply(entry.writes, entry.deletes, index)
        if index < own[0]:
            before = versions.copy()
    return _Told(reads, before), _Told(writes, versions)


def _never(step: str) -> NotFound:
    return NotFound(
        f"nothing is stored of step '{step}': it never ran with this code, or without the "
        f"cache. Run it first: mlops run NOTEBOOK --upto {step}"
    )


def _wanted(step: str, names: tuple[str, ...], told: _Told, *, inputs: bool) -> list[str]:
    did = "read" if inputs else "wrote"
    unknown = [name for name in names if name not in told.names]
    if unknown:
        listed = ", ".join(told.names) or "nothing"
        raise NotFound(f"step '{step}' {did} no '{unknown[0]}'; it {did}: {listed}")
    live = {name: why for name in names or told.names if (why := _why_not(told.versions, name))}
    for name in names:
        if name in live:
            raise NotFound(
                f"'{name}' of step '{step}' lives in the run's kernel only ({live[name]}): "
                "run the step's cells here"
            )
    for name, why in live.items():
        message = f"'{name}' is left out: it lives in the run's kernel only ({why})"
        warnings.warn(message, stacklevel=3)
    return [name for name in names or told.names if name not in live]


def _why_not(versions: Versions, name: str) -> str:
    """What keeps a name's value from being loaded; empty where nothing does."""
    version = versions.names.get(name)
    if version is None:
        return "it was deleted since"
    return "" if version.artifact else version.live or "it was not stored"


class _Loader:
    """Loads units from the store, each once, so that what shared objects still does."""

    def __init__(self, store: Store, versions: Versions) -> None:
        self._store = store
        self._versions = versions
        self._units: dict[str, Any] = {}
        self._held: list[Any] = []

    def values(self, names: list[str]) -> dict[str, object]:
        """The values of these names."""
        guest = _guest()
        guest.DEFINITIONS.fetch = self._fetch
        try:
            for name in sorted(self._versions.reach(names)):
                if name.startswith("@") and "#" in name:
                    self._fetch(name)  # one that is known here already is brought up to date
            return {name: self._value(name) for name in names}
        finally:
            guest.DEFINITIONS.fetch = None

    def _fetch(self, name: str) -> None:
        version = self._versions.names.get(name)
        if version is not None and version.artifact is not None:
            self._held.append(self._unit(name, version.artifact))

    def _value(self, name: str) -> Any:
        version = self._versions.names[name]
        assert version.artifact is not None
        unit = self._unit(name, version.artifact)
        return unit[name] if len(version.names) > 1 else unit

    def _unit(self, name: str, artifact: str) -> Any:
        if artifact not in self._units:
            try:
                stream, buffers = self._store.get(artifact)
            except Damaged as damaged:
                raise NotFound(f"'{name}' can't be loaded: {damaged}; run its step anew") from None
            self._units[artifact] = _guest().loading.load(stream, buffers)
        return self._units[artifact]


def _guest() -> Any:
    """The guest's code, under the name that pickle streams know it by."""
    if "_mlops_guest" not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            "_mlops_guest", GUEST / "__init__.py", submodule_search_locations=[str(GUEST)]
        )
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["_mlops_guest"] = module
        spec.loader.exec_module(module)
        _look_up_globals_here()
    return sys.modules["_mlops_guest"]


def _look_up_globals_here() -> None:
    """Functions that arrive belong to the open kernel's namespace."""
    from _mlops_guest.loading import HERE  # type: ignore[import-not-found]

    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    compiler: Any = sys.modules.get("ipykernel.compiler")
    HERE.cells = f"{compiler.get_tmp_directory()}/" if compiler is not None else ""
    HERE.namespace = shell.user_ns if shell is not None else {}
