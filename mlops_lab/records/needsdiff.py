"""How what one run needed differs from what another did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from mlops_lab.records.needs import RunNeeds

Kind = Literal["python", "package", "file"]
SHORT = 8
"""So much of a digest tells two files apart for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedChange:
    """A package or a file that differs: its versions or short digests; None where it wasn't."""

    kind: Kind
    what: str
    a: str | None
    b: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsDiff:
    """What differs, and how many needs are the same; `known`: both runs say what they needed.

    `unlisted` files, of a run that read very many, can't be compared.
    """

    changes: tuple[NeedChange, ...] = ()
    same: int = 0
    known: bool = False
    unlisted: int = 0


def differing(one: RunNeeds, two: RunNeeds) -> NeedsDiff:
    """How the needs of run `two` differ from those of run `one`; nothing where one says none."""
    if not one.by_step or not two.by_step:
        return NeedsDiff()
    changes: list[NeedChange] = []
    same, unlisted = 0, max(one.more, two.more)
    sides: tuple[tuple[Kind, Mapping[str, str], Mapping[str, str]], ...] = (
        ("python", {"Python": ", ".join(one.python)}, {"Python": ", ".join(two.python)}),
        ("package", one.packages, two.packages),
        ("file", dict(_files(one)), dict(_files(two))),
    )
    for kind, before, after in sides:
        for what in sorted({*before, *after}, key=str.lower):
            a, b = before.get(what), after.get(what)
            same += a == b
            # Where not all are listed, one that is missing may be among the others.
            if a != b and not (kind == "file" and unlisted and None in (a, b)):
                changes.append(
                    NeedChange(kind=kind, what=what, a=_short(kind, a), b=_short(kind, b))
                )
    return NeedsDiff(changes=tuple(changes), same=same, known=True, unlisted=unlisted)


def _files(needs: RunNeeds) -> Iterator[tuple[str, str]]:
    digests: dict[str, list[str]] = {}
    for file in needs.files:
        digests.setdefault(file.path, []).append(file.digest)
    for path, found in digests.items():
        yield path, " ".join(sorted(found))


def _short(kind: Kind, value: str | None) -> str | None:
    if value is None or kind != "file":
        return value
    return ", ".join(digest[:SHORT] for digest in value.split(" "))
