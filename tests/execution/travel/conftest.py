"""Two kernels of one store: what one made, the other is given."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mlops_lab.backends.executors.local import LocalExecutor
from mlops_lab.execution.guest.store import project_key
from mlops_lab.execution.visit import Visit
from mlops_lab.interfaces import Launch, Worker


class Bench:
    """One kernel with a guest; `run` a cell, `observe` what it left, `give` what another made."""

    def __init__(self, loop: asyncio.AbstractEventLoop, worker: Worker, visit: Visit) -> None:
        self._loop = loop
        self.worker = worker
        self.visit = visit
        self.count = 1

    def wait(self, work: Awaitable[Any]) -> Any:
        return self._loop.run_until_complete(work)

    def run(self, source: str) -> list[Any]:
        """Run a cell that must not fail; what it showed."""
        heard: list[Any] = []
        reply = self.wait(self.worker.run(source, heard.append))
        assert reply["status"] == "ok", "\n".join(reply.get("traceback", [str(reply)]))
        self.count += 1
        return heard

    def value(self, expression: str) -> Any:
        """What an expression is worth there, as JSON."""
        return self.wait(self.worker.ask(f"get_ipython().ev({expression!r})"))

    def observe(self, touched: list[str], **more: Any) -> Any:
        return self.wait(self.visit.ask("observe", touched=touched, **more))

    def give(self, answer: Any, births: list[str] | None = None) -> None:
        """Let what another kernel was seen to make be had here."""
        units = answer["units"]
        lost = self.wait(
            self.visit.ask(
                "prepare",
                hide=[[unit["names"], unit["artifact"]] for unit in units if "artifact" in unit],
                drop=[],
                bind=[],
                settings={n: v["artifact"] for n, v in answer["settings"].items() if v},
                cells=[],
                count=self.count,
                everything=False,
                modules=[],
                births=births or [n for u in units for n in u["names"] if n.startswith("@")],
            )
        )
        assert not lost

    def drop(self, names: list[str]) -> None:
        """Forget these names."""
        self.wait(
            self.visit.ask(
                "prepare", hide=[], drop=names, bind=[], settings={}, cells=[], count=self.count,
                everything=False, modules=[], births=[],
            )
        )  # fmt: skip


class Pool:
    """Kernels of one store."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._loop = asyncio.new_event_loop()
        self._executor = LocalExecutor()
        self._workers: list[Worker] = []
        self._key = project_key(folder / ".mlops")

    def start(self) -> Bench:
        cwd = self.folder / "cwd"
        cwd.mkdir(exist_ok=True)
        launch = Launch(kernel="python3", cwd=cwd)

        async def begin() -> tuple[Worker, Visit]:
            worker = await self._executor.start(launch)
            self._workers.append(worker)
            config: dict[str, Any] = {
                "store": str(self.folder / ".mlops" / "artifacts"),
                "key": self._key.hex(),
                "ignore": [],
                "watch": None,
                "secrets": [],
            }
            return worker, await Visit.begin(worker, config)

        return Bench(self._loop, *self._loop.run_until_complete(begin()))

    def close(self) -> None:
        for worker in self._workers:
            self._loop.run_until_complete(self._executor.stop(worker))
        self._loop.close()


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    made = Pool(tmp_path_factory.mktemp("travel"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def maker(pool: Pool) -> Bench:
    return pool.start()


@pytest.fixture(scope="module")
def reader(pool: Pool) -> Bench:
    return pool.start()
