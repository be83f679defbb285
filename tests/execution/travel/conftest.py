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

    def refused(self, source: str) -> str:
        """Run a cell that a scout must not go on with; the act that it was about to do."""

        async def begin() -> str:
            said: asyncio.Future[str] = asyncio.get_running_loop().create_future()

            def listen(message: Any) -> None:
                if message["msg_type"] == "mlops_scout" and not said.done():
                    said.set_result(message["content"].get("what", ""))

            running = asyncio.ensure_future(self.worker.run(source, listen))
            both: set[asyncio.Future[Any]] = {running, said}
            done, _ = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            assert said in done, "the cell went on to its end"
            running.cancel()
            return said.result()

        return str(self.wait(begin()))

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
                hide=[[u["names"], u["artifact"], u["names"]] for u in units if "artifact" in u],
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

    def start(self, *, scout: bool = False, greeting: tuple[str, ...] = ()) -> Bench:
        cwd = self.folder / "cwd"
        cwd.mkdir(exist_ok=True)
        launch = Launch(kernel="python3", cwd=cwd)

        async def begin() -> tuple[Worker, Visit]:
            worker = await self._executor.start(launch)
            self._workers.append(worker)
            for expression in greeting:
                await worker.ask(expression)
            config: dict[str, Any] = {
                "store": str(self.folder / ".mlops" / "artifacts"),
                "key": self._key.hex(),
                "ignore": [],
                "watch": None,
                "secrets": [],
                "scout": scout,
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
