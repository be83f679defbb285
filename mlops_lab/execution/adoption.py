"""What home adopted and its kernel was not told yet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlops_lab.execution.damage import whole
from mlops_lab.execution.guest.effects import FOLDER, state_of
from mlops_lab.execution.guest.store import Store
from mlops_lab.execution.visit import units_told
from mlops_lab.ir.step import Segment
from mlops_lab.notebook.write import replace
from mlops_lab.records.entry import Entry
from mlops_lab.records.versions import COUNT, PROCESS, SHOWN, is_surrounding


class Adoption:
    """News for the kernel. `hidden` are the names that it has to ask for."""

    def __init__(self) -> None:
        self.hidden: set[str] = set()
        self._hide: dict[str, tuple[tuple[str, ...], str]] = {}
        self._drop: set[str] = set()
        self._settings: dict[str, str] = {}
        self._cells: list[list[Any]] = []

    @property
    def news(self) -> bool:
        """Whether there is something to tell."""
        return bool(self._cells)

    def take(self, entry: Entry, segment: Segment, count: int) -> None:
        """One more segment was adopted; its first cell has that execution count."""
        for name in entry.deletes:
            if is_surrounding(name):
                self._settings[name] = ""
            else:
                self._drop.add(name)
                self._hide.pop(name, None)
                self.hidden.discard(name)
        for version in entry.writes:
            for name in version.names:
                if name in {PROCESS, COUNT, SHOWN}:
                    continue
                if is_surrounding(name):
                    self._settings[name] = version.artifact or ""
                    continue
                self._drop.discard(name)
                self._hide[name] = (version.names, version.artifact or "")
                self.hidden.add(name)
        self._cells += [[cell.source, count + n] for n, cell in enumerate(segment.cells)]

    def tell(self) -> dict[str, Any]:
        """The news, as the guest's verb `prepare` takes them; nothing is news afterwards."""
        news = {
            "hide": units_told(self._hide),
            "drop": sorted(self._drop),
            "settings": self._settings,
            "cells": self._cells,
        }
        self._hide, self._drop, self._settings, self._cells = {}, set(), {}, []
        return news

    def restore_files(self, entry: Entry, root: Path, store: Store) -> None:
        """Leave the files as the segment left them. Raises Damaged."""
        deepest_first = sorted(entry.files_written.items(), reverse=True)
        for name, artifact in [item for item in deepest_first if item[1] is None] + sorted(
            item for item in deepest_first if item[1] is not None
        ):
            path = root / name
            if artifact is None:
                if path.is_dir():
                    path.rmdir() if not any(path.iterdir()) else None
                else:
                    path.unlink(missing_ok=True)
            elif artifact == FOLDER:
                path.mkdir(parents=True, exist_ok=True)
            elif state_of(str(path)) != artifact:
                content = whole(store, artifact)
                path.parent.mkdir(parents=True, exist_ok=True)
                replace(path, content)
