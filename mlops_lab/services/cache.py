"""What the cache holds, and how it forgets."""

from __future__ import annotations

import json
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mlops_lab.interfaces import LedgerUpkeep
from mlops_lab.records.entry import Entry

MOST = 50 * 10**9
SHARE = 0.1
GRACE = 60.0
"""Seconds for which a file stays that no entry names yet: its run has still to record it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedStep:
    """What is kept of one step of one notebook. Sizes are in bytes, times in seconds."""

    notebook: str
    step: str
    entries: int
    size: int
    used: float
    saves: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheReport:
    """What the cache holds: `size` is what lies on disk, shared content counted once."""

    size: int
    limit: int
    artifacts: int
    steps: tuple[CachedStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneReport:
    """What was forgotten, and what is left, in bytes."""

    entries: int
    freed: int
    left: int


class Cache:
    """The cache of the project at `root`."""

    def __init__(self, records: LedgerUpkeep, root: Path, limit: int | None = None) -> None:
        self._ledger = records
        self._root = root
        self._limit = limit

    @property
    def folder(self) -> Path:
        """Where the artifacts lie."""
        return self._root / ".mlops" / "artifacts"

    @property
    def limit(self) -> int:
        """How large it may grow: a tenth of the disk, at most 50 GB, unless settled otherwise."""
        if self._limit is not None:
            return self._limit
        return min(MOST, int(shutil.disk_usage(self._root).total * SHARE))

    def size(self) -> int:
        """The bytes that it takes on disk."""
        return sum(path.stat().st_size for path in _files(self.folder))

    def show(self) -> CacheReport:
        """What it holds, step by step, the most recently used first."""
        steps: dict[tuple[str, str], list[Entry]] = {}
        used: dict[str, float] = {}
        for at, entry in reversed(self._ledger.by_use()):
            steps.setdefault((entry.notebook, entry.step), []).append(entry)
            used[entry.id] = at
        files = list(_files(self.folder))
        return CacheReport(
            size=sum(path.stat().st_size for path in files),
            limit=self.limit,
            artifacts=len(files),
            steps=tuple(
                CachedStep(
                    notebook=notebook,
                    step=step,
                    entries=len(entries),
                    size=sum(w.size for entry in entries for w in entry.writes),
                    used=max(used[entry.id] for entry in entries),
                    saves=entries[0].seconds,
                )
                for (notebook, step), entries in steps.items()
            ),
        )

    def prune(self, max_bytes: int | None = None, older_than: float | None = None) -> PruneReport:
        """Forget what was used longest ago until no more than `max_bytes` are left.

        `older_than` is an age in seconds: what was not used since goes in any case.
        """
        limit = self.limit if max_bytes is None else max_bytes
        bound = time.time() - older_than if older_than is not None else 0.0
        known = list(self._ledger.by_use())
        sizes = {path.name: path.stat().st_size for path in _files(self.folder)}
        users = Counter(name for _, entry in known for name in set(self._artifacts(entry)))
        held = sum(sizes.get(name, 0) for name in users)
        gone = []
        for used, entry in known:
            if used >= bound and held <= limit:
                break
            gone.append(entry.id)
            for name in set(self._artifacts(entry)):
                users[name] -= 1
                held -= sizes.get(name, 0) if users[name] <= 0 else 0
        self._ledger.forget(gone)
        freed = self._sweep({name for name, count in users.items() if count > 0})
        return PruneReport(entries=len(gone), freed=freed, left=sum(sizes.values()) - freed)

    def _sweep(self, held: set[str]) -> int:
        """Delete the files that no entry needs; a run that goes on may need the freshest."""
        freed = 0
        for path in list(_files(self.folder)):
            status = path.stat()
            if path.name not in held and time.time() - status.st_mtime > GRACE:
                path.unlink(missing_ok=True)
                freed += status.st_size
        return freed

    def _artifacts(self, entry: Entry) -> Iterator[str]:
        """The files that an entry needs."""
        if entry.outputs:
            yield f"{entry.outputs}.blob"
        for artifact in entry.files_written.values():
            if artifact:
                yield f"{artifact}.blob"
        for version in entry.writes:
            if version.artifact:
                yield f"{version.artifact}.value"
                yield from self._blobs(version.artifact)

    def _blobs(self, artifact: str) -> Iterator[str]:
        path = self.folder / artifact[:2] / f"{artifact}.value"
        try:
            with path.open("rb") as file:
                file.seek(32)
                table = json.loads(file.read(int.from_bytes(file.read(4), "little")))
        except (OSError, ValueError):
            return
        for blob, _, _ in table:
            yield f"{blob}.blob"


def _files(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        for path in folder.glob("*/*"):
            if not path.name.startswith("."):
                yield path
