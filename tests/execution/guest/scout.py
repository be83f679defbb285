"""A scout's kernel and its guest, with the test in the driver's place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from mlops_lab.backends.executors.local import LocalExecutor
from mlops_lab.execution.guest.store import Store, project_key
from mlops_lab.execution.guest.units import group, take
from mlops_lab.execution.visit import Visit
from mlops_lab.interfaces import Launch, Message, Worker

PREPARED: dict[str, Any] = {
    "hide": [], "drop": [], "bind": [], "settings": {}, "cells": [], "count": 1,
    "everything": False, "modules": [], "births": [],
}  # fmt: skip


class Scout:
    """One kernel. `events` are what its guest says while a cell runs, `shown` what cells print."""

    def __init__(self, worker: Worker, visit: Visit, store: Store, folder: Path) -> None:
        self.worker = worker
        self.visit = visit
        self.store = store
        self.folder = folder
        self.events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.shown = ""

    def keep(self, value: Any) -> str:
        """The artifact of a value."""
        unit = group([take("x", value)], {"x": value})[0]
        assert unit.digest is not None
        self.store.put(unit.stream, unit.buffers, unit.marks, unit.digest)
        self.store.settle()
        return unit.digest

    async def prepare(self, **names: str | None) -> dict[str, str]:
        """Hide each name behind its artifact."""
        hide = [[[name], artifact, [name]] for name, artifact in names.items()]
        lost: dict[str, str] = await self.visit.ask("prepare", **PREPARED | {"hide": hide})
        return lost

    async def deliver(self, *gone: str, **names: str | None) -> None:
        units = [[[name], artifact, [name]] for name, artifact in names.items()]
        await self.visit.ask("deliver", units=units, gone=list(gone))

    async def observe(self, *touched: str) -> Any:
        return await self.visit.ask("observe", touched=list(touched), mark="m")

    def start(self, source: str) -> asyncio.Task[Message]:
        """Let a cell run."""

        def listen(message: Message) -> None:
            if message["msg_type"] == "mlops_scout":
                self.events.put_nowait(message["content"])
            elif message["msg_type"] == "stream":
                self.shown += message["content"]["text"]

        return asyncio.create_task(self.worker.run(source, listen))

    async def run(self, source: str) -> None:
        """Run a cell, which has to end well."""
        reply = await asyncio.wait_for(self.start(source), 30)
        assert reply["status"] == "ok", reply

    async def event(self) -> dict[str, Any]:
        """The next thing that the guest says."""
        return await asyncio.wait_for(self.events.get(), 30)


@asynccontextmanager
async def a_scout(folder: Path, *, scout: bool = True) -> AsyncIterator[Scout]:
    """A fresh one, working in `folder`."""
    store = Store(folder / ".mlops" / "artifacts", project_key(folder / ".mlops"))
    executor = LocalExecutor()
    worker = await executor.start(Launch(kernel="python3", cwd=folder))
    try:
        config = {
            "store": str(store.folder),
            "key": store.key.hex(),
            "ignore": [],
            "watch": str(folder),
            "secrets": [],
            "scout": scout,
        }
        visit = await Visit.begin(worker, config)
        yield Scout(worker, visit, store, folder)
    finally:
        await executor.stop(worker, now=True)


def play(work: Coroutine[Any, Any, None]) -> None:
    """Run a test's doing."""
    asyncio.run(asyncio.wait_for(work, 90))
