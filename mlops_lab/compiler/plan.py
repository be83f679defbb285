"""A pipeline and what is remembered → what is cached, what will run, and why."""

from __future__ import annotations

import ast
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from mlops_lab.ir.pipeline import Pipeline
from mlops_lab.ir.plan import Decision, Plan, Reason
from mlops_lab.ir.step import Policy, Segment
from mlops_lab.notebook.parameters import infer, is_secret
from mlops_lab.records.entry import Entry, Version
from mlops_lab.records.versions import (
    PROCESS,
    Versions,
    is_setting,
)

LITERAL = "literal"
"""Stands for the digest of a parameter that is still to be set; its preview says its value."""
PLAIN = (bool, int, float, str, type(None))
SHORT = 60
"""Previews are told whole up to here."""


class World(Protocol):
    """How things outside the notebook are now."""

    def state(self, fact: str, recorded: str) -> str:
        """A file's content, a folder's names or an environment variable, as a digest."""
        ...

    def package(self, name: str) -> str:
        """The installed version of a package; empty where there is none."""
        ...

    def python(self) -> str:
        """Which Python the kernel runs."""
        ...

    def stored(self, artifact: str) -> bool:
        """Whether an artifact lies in the store."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which segments must run, whatever is cached, and which are left out."""

    forced: Mapping[int, Reason] = field(default_factory=dict)
    left_out: Collection[int] = ()
    trusted: Collection[str] = ()
    """Entries that count whatever their policy: those of the run that is resumed."""
    rewritten: Collection[str] = ()
    """Files that these wrote; what they had read there before is past."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What is remembered: entries by segment index, the newest first, and steps that ever ran."""

    entries: Sequence[Sequence[Entry]]
    seen: Collection[str] = ()


def plan(pipeline: Pipeline, memory: Memory, world: World, wish: Wish) -> Plan:
    """What shall become of each segment.

    A segment that leaves something which lives in one kernel only runs again if one below it that
    reads it runs, or may run: home never goes back.
    """
    forced = dict(wish.forced)
    while True:
        decisions, needed = _walk(pipeline, memory, world, wish, forced)
        fresh = {k: reason for k, reason in needed.items() if k not in forced}
        if not fresh:
            return Plan(pipeline=pipeline, decisions=tuple(decisions))
        forced |= fresh


def _walk(
    pipeline: Pipeline, memory: Memory, world: World, wish: Wish, forced: Mapping[int, Reason]
) -> tuple[list[Decision], dict[int, Reason]]:
    versions = Versions()
    unknown: dict[str, str] = {}
    decisions: list[Decision] = []
    needed: dict[int, Reason] = {}
    policies = pipeline.policies()
    running = False
    count = 1
    for index, segment in enumerate(pipeline.segments):
        if index in wish.left_out:
            decisions.append(Decision(fate="left-out"))
            continue
        versions.count(count)
        count += len(segment.cells)
        entries = memory.entries[index]
        decision = decide(
            entries, versions, world, policies[index], wish.trusted, wish.rewritten,
            unknown=unknown, forced=forced.get(index), seen=segment.name in memory.seen,
            parameters=frozenset(p.name for p in pipeline.parameters),
        )  # fmt: skip
        decisions.append(decision)
        newest = next((e for e in entries if e.id == decision.entry), None)
        newest = newest or (entries[0] if entries else None)
        running = running or decision.fate != "cached"
        if running:
            for name in reads_of(segment, newest, versions):
                version = versions.names.get(name)
                if version is not None and version.live and versions.writer[name] not in forced:
                    what = version.live if name == PROCESS else f"'{_told(name)}'"
                    reason = Reason(kind="live", what=what)
                    needed.setdefault(versions.writer[name], reason)
        literals = _literals(segment) if segment.role == "parameters" else ()
        if decision.fate == "cached" and newest is not None:
            versions.apply(newest.writes, newest.deletes, index)
            for name in {n for w in newest.writes for n in w.names}:
                unknown.pop(name, None)
        else:
            changed = set(segment.writes) | set(segment.deletes)
            changed |= {n for w in newest.writes for n in w.names} if newest else set()
            if newest is not None:
                versions.apply(newest.writes, newest.deletes, index)
            for name in changed:
                unknown[name] = segment.name
            versions.apply(literals, (), index)
            for version in literals:
                unknown.pop(version.names[0], None)
    return decisions, needed


def decide(
    entries: Sequence[Entry],
    versions: Versions,
    world: World,
    policy: Policy,
    trusted: Collection[str] = (),
    rewritten: Collection[str] = (),
    *,
    unknown: Mapping[str, str] | None = None,
    forced: Reason | None = None,
    seen: bool = True,
    parameters: Collection[str] = (),
    fresh: Collection[str] = (),
) -> Decision:
    """Whether one of a segment's entries can stand for running it, and if not, why not.

    `fresh` are entries that this very run made ahead of home: no policy is against them.
    """
    if forced is not None:
        return Decision(fate="run", why=(forced,), entry=entries[0].id if entries else None)
    if not entries:
        return Decision(fate="run", why=(Reason(kind="code" if seen else "new"),))
    unknown = unknown or {}
    maybe: Decision | None = None
    first: Decision | None = None
    for entry in entries:
        blame = tuple({unknown[name]: None for name in entry.reads if name in unknown})
        why = mismatches(
            entry, versions, world, policy, trusted, rewritten, unknown, parameters, fresh
        )
        if not why and not blame:
            return Decision(fate="cached", entry=entry.id)
        if not why and maybe is None:
            above = tuple(Reason(kind="above", what=f"'{name}'") for name in blame)
            maybe = Decision(fate="may-run", why=above, entry=entry.id)
        first = first or Decision(fate="run", why=why, entry=entry.id)
    return maybe or first or Decision(fate="run")


def mismatches(
    entry: Entry,
    versions: Versions,
    world: World,
    policy: Policy,
    trusted: Collection[str] = (),
    rewritten: Collection[str] = (),
    unknown: Mapping[str, str] | None = None,
    parameters: Collection[str] = (),
    fresh: Collection[str] = (),
) -> tuple[Reason, ...]:
    """What keeps an entry from standing for a run now; empty where nothing does."""
    unknown = unknown or {}
    found = []
    if entry.python != world.python():
        found.append(Reason(kind="python", old=entry.python, new=world.python()))
    for name, digest in entry.reads.items():
        if name in unknown or versions.digest(name) == digest:
            continue
        old, new = entry.previews.get(name, ""), versions.preview(name)
        if versions.digest(name) == LITERAL and old == new:
            continue
        if name == PROCESS:
            found.append(Reason(kind="process", what=_process(versions)))
            continue
        kind = "parameter" if name in parameters else "value"
        found.append(Reason(kind="setting" if is_setting(name) else kind,
                            what=_told(name), old=old, new=new))  # fmt: skip
    found += [
        Reason(kind="process", what=_process(versions))
        if name == PROCESS
        else Reason(kind="setting", what=_told(name))
        for name in versions.settings().keys() - entry.reads.keys() - unknown.keys()
    ]
    past = rewritten if entry.id in trusted else ()
    for fact, recorded in entry.files.items():
        if fact not in past and world.state(fact, recorded) != recorded:
            kind = "setting" if fact.startswith("env:") else "file"
            found.append(Reason(kind=kind, what=fact.removeprefix("env:").removeprefix("data:")))
    for package, version in entry.packages.items():
        now = (
            world.state(package.removeprefix("file:"), version)
            if package.startswith("file:")
            else world.package(package)
        )
        if now != version:
            kind = "file" if package.startswith("file:") else "package"
            old, new = ("", "") if kind == "file" else (version, now)
            found.append(Reason(kind=kind, what=package.removeprefix("file:"), old=old, new=new))
    found += _policy(entry, policy) if entry.id not in {*trusted, *fresh} else []
    lost = [w for w in entry.writes if w.artifact and not world.stored(w.artifact)]
    found += [Reason(kind="lost", what=", ".join(w.names)) for w in lost[:3]]
    return tuple(found)


def _policy(entry: Entry, policy: Policy) -> list[Reason]:
    if policy.cache is False:
        return [Reason(kind="policy", what="tagged cache:off")]
    if policy.cache_age is not None and time.time() - entry.created > policy.cache_age:
        return [Reason(kind="policy", what="its cached result is older than its tag allows")]
    if entry.policy:
        return [Reason(kind="policy", what=entry.policy)]
    if entry.outside and not policy.cache and policy.cache_age is None:
        return [Reason(kind="outside", what=f"reaches outside: {', '.join(entry.outside)}")]
    return []


def reads_of(segment: Segment, entry: Entry | None, versions: Versions) -> set[str]:
    """The names that a segment will read, as far as can be told before it runs."""
    found = versions.read_by(
        segment.reads,
        writes=segment.writes,
        hints=segment.hints,
        everything=segment.everything,
        also=entry.reads if entry is not None else (),
    )
    return found | ({PROCESS} & versions.names.keys())


def _literals(segment: Segment) -> tuple[Version, ...]:
    """The plain values that a parameters cell sets, as its code tells them before it runs."""
    found: dict[str, str] = {}
    for cell in segment.cells:
        for parameter in infer(cell.source):
            # What can't be told is not what a cell above said either.
            found.pop(parameter.name, None)
            try:
                value = ast.literal_eval(parameter.default)
            except (ValueError, SyntaxError):
                continue
            if isinstance(value, PLAIN) and not is_secret(value) and len(repr(value)) <= SHORT:
                found[parameter.name] = repr(value)
    return tuple(
        Version(names=(name,), digest=LITERAL, preview=text) for name, text in found.items()
    )


def _told(name: str) -> str:
    """A name as its author knows it."""
    return name[1:].split("#", maxsplit=1)[0] if name.startswith("@") else name


def _process(versions: Versions) -> str:
    """What the segments above did to the process."""
    version = versions.names.get(PROCESS)
    return version.live if version is not None else "nothing"
