"""Drivers that stand by for runs on Ray: connected, with a kernel there that waits."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import psutil
import pytest

from tests.execution.lab import Lab

from .test_drivers import KERNEL, LOOK, OWN, do, drivers, ended, until, warm

pytestmark = pytest.mark.ray


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A project whose runs go to Ray, which nobody has started yet."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLOPS_STATE_DIR", str(tmp_path_factory.mktemp("state")))
        lab = Lab(tmp_path_factory.mktemp("ray"))
        (lab.folder / "mlops.toml").write_text('tracking = "off"\nexecutor = "ray"\n')
        lab.write({"step:one": LOOK + "print(os.getpid())"}, KERNEL)
        yield lab
        lab.call("cluster", "stop")


def kernels(lab: Lab) -> list[psutil.Process]:
    """Those of the project's runs, and those that wait for one."""
    found = []
    for process in psutil.process_iter():
        try:
            if "ipykernel_launcher" in process.cmdline() and process.cwd() == str(lab.folder):
                found.append(process)
        except psutil.Error:
            continue
    return found


def status(lab: Lab) -> dict[str, Any]:
    """The warm Ray."""
    told: dict[str, Any] = lab.call("cluster", "status")[1]
    return told


def starts(process: psutil.Process) -> bool:
    """Whether a process starts a Ray."""
    try:
        return process.cmdline()[-2:] == ["cluster", "start"]
    except psutil.Error:
        return False


def test_one_that_goes_while_ray_starts_leaves_one_that_can_be_stopped(lab: Lab) -> None:
    async def work() -> None:
        async with drivers(lab.notebook):
            await until(lambda: any(map(starts, psutil.process_iter())))
        assert await until(lambda: status(lab)["running"], 120)

    do(work)


def test_a_ready_kernel_on_ray_is_the_one_that_a_cold_run_starts(lab: Lab) -> None:
    async def work() -> list[Any]:
        looks = []
        for ready in (True, False):
            async with drivers(*([lab.notebook] if ready else [])) as made:
                waiting = await until(lambda: kernels(lab), 120) if ready else []
                run_id = await made.run(["run", "lab.ipynb", "--no-cache"], lab.folder)
                assert (await ended(lab, run_id)).status == "succeeded"
                look, pid = "".join(lab.bench.history.logs(run_id)).splitlines()
                assert (int(pid) in {process.pid for process in waiting}) == ready
                looks.append((run_id, json.loads(look)))
        return looks

    (warm_id, hot), (cold_id, cold) = do(work)
    for run_id, look in ((cold_id, cold), (warm_id, hot)):
        assert dict(look[2])["MLOPS_RUN_ID"] == run_id
        look[2] = [(name, None if name in OWN else value) for name, value in look[2]]
    assert hot == cold


def test_one_that_goes_takes_its_kernel_along_and_leaves_ray_warm(lab: Lab) -> None:
    async def work() -> None:
        async with drivers(lab.notebook):
            waiting = await until(lambda: kernels(lab), 120)
        psutil.wait_procs(waiting, timeout=20)
        assert kernels(lab) == []
        assert status(lab)["running"]

    do(work)


def test_a_ray_that_goes_takes_no_click_along(lab: Lab) -> None:
    lab.write({"step:one": "print('ran')"}, KERNEL)

    async def work() -> None:
        async with drivers(lab.notebook) as made:
            await until(lambda: kernels(lab), 120)
            await asyncio.to_thread(lab.call, "cluster", "stop")
            run = await ended(lab, await made.run(["run", "lab.ipynb"], lab.folder))
            assert (run.status, run.executor) == ("succeeded", "ray"), run.error

    do(work)


def test_the_next_stands_by_for_where_the_last_run_went(lab: Lab) -> None:
    async def work() -> None:
        async with drivers(lab.notebook) as made:
            (first,) = warm(made)
            words = ["run", "lab.ipynb", "--executor=local"]
            await ended(lab, await made.run(words, lab.folder, "local"))
            assert not first.fits("local")
            made.expect(lab.notebook)
            (second,) = warm(made)
            assert (first.executor, second.executor) == ("ray", "local")
            run = await ended(lab, await made.run(["run", "lab.ipynb"], lab.folder))
            assert run.executor == "ray"
            made.expect(lab.notebook)
            assert warm(made)[0].executor == "ray"

    do(work)
