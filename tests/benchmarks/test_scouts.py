"""What it brings to run steps ahead of home, and what it costs."""

from __future__ import annotations

import asyncio
import mmap
import os
import time
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from mlops_lab.backends.executors.local import LocalExecutor
from mlops_lab.execution.guest.store import project_key
from mlops_lab.execution.visit import Visit
from mlops_lab.interfaces import Launch, Worker
from mlops_lab.ir.options import RunOptions
from mlops_lab.records.run import Run
from mlops_lab.workbench import Workbench

from .conftest import Floor
from .race import Entrant, forget, project, race

pytestmark = pytest.mark.bench

OFF = {"MLOPS_TRACKING": "off"}
RUN = ("mlops", "run", "nb.ipynb", "--steps", "cells")
PAPERMILL = Entrant(("papermill", "nb.ipynb", "out.ipynb", "--no-progress-bar"))
GIGABYTE = 1_000_000_000
WORK = """
import time
def work(seconds, answer):
    began = time.process_time()
    while time.process_time() - began < seconds:
        sum(range(1000))
    return answer
"""
VALUES = {
    "array": "import numpy as np\nbig = np.arange(125_000_000, dtype=np.float64)",
    "frame": "import numpy as np, pandas as pd\n"
    "big = pd.DataFrame(np.arange(125_000_000, dtype=np.float64).reshape(-1, 25))",
}


def test_two_branches_use_two_cores(tmp_path: Path, holds: Floor) -> None:
    folder = project(tmp_path / "two", WORK, "a = work(20, 1)", "b = work(20, 2)", "print(a + b)")
    entrants = {
        "papermill": PAPERMILL,
        "ours": Entrant((*RUN, "--workers", "2"), ready=forget(folder), env=OFF),
    }
    done = race(folder, entrants, 1)
    detail = f"{done['ours'].wall:.1f} s beside {done['papermill'].wall:.1f} s"
    holds("two branches of 20 s", done["ours"].beside(done["papermill"]), 1 / 1.8, detail=detail)


def test_four_branches_that_wait_use_four_workers(tmp_path: Path, holds: Floor) -> None:
    branches = (f"sleep(40)\nresults[{number}] = {number}" for number in range(4))
    folder = project(
        tmp_path / "four", "from time import sleep\nresults = {}", *branches, "print(results)"
    )
    entrants = {
        "papermill": PAPERMILL,
        "ours": Entrant((*RUN, "--workers", "4"), ready=forget(folder), env=OFF),
    }
    done = race(folder, entrants, 1)
    detail = f"{done['ours'].wall:.1f} s beside {done['papermill'].wall:.1f} s"
    holds("four branches that wait", done["ours"].beside(done["papermill"]), 1 / 3.5, detail=detail)


def test_a_chain_loses_nothing_by_scouts(tmp_path: Path, holds: Floor) -> None:
    links = (f"x = work(1, x + {number})" for number in range(8))
    folder = project(tmp_path / "chain", WORK + "x = 0", *links, "print(x)")
    entrants = {
        name: Entrant((*RUN, *words), ready=forget(folder), env=OFF)
        for name, words in (("alone", ("--workers", "1")), ("ours", ()))
    }
    done = race(folder, entrants, 3)
    detail = f"{done['ours'].wall:.2f} s beside {done['alone'].wall:.2f} s"
    holds("a chain, beside one worker", done["ours"].beside(done["alone"]), 1.05, detail=detail)


def test_surprises_cost_little_and_less_when_they_are_known(tmp_path: Path, holds: Floor) -> None:
    setup = (
        "from time import sleep\nbase = [0]\n"
        "def look(n):\n    sleep(0.4)\n    return n * salt + base[-1]\n"
        "def alter(n):\n    sleep(0.4)\n    base.append(n)\n    return n\n"
    )
    cells = (
        f"r{n} = {'alter' if n % 10 == 9 else 'look'}({n}){'  # salt' if n % 10 == 9 else ''}"
        for n in range(200)
    )
    folder = project(tmp_path / "surprises", "salt = 1", setup, *cells)
    bench = Workbench.open(folder)
    for which, floor in (("first", 15.0), ("second", 2.0)):
        steps = tuple(f"cell-{n}" for n in range(1, 203))
        options = RunOptions(split="cells", workers=2, refresh=steps)
        run = bench.runs.run(folder / "nb.ipynb", None, options)
        wasted, took = _wasted(run), sum(step.seconds or 0.0 for step in run.steps)
        detail = f"{wasted:.2f} s of {took:.1f} s, {_drops(run)} attempts"
        holds(f"200 cells, wasted in the {which} run", 100 * wasted / took, floor, "%", detail)


def _wasted(run: Run) -> float:
    return sum(drop.seconds for step in run.steps for drop in step.dropped)


def _drops(run: Run) -> int:
    return sum(len(step.dropped) for step in run.steps)


@pytest.mark.parametrize("kind", VALUES)
def test_a_gigabyte_is_handed_over_like_a_file(tmp_path: Path, holds: Floor, kind: str) -> None:
    async def work() -> list[float]:
        async with _Kernels(tmp_path) as kernels:
            home, asked = await kernels.start(scout=False)
            scout, other = await kernels.start(scout=True)
            await scout.run("import numpy, pandas", lambda _: None)
            ratios = []
            for number in range(3):
                await home.run(VALUES[kind] + f"\nbig += {number}", lambda _: None)
                plain = _write_and_map(tmp_path / "plain")
                began = time.perf_counter()
                unit = await _stored(asked, "big")
                await other.ask("prepare", **_told(unit))
                ratios.append((time.perf_counter() - began) / plain)
            return ratios

    ratios = asyncio.run(work())
    detail = ", ".join(f"{ratio:.2f}" for ratio in ratios)
    holds(f"1 GB ({kind}) handed to a scout", median(ratios), 3.0, "×", detail)


def test_scouts_that_read_one_frame_have_it_once(tmp_path: Path, holds: Floor) -> None:
    async def work() -> float:
        async with _Kernels(tmp_path) as kernels:
            home, asked = await kernels.start(scout=False)
            await home.run(VALUES["frame"], lambda _: None)
            unit = await _stored(asked, "big")
            await kernels.stop(home)
            scouts = [await kernels.start(scout=True) for _ in range(4)]
            for worker, _ in scouts:
                await worker.run("import numpy, pandas", lambda _: None)
            before = sum([await _pss(worker) for worker, _ in scouts])
            for worker, visit in scouts:
                await visit.ask("prepare", **_told(unit))
                reply = await worker.run("total = float(big.to_numpy().sum())", lambda _: None)
                assert reply["status"] == "ok"
            return sum([await _pss(worker) for worker, _ in scouts]) - before

    used = asyncio.run(work()) / GIGABYTE
    holds("four scouts that read 1 GB", used, 1.3, "GB", "beyond what they take by themselves")


class _Kernels:
    """Kernels with guests in them, beside one another."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._executor = LocalExecutor()
        self._workers: list[Worker] = []

    async def __aenter__(self) -> _Kernels:
        return self

    async def __aexit__(self, *_: object) -> None:
        for worker in self._workers:
            await self._executor.stop(worker, now=True)

    async def start(self, *, scout: bool) -> tuple[Worker, Visit]:
        worker = await self._executor.start(Launch(kernel="python3", cwd=self._folder))
        self._workers.append(worker)
        store = self._folder / ".mlops" / "artifacts"
        config = {
            "store": str(store),
            "key": project_key(store.parent).hex(),
            "ignore": [],
            "watch": None,
            "secrets": [],
            "scout": scout,
        }
        return worker, await Visit.begin(worker, config)

    async def stop(self, worker: Worker) -> None:
        self._workers.remove(worker)
        await self._executor.stop(worker, now=True)


async def _stored(visit: Visit, name: str) -> dict[str, Any]:
    answer = await visit.ask("observe", touched=[name])
    return next(unit for unit in answer["units"] if name in unit["names"])


def _told(unit: dict[str, Any]) -> dict[str, Any]:
    """What a scout is told, to have a unit at once."""
    return {
        "hide": [[unit["names"], unit["artifact"], unit["names"]]],
        "bind": unit["names"],
        "drop": [],
        "settings": {},
        "cells": [],
        "count": 2,
        "everything": False,
        "modules": [],
        "births": [],
    }


async def _pss(worker: Worker) -> float:
    """What a kernel's memory comes to, in bytes; shared pages count in parts."""
    text = await worker.ask("open('/proc/self/smaps_rollup').read()")
    return next(
        float(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:")
    )


def _write_and_map(path: Path) -> float:
    """Seconds that it takes to write a gigabyte to the page cache and to map it."""
    block = memoryview(os.urandom(1 << 20))
    began = time.perf_counter()
    with path.open("wb") as file:
        for _ in range(GIGABYTE >> 20):
            file.write(block)
    with path.open("rb") as file:
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY).close()
    took = time.perf_counter() - began
    path.unlink()
    return took
