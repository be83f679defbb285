"""What a run needed: its Python, its packages, the data that it read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What one execution of a step needed.

    `packages` are versions by name, of all that its kernel had loaded by then; None: those of the
    step that was told of before. `files` maps each path that it read, relative to the project's
    root where it lies below it, to the digest of its content, `sizes` those whose size is known to
    bytes; `more` counts files that are not listed. `variables` are names of environment variables,
    `outside` says what it reached where no digest does: connections, databases, processes.
    """

    python: str = ""
    packages: dict[str, str] | None = None
    files: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    more: int = 0
    variables: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileNeed:
    """A file that a run read, and the steps that did. `size` is in bytes, where it is known."""

    path: str
    digest: str
    size: int | None = None
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherNeed:
    """An environment variable or something outside, and the steps that used it."""

    name: str
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunNeeds:
    """What all steps of a run needed together, as far as it could be seen.

    `packages` are versions by name; where steps differ, all of them. `by_step` names the packages
    that each step's kernel had loaded; a step that is missing there could not be looked at.
    """

    python: tuple[str, ...] = ()
    packages: dict[str, str] = field(default_factory=dict)
    files: tuple[FileNeed, ...] = ()
    more: int = 0
    variables: tuple[OtherNeed, ...] = ()
    outside: tuple[OtherNeed, ...] = ()
    by_step: dict[str, tuple[str, ...]] = field(default_factory=dict)


def needs_from_json(body: Mapping[str, Any]) -> Needs:
    """The needs that were written as JSON; fields from a newer version are left out."""
    known = {f.name for f in fields(Needs)}
    values = {k: v for k, v in body.items() if k in known}
    values |= {k: tuple(values[k]) for k in ("variables", "outside") if k in values}
    return Needs(**values)


def together(told: Iterable[tuple[str, Needs]]) -> RunNeeds:
    """What the steps needed together, each named with its needs, in the order of being told."""
    packages: dict[str, str] = {}
    python: dict[str, None] = {}
    versions: dict[str, dict[str, None]] = {}
    files: dict[tuple[str, str], dict[str, None]] = {}
    sizes: dict[tuple[str, str], int] = {}
    variables: dict[str, dict[str, None]] = {}
    outside: dict[str, dict[str, None]] = {}
    by_step: dict[str, tuple[str, ...]] = {}
    more = 0
    for step, needs in told:
        packages = needs.packages if needs.packages is not None else packages
        by_step[step] = tuple(sorted(packages, key=str.lower))
        more += needs.more
        if needs.python:
            python[needs.python] = None
        for name, version in packages.items():
            versions.setdefault(name, {})[version] = None
        for path, digest in needs.files.items():
            files.setdefault((path, digest), {})[step] = None
            if path in needs.sizes:
                sizes[path, digest] = needs.sizes[path]
        for found, named in ((variables, needs.variables), (outside, needs.outside)):
            for name in named:
                found.setdefault(name, {})[step] = None
    return RunNeeds(
        python=tuple(python),
        packages={n: ", ".join(versions[n]) for n in sorted(versions, key=str.lower)},
        files=tuple(
            FileNeed(path=path, digest=digest, size=sizes.get((path, digest)), steps=tuple(steps))
            for (path, digest), steps in sorted(files.items())
        ),
        more=more,
        variables=_others(variables),
        outside=_others(outside),
        by_step=by_step,
    )


def _others(found: Mapping[str, Iterable[str]]) -> tuple[OtherNeed, ...]:
    return tuple(OtherNeed(name=name, steps=tuple(steps)) for name, steps in found.items())
