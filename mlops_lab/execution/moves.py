"""What a board looks at and what it says: a view, an attempt, and what is to be done."""

from __future__ import annotations

from dataclasses import dataclass, field

from mlops_lab.ir.step import Resources, Segment
from mlops_lab.records.entry import Entry, Version
from mlops_lab.records.versions import COUNT, PROCESS, SHOWN, Versions

NOTHING = Resources()


@dataclass(slots=True, kw_only=True)
class View:
    """What a segment will find, as far as can be told: versions, and names still to be made.

    `pending` maps such a name to the segment that will make it.
    """

    versions: Versions
    pending: dict[str, int] = field(default_factory=dict)

    def holds(self, entry: Entry) -> str:
        """Whether a result stands: yes, no, or maybe where something that it read is pending."""
        if self.contradicts(entry) is not None:
            return "no"
        return "maybe" if entry.reads.keys() & self.pending.keys() else "yes"

    def contradicts(self, entry: Entry) -> str | None:
        """A name that the entry read and that means something else now."""
        unset = ((name, "") for name in self.versions.settings() if name not in entry.reads)
        return next(
            (
                name
                for name, digest in (*entry.reads.items(), *unset)
                if name not in self.pending and self.versions.digest(name) != digest
            ),
            None,
        )

    def reads(self, segment: Segment) -> set[str]:
        """What the segment may read; what pending names will reach is not known yet."""
        found = self.versions.read_by(
            segment.reads,
            writes=segment.writes,
            hints=segment.hints,
            everything=segment.everything,
        )
        return found - {PROCESS, COUNT, SHOWN}

    def lives(self, name: str) -> bool:
        """Whether a name's value can't be had elsewhere than where it was made."""
        version = self.versions.names.get(name)
        return version is not None and not version.artifact


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """Throw an attempt, or a finished one's result, away."""

    index: int
    why: str
    name: str = ""


@dataclass(slots=True, kw_only=True)
class Standing:
    """An attempt: what it was given (names and their digests), and what it waits for.

    `begun`: its cells run. `forced`: home has reached it and can't run it itself. `dropped`: it
    was told to go, and is not gone yet.
    """

    index: int
    belief: Versions
    given: dict[str, str]
    need: Resources = NOTHING
    begun: bool = False
    wants: str = ""
    forced: bool = False
    dropped: bool = False

    def drop(self, why: str, name: str) -> Drop:
        """Tell it to go."""
        self.dropped = True
        return Drop(index=self.index, why=why, name=name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Let a scout run a segment. `pending` are the names that it may have to wait for."""

    index: int
    belief: Versions
    pending: frozenset[str]
    bind: frozenset[str]
    devices: tuple[int, ...] = ()
    forced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliver:
    """Give an attempt the name that it waits for, and what that reaches.

    No versions: it turned out that there is no such name. `pending` are names that it reaches and
    that are still to be made.
    """

    index: int
    name: str
    versions: tuple[Version, ...] = ()
    pending: frozenset[str] = frozenset()


Move = Start | Drop | Deliver
