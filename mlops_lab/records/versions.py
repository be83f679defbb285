"""What each name means at one point of a notebook: a fold of what the segments above wrote."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from mlops_lab.records.entry import Version

PROCESS = "@process"
"""What a segment did to the process that can't be carried elsewhere."""
GENERATORS = ("@random", "@numpy.random", "@torch")
EVERYTHING = "@everything"
COUNT = "@count#"
"""The execution count that the segment's first cell gets; read where an output quotes it."""


SHOWN = "@shown#"
"""The results that cells showed, which `_`, `Out` and their kind give back."""
_HISTORY = re.compile(r"_{1,3}|_\d+|_oh|Out|_i{1,3}|_i\d+|_ih|In|__annotations__")


def names_history(names: Iterable[str]) -> bool:
    """Whether code that reads these names looks at what cells showed before."""
    return any(_HISTORY.fullmatch(name) for name in names)


def is_setting(name: str) -> bool:
    """Whether a hidden name is a setting, which every segment reads."""
    return name.startswith("@") and "#" not in name and name not in GENERATORS


def is_surrounding(name: str) -> bool:
    """Whether a hidden name is a setting or a generator: state that lies around the notebook."""
    return is_setting(name) or name in GENERATORS


def is_hidden(name: str) -> bool:
    """Whether a name stands for no value: a setting, a generator, what shows or counts."""
    return is_surrounding(name) or name in {COUNT, SHOWN}


def is_definition(name: str) -> bool:
    """Whether it is the id of a class or function."""
    return name.startswith("@") and not is_hidden(name)


@dataclass(slots=True)
class Versions:
    """Names, and what they mean; `writer` is the segment that last touched a name's unit.

    Beside the notebook's names stand hidden ones, which begin with `@`: `@NAME#N` a definition,
    `@process`, the global random generators, and settings that differ from their defaults.
    """

    names: dict[str, Version] = field(default_factory=dict)
    writer: dict[str, int] = field(default_factory=dict)

    def digest(self, name: str) -> str:
        """The digest of what a name means; empty where it means nothing."""
        version = self.names.get(name)
        return version.digest if version is not None else ""

    def preview(self, name: str) -> str:
        """A small value as text; empty for others."""
        version = self.names.get(name)
        return version.preview if version is not None else ""

    def reach(self, names: Iterable[str]) -> set[str]:
        """These names, what shares with them, and what the code inside their values looks up."""
        found: set[str] = set()
        ahead = list(names)
        while ahead:
            name = ahead.pop()
            if name in found:
                continue
            found.add(name)
            version = self.names.get(name)
            if version is not None:
                ahead += version.names
                ahead += version.refs
                if EVERYTHING in version.refs:
                    ahead += self.names
        return found

    def read_by(
        self,
        reads: Collection[str],
        *,
        writes: Collection[str],
        hints: Collection[str],
        everything: bool,
        also: Iterable[str] = (),
    ) -> set[str]:
        """What code reads that mentions these names; `also` are names that it is known to read.

        `hints`, `everything`: as a segment has them.
        """
        if everything:
            return set(self.names)
        names = {*reads, *also, *(hint for hint in hints if hint in self.names)}
        if names_history(reads) or names_history(writes):
            names.add(SHOWN)
        found = self.reach(names)
        return found | self.names.keys() if EVERYTHING in found else found

    def settings(self) -> dict[str, str]:
        """The digests of all settings that differ from their defaults, and of the process."""
        return {name: v.digest for name, v in self.names.items() if is_setting(name)}

    def apply(self, writes: Iterable[Version], deletes: Iterable[str], segment: int) -> None:
        """What the names mean after a segment."""
        for name in deletes:
            self.names.pop(name, None)
            self.writer.pop(name, None)
        for version in writes:
            for name in version.names:
                self.names[name] = version
                self.writer[name] = segment

    def count(self, count: int) -> None:
        """The next cell gets this execution count."""
        self.names[COUNT] = Version(names=(COUNT,), digest=str(count))

    def copy(self) -> Versions:
        """The same, to go on from separately."""
        return Versions(names=dict(self.names), writer=dict(self.writer))
