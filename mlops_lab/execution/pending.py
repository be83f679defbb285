"""Finished segments on their way into the ledger: nothing is remembered before it is on disk."""

from __future__ import annotations

import asyncio
import time

from mlops_lab.execution.guest.effects import FOLDER
from mlops_lab.execution.guest.store import Store
from mlops_lab.execution.visit import Visit
from mlops_lab.interfaces import KernelDied, Ledger
from mlops_lab.records.entry import Entry

SETTLE_EVERY = 1.0
KEEP_EVERY = 0.25
"""Seconds between looks for what can be remembered while a long step runs."""


class Pending:
    """The entries that the ledger has still to get."""

    def __init__(self, store: Store, ledger: Ledger) -> None:
        self.entries: list[Entry] = []
        self._store = store
        self._ledger = ledger
        self._settled = time.monotonic()
        self._watch: asyncio.Task[None] | None = None

    async def add(self, entry: Entry, visit: Visit) -> None:
        """One more; from time to time all are settled."""
        self.take(entry)
        if time.monotonic() - self._settled > SETTLE_EVERY:
            await self.settle(visit)

    def take(self, entry: Entry) -> None:
        """One more, which another kernel stores."""
        self.entries.append(entry)
        if self._watch is None or self._watch.done():
            self._watch = asyncio.ensure_future(self._keep_as_it_is_stored())

    async def settle(self, visit: Visit | None) -> None:
        """Remember all, once the kernel says that it is stored."""
        try:
            if visit is not None and self.entries:
                await visit.settle()
            self._store.settle()
            self._keep(self.entries)
        except KernelDied:
            self.salvage()
        self._settled = time.monotonic()

    def salvage(self) -> None:
        """Remember those of which all is on disk."""
        self._keep([entry for entry in self.entries if self._is_stored(entry)])

    def rest(self) -> None:
        """Look no more for what can be remembered."""
        if self._watch is not None:
            self._watch.cancel()

    async def _keep_as_it_is_stored(self) -> None:
        """Remember finished steps while the next one runs: the driver may die at any time."""
        while self.entries:
            await asyncio.sleep(KEEP_EVERY)
            self.salvage()

    def _keep(self, entries: list[Entry]) -> None:
        if entries:
            self._ledger.keep([entry for entry in entries if entry.outputs])
        kept = {entry.id for entry in entries}
        self.entries = [entry for entry in self.entries if entry.id not in kept]

    def _is_stored(self, entry: Entry) -> bool:
        blobs = [entry.outputs, *(f for f in entry.files_written.values() if f != FOLDER)]
        return all(self._store.has(w.artifact) for w in entry.writes if w.artifact) and all(
            self._store.path(blob, "blob").is_file() for blob in blobs if blob
        )
