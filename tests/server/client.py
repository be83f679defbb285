"""A browser's end of the stream."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

from mlops_lab.backends.records.sql import SqlRecords
from mlops_lab.server import watch

from . import story


class Client:
    """A browser's end of the stream; `known` is what it has been told, run by run."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket
        self.known: dict[str, dict[str, Any]] = {}
        self.heard: list[dict[str, Any]] = []

    async def say(self, **message: Any) -> None:
        await self.socket.write_message(json.dumps(message))

    async def hear(self) -> dict[str, Any]:
        text = await asyncio.wait_for(self.socket.read_message(), 30)
        assert text is not None, "the server hung up"
        message: dict[str, Any] = json.loads(text)
        self.heard.append(message)
        match message["kind"]:
            case "run":
                run = self.known.setdefault(message["head"]["run_id"], {"steps": {}})
                run |= {"head": message["head"], "seq": message["seq"]}
                run["steps"] |= {step["name"]: step for step in message["steps"]}
            case "deleted":
                self.known.pop(message["run_id"], None)
        return message

    async def until(self, true: Callable[[], bool]) -> None:
        while not true():
            await self.hear()

    @property
    def seen(self) -> dict[str, int]:
        return {run_id: run["seq"] for run_id, run in self.known.items()}


def told(client: Client, run_id: str) -> Any:
    return client.known.get(run_id, {"head": {"status": None}, "steps": {}})


async def told_after(client: Client, records: SqlRecords, run_id: str) -> list[float]:
    """Seconds from some commits until the client is told of each."""
    records.append(run_id, story.begun(run_id))
    await client.until(lambda: run_id in client.known)
    took = []
    for number in range(9):
        await asyncio.sleep(2 * watch.BREATH)  # the watcher has gone back to wait
        began = time.perf_counter()
        records.append(run_id, story.step("load", 3, at=1001.0 + number))
        await client.hear()
        took.append(time.perf_counter() - began)
    return took
