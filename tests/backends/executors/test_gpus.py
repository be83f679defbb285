"""Which GPUs there are, and which of them a kernel sees. They are pretended."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from mlops_lab.backends.executors.gpus import visible
from mlops_lab.backends.executors.local import LocalExecutor
from mlops_lab.execution.holdings import Holdings
from mlops_lab.interfaces import Launch
from mlops_lab.ir.step import Resources

FOUR = """#!/bin/sh
echo '0, GPU-aa11, NVIDIA A100-SXM4-80GB'
echo '1, GPU-bb22, NVIDIA A100-SXM4-80GB'
echo '2, GPU-cc33, Tesla T4'
echo '3, GPU-dd44, Tesla T4'
"""


@pytest.fixture
def four(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A machine that says it has four GPUs."""
    program = tmp_path / "bin" / "nvidia-smi"
    program.parent.mkdir()
    program.write_text(FOUR)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return monkeypatch


@pytest.mark.parametrize(
    ("drivers", "seen"),
    [
        (None, ["0", "1", "2", "3"]),
        ("2,0", ["2", "0"]),
        (" 3 , 1", ["3", "1"]),
        ("", []),
        ("-1", []),
        ("1,-1,2", ["1"]),
        ("1,7,2", ["1"]),
        ("GPU-cc33", ["GPU-cc33"]),
        ("GPU-cc,GPU-a", ["GPU-cc", "GPU-a"]),
        ("MIG-5f1e,MIG-77aa", ["MIG-5f1e", "MIG-77aa"]),
    ],
)
def test_what_the_driver_may_not_see_is_not_there(
    four: pytest.MonkeyPatch, drivers: str | None, seen: list[str]
) -> None:
    if drivers is not None:
        four.setenv("CUDA_VISIBLE_DEVICES", drivers)
    assert [gpu.id for gpu in visible(os.environ)] == seen
    (node,) = LocalExecutor().offer().nodes
    assert node.gpus == len(seen)


def test_no_gpu_is_there_where_nobody_knows_of_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    assert visible(os.environ) == ()


def test_models_are_named_as_ray_names_them(four: pytest.MonkeyPatch) -> None:
    assert LocalExecutor().offer().nodes[0].accelerators == ("A100", "T4")
    four.setenv("CUDA_VISIBLE_DEVICES", "3")
    offer = LocalExecutor().offer()
    assert (offer.nodes[0].gpus, offer.nodes[0].accelerators) == (1.0, ("T4",))
    assert offer.shared


SEES = "__import__('os').environ.get('CUDA_VISIBLE_DEVICES')"


@pytest.mark.parametrize(
    ("drivers", "seen"),
    [
        (None, {"a": "0", "b": "1,2", "home": None, "both": "3", "all": None}),
        ("3,1,0,2", {"a": "3", "b": "1,0", "home": "3,1,0,2", "both": "2", "all": "3,1,0,2"}),
    ],
    ids=["all", "some"],
)
def test_two_workers_at_once_see_gpus_of_their_own(
    four: pytest.MonkeyPatch, tmp_path: Path, drivers: str | None, seen: dict[str, str | None]
) -> None:
    if drivers is not None:
        four.setenv("CUDA_VISIBLE_DEVICES", drivers)
    executor = LocalExecutor()
    holdings = Holdings(executor.offer())
    devices = {
        "a": holdings.take("a", Resources(gpus=1)),
        "b": holdings.take("b", Resources(gpus=2)),
        "home": holdings.take("home", Resources(cpus=1)),
        "both": holdings.take("both", Resources(gpus=0.5)),
    }
    for key in devices:
        holdings.give_back(key)
    devices["all"] = holdings.take("all", Resources(gpus=4))

    async def sees(given: tuple[int, ...]) -> str | None:
        worker = await executor.start(Launch(kernel="python3", cwd=tmp_path, devices=given))
        try:
            answer: str | None = await worker.ask(SEES)
            return answer
        finally:
            await executor.stop(worker, now=True)

    async def work() -> list[str | None]:
        return list(await asyncio.gather(*map(sees, devices.values())))

    assert dict(zip(devices, asyncio.run(asyncio.wait_for(work(), 90)), strict=True)) == seen
