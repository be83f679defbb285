"""What steps needed, as a run's events tell it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from mlops_lab.execution.guest.effects import ABSENT, FOLDER, LISTING
from mlops_lab.execution.world import DATA, ENVIRONMENT
from mlops_lab.ir.pipeline import Pipeline
from mlops_lab.records.entry import Entry
from mlops_lab.records.needs import Needs

MOST_FILES = 200
"""So many files of a step are named; a folder of pictures may hold a million."""
_MODULE = "file:"
_PEAK = re.compile(r"getrusage|maxrss|VmHWM|clear_refs|memory_profiler|memit|mprun|peak_wset")


class Needing:
    """Reads off entries what steps needed, secrets aside; files are below `root`.

    Most steps of a run have loaded the same packages, so those are told where they change.
    """

    def __init__(
        self, root: Path | None = None, clear: Callable[[Any], Any] = lambda told: told
    ) -> None:
        self._root = root
        self._clear = clear
        self._packages: dict[str, str] | None = None

    def of(self, entries: Sequence[Entry]) -> Needs | None:
        """What a step needed, of which these are the parts; None where nobody has seen it."""
        if not entries:
            return None
        packages = {
            name: version
            for entry in entries
            for name, version in entry.packages.items()
            if not name.startswith(_MODULE)
        }
        files = {path: digest for entry in entries for path, digest in _files(entry)}
        listed = dict(sorted(files.items())[:MOST_FILES])
        told = packages if packages != self._packages else None
        self._packages = packages
        return Needs(
            python=entries[-1].python,
            packages=self._clear(told),
            files=self._clear(listed),
            sizes=self._clear(self._sizes(listed)),
            more=len(files) - len(listed),
            variables=tuple(self._clear(_variables(entries))),
            outside=tuple(self._clear(_outside(entries))),
        )

    def _sizes(self, files: dict[str, str]) -> dict[str, int]:
        found = {}
        for path in files:
            try:
                if self._root is not None and (place := self._root / path).is_file():
                    found[path] = place.stat().st_size
            except (OSError, ValueError):
                continue
        return found


def looks_at_its_peak(pipeline: Pipeline) -> bool:
    """Whether the code asks how much memory its process took at most: then it has to find it so."""
    sources = (cell.source for segment in pipeline.segments for cell in segment.cells)
    return any(_PEAK.search(source) for source in sources)


def _files(entry: Entry) -> Iterator[tuple[str, str]]:
    """The files and listed folders that were read, modules of the project among them."""
    for path, state in entry.files.items():
        if not path.startswith(ENVIRONMENT) and state not in (ABSENT, FOLDER):
            folder = "/" if state.startswith(LISTING) else ""
            yield path.removeprefix(DATA) + folder, state.removeprefix(LISTING)
    for name, digest in entry.packages.items():
        if name.startswith(_MODULE) and digest not in (ABSENT, FOLDER):
            yield name.removeprefix(_MODULE), digest


def _variables(entries: Sequence[Entry]) -> list[str]:
    """Those that were there: a name may be but a word that looks like a variable's."""
    found = {fact for entry in entries for fact, state in entry.files.items() if state != ABSENT}
    return sorted(fact[len(ENVIRONMENT) :] for fact in found if fact.startswith(ENVIRONMENT))


def _outside(entries: Sequence[Entry]) -> list[str]:
    return list(dict.fromkeys(what for entry in entries for what in entry.outside))
