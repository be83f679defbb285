"""What the cache remembers of one execution of a segment: what it read, and what it left."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """The state of a unit after the segment that last wrote it.

    `names` share mutable objects, so they have one version. Equal digests mean equal content.
    `artifact` is the digest under which the value is stored; None where it lives in one kernel
    only, and `live` then says why. `refs` are the names that functions and classes inside the
    value will look up when they are used.
    """

    names: tuple[str, ...]
    digest: str
    artifact: str | None = None
    refs: tuple[str, ...] = ()
    size: int = 0
    preview: str = ""
    live: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One execution of a segment that can stand for the next.

    `reads` maps each name that was read to the digest of its version, `files` each path that was
    read to the digest of its content; the entry holds where all are as they were. `files_written`
    maps paths to artifacts, None for a file that was removed. `outside` lists what was read or
    done where no digest reaches: processes, connections. Paths are relative to the project's
    root where they lie below it. `memory` is the most that its kernel took meanwhile, in bytes, 0
    where that isn't known; `cpu` seconds of all its threads.
    """

    id: str
    code: str
    notebook: str
    step: str
    run_id: str
    created: float
    seconds: float
    memory: int = 0
    cpu: float | None = None
    reads: dict[str, str] = field(default_factory=dict)
    previews: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    packages: dict[str, str] = field(default_factory=dict)
    python: str = ""
    writes: tuple[Version, ...] = ()
    deletes: tuple[str, ...] = ()
    files_written: dict[str, str | None] = field(default_factory=dict)
    outside: tuple[str, ...] = ()
    outputs: str | None = None
    """Artifact with the cells' outputs, as JSON."""
    metrics: dict[str, float] = field(default_factory=dict)
    tracked: tuple[dict[str, Any], ...] = ()
    """What the code logged to tracking: kind, key, value, step, timestamp."""
    policy: str = ""
    """Why the entry may not stand for a later run (resume aside); empty where it may."""
    ahead: str = ""
    """What an early attempt of the same code ran into; empty where none did."""


def to_json(entry: Entry) -> dict[str, Any]:
    """The entry as JSON's types."""
    return asdict(entry)


def from_json(body: dict[str, Any]) -> Entry:
    """The entry that `to_json` wrote; fields from a newer version are left out."""
    known = {f.name for f in fields(Entry)}
    values = {k: v for k, v in body.items() if k in known}
    values["writes"] = tuple(
        Version(**{**w, "names": tuple(w["names"]), "refs": tuple(w["refs"])})
        for w in body["writes"]
    )
    for name in ("deletes", "outside", "tracked"):
        values[name] = tuple(values[name])
    return Entry(**values)
