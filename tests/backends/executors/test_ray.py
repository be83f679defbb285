"""What only workers on Ray have to promise."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from mlops_lab.backends.cluster import ClusterStatus
from mlops_lab.backends.executors import ray
from mlops_lab.backends.executors.local import LocalExecutor
from mlops_lab.backends.executors.ray import RayExecutor, RayWorker
from mlops_lab.errors import BackendError
from mlops_lab.interfaces import KernelDied, Launch, Message, Worker
from mlops_lab.ir.step import Resources
from mlops_lab.services.keeping import Kept

from .console import beside, heard_of, said, talking

pytestmark = pytest.mark.ray

SEES = "__import__('os').environ.get('CUDA_VISIBLE_DEVICES')"


class Some:
    """Workers that are stopped at the end, whatever happens."""

    def __init__(self, folder: Path) -> None:
        self.executor = RayExecutor()
        self._folder = folder
        self._left = AsyncExitStack()

    async def start(self, *, kernel: str = "python3", **needs: Any) -> Worker:
        resources = Resources(**needs)
        launch = Launch(kernel=kernel, cwd=self._folder, resources=resources)
        worker = await self.executor.start(launch)
        self._left.push_async_callback(self.executor.stop, worker, now=True)
        return worker

    async def __aenter__(self) -> Some:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._left.aclose()


def test_a_lost_actor_is_a_dead_kernel(warm_ray: ClusterStatus, tmp_path: Path) -> None:
    assert warm_ray.running

    async def work() -> None:
        executor = RayExecutor()
        worker = await executor.start(Launch(kernel="python3", cwd=tmp_path))
        kernel, actor = await worker.ask("[__import__('os').getpid(), __import__('os').getppid()]")

        def listen(message: Message) -> None:
            if message["msg_type"] == "stream":
                os.kill(actor, signal.SIGKILL)

        with pytest.raises(KernelDied, match=rf"{worker.name} is lost"):
            await worker.run("print('go', flush=True)\nwhile True: pass", listen)
        await executor.stop(worker)
        process = [p for p in psutil.process_iter() if p.pid == kernel]
        assert psutil.wait_procs(process, timeout=10)[1] == []

    asyncio.run(asyncio.wait_for(work(), 90))


JOINS = {
    "bare": "ray.init(logging_level='error')",
    "auto": "ray.init('auto', logging_level='error')",
    "again": "ray.init(logging_level='error')\nray.shutdown()\nray.init(logging_level='error')",
    "by itself": "ray.get(ray.remote(lambda: 7).remote())",
    "data": "ray.data.range(100).map_batches(lambda b: {'id': b['id'] * 2}).sum('id')",
    "train": """
from ray.train import RunConfig, ScalingConfig
from ray.train.v2.api.data_parallel_trainer import DataParallelTrainer

def loop():
    import ray.train
    with open(f'{here}/rank {ray.train.get_context().get_world_rank()}', 'w') as file:
        file.write(ray.get_runtime_context().gcs_address)

DataParallelTrainer(
    loop,
    scaling_config=ScalingConfig(num_workers=2, resources_per_worker={'CPU': 0.5}),
    run_config=RunConfig(storage_path=here),
).fit()
addresses |= {open(f'{here}/rank {rank}').read() for rank in range(2)}
""",
    "tune": """
from ray import tune

def trial(config):
    import ray
    return {'score': config['x'], 'address': ray.get_runtime_context().gcs_address}

found = tune.Tuner(
    tune.with_resources(trial, {'cpu': 0.5}),
    param_space={'x': tune.grid_search([1, 2])},
    run_config=tune.RunConfig(storage_path=here),
).fit()
assert found.get_best_result('score', 'max').metrics['score'] == 2
addresses |= {result.metrics['address'] for result in found}
""",
}
IN_ONE_KERNEL = [["bare"], ["auto"], ["again"], ["by itself", "data", "train", "tune"]]


@pytest.mark.parametrize("names", IN_ONE_KERNEL, ids="-".join)
def test_a_cell_that_uses_ray_itself_joins_the_runs_cluster(
    warm_ray: ClusterStatus, tmp_path: Path, names: list[str]
) -> None:
    async def work() -> None:
        async with Some(tmp_path) as some:
            worker = await some.start()
            before = "import os, ray, ray.data\nhere, addresses = os.getcwd(), set()\n"
            for name in names:
                after = "\naddresses.add(ray.get_runtime_context().gcs_address)"
                reply = await worker.run(before + JOINS[name] + after, lambda _: None)
                assert reply["status"] == "ok", "\n".join(reply["traceback"])
                assert await worker.ask("list(addresses)") == [warm_ray.address]

    asyncio.run(asyncio.wait_for(work(), 300))


def test_what_ray_sets_for_a_driver_reaches_no_kernel(
    warm_ray: ClusterStatus, tmp_path: Path
) -> None:
    RayExecutor().offer()
    names = ["PYTHONBREAKPOINT", "RAY_CLIENT_MODE", "RAY_ADDRESS"]
    ask = f"[__import__('os').environ.get(name) for name in {names}]"

    async def work() -> None:
        async with Some(tmp_path) as some:
            assert await (await some.start()).ask(ask) == [None, None, warm_ray.address]
        local = LocalExecutor()
        kernel = await local.start(Launch(kernel="python3", cwd=tmp_path))
        assert await kernel.ask(ask) == [None, None, None]  # what it starts is its own
        await local.stop(kernel, now=True)

    asyncio.run(asyncio.wait_for(work(), 90))


def test_what_nodes_have_besides_is_offered(warm_ray: ClusterStatus) -> None:
    (node,) = RayExecutor().offer().nodes
    assert (node.gpus, node.accelerators, node.custom) == (4.0, ("A100",), (("tape", 2.0),))
    assert not RayExecutor().offer().shared


def test_a_worker_holds_just_what_its_step_asks_for(
    warm_ray: ClusterStatus, tmp_path: Path
) -> None:
    asked: dict[str, Any] = {"cpus": 1.5, "gpus": 0.5, "memory": 10**8, "accelerator": "A100"}

    async def work() -> None:
        import ray

        async with Some(tmp_path) as some:
            before = RayExecutor().offer(), ray.available_resources()
            await some.start(**asked, custom=(("tape", 1.0), ("none", 0.0)))
            left = ray.available_resources()
            names = ("CPU", "GPU", "memory", "tape")
            held = [round(before[1][n] - left.get(n, 0), 4) for n in names]
            assert held == [1.5, 0.5, 10**8, 1.0]
            await some.start()
            assert RayExecutor().offer() == before[0]

    asyncio.run(asyncio.wait_for(work(), 90))


def test_four_on_four_gpus_run_at_once_and_see_one_each(
    warm_ray: ClusterStatus, tmp_path: Path
) -> None:
    async def work() -> None:
        async with Some(tmp_path) as some:
            four = await asyncio.gather(*(some.start(gpus=1) for _ in range(4)))
            seen = await asyncio.gather(*(worker.ask(SEES) for worker in four))
            assert sorted(seen) == ["0", "1", "2", "3"]

    asyncio.run(asyncio.wait_for(work(), 90))


def test_who_finds_nothing_left_waits_and_begins_when_it_is_given_back(
    warm_ray: ClusterStatus, tmp_path: Path
) -> None:
    async def work() -> None:
        async with Some(tmp_path) as some:
            three = await some.start(gpus=3)
            first = await some.start(gpus=1)
            second = asyncio.create_task(some.start(gpus=1))
            await some.start()  # who needs nothing overtakes
            assert not second.done()
            await some.executor.stop(first, now=True)
            seen = {await three.ask(SEES), await (await second).ask(SEES)}
            assert {device for text in seen for device in text.split(",")} == set("0123")

    asyncio.run(asyncio.wait_for(work(), 90))


def test_who_waits_can_be_called_off_and_leaves_nothing(
    warm_ray: ClusterStatus, tmp_path: Path
) -> None:
    async def work() -> None:
        async with Some(tmp_path) as some:
            first = await some.start(gpus=4)
            second = asyncio.create_task(some.start(gpus=1))
            await some.start()
            second.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asyncio.wait_for(second, 1)
            await some.executor.stop(first, now=True)
            await some.start(gpus=4)  # the second would have one of them

    asyncio.run(asyncio.wait_for(work(), 90))


def test_a_kernel_that_is_still_starting_can_be_called_off(
    warm_ray: ClusterStatus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "kernels" / "slow"
    place.mkdir(parents=True)
    told = tmp_path / "told"
    os.mkfifo(told)
    code = f"import os, time; open({str(told)!r}, 'w').write(str(os.getpid())); time.sleep(999)"
    spec = {"argv": [sys.executable, "-c", code, "{connection_file}"], "display_name": "slow"}
    (place / "kernel.json").write_text(json.dumps({**spec, "language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))

    async def work() -> None:
        async with Some(tmp_path) as some:
            starting = asyncio.create_task(some.start(kernel="slow", gpus=4))
            kernel = psutil.Process(int(await asyncio.to_thread(told.read_text)))
            starting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asyncio.wait_for(starting, 1)
            assert psutil.wait_procs([kernel], timeout=10)[1] == []
            await some.start(gpus=4)

    asyncio.run(asyncio.wait_for(work(), 90))


def test_what_ray_cannot_count_is_said(warm_ray: ClusterStatus, tmp_path: Path) -> None:
    async def work() -> None:
        async with Some(tmp_path) as some:
            with pytest.raises(BackendError, match=r"can't give that: .*CPU"):
                await some.start(custom=(("CPU", 1.0),))

    asyncio.run(asyncio.wait_for(work(), 90))


def test_what_workers_of_the_warm_ray_leave_out_is_there_for_tasks(warm_ray: ClusterStatus) -> None:
    RayExecutor().offer()
    import ray

    def task() -> tuple[list[str], str]:
        import sys

        import jsonschema  # type: ignore[import-untyped]

        jsonschema.FormatChecker().check("a:b", "iri")
        return sys.argv, str(sys.modules["__main__"].__file__)

    argv, main = ray.get(ray.remote(task).remote(), timeout=60)
    assert Path(argv[0]).name == Path(main).name == "default_worker.py"


PLACES = {"here": False, "elsewhere": True}


@asynccontextmanager
async def shared(
    folder: Path, patch: pytest.MonkeyPatch, *, elsewhere: bool
) -> AsyncIterator[tuple[RayWorker, Path]]:
    """A worker that has failed, and the connection file of its kernel."""
    if elsewhere:
        patch.setattr(ray, "this_machine", lambda: "another")
    async with Some(folder) as some:
        worker = await some.start(gpus=4)
        assert isinstance(worker, RayWorker)
        await worker.run("x = [1, 2]\nraise ValueError(x)", lambda _: None)
        place = folder / "kernel.json"
        await worker.share(place)
        assert stat.S_IMODE(place.stat().st_mode) == 0o600
        yield worker, place


@pytest.mark.parametrize("where", PLACES)
def test_a_kernel_can_be_talked_to_and_gives_back_what_it_held(
    where: str, warm_ray: ClusterStatus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def talk(place: Path) -> None:
        with talking(place) as client:
            assert said(client, "print(x)")[0] == "[1, 2]\n"
            code = "print('go', flush=True)\nimport time\ntime.sleep(600)"
            client.execute(code, stop_on_error=False)
            heard_of(client, lambda message: message["content"].get("text") == "go\n")
            client.control_channel.send(client.session.msg("interrupt_request", {}))
            assert client.get_shell_msg(timeout=20)["content"]["ename"] == "KeyboardInterrupt"
            client.shutdown()

    async def work() -> None:
        elsewhere = PLACES[where]
        async with shared(tmp_path, monkeypatch, elsewhere=elsewhere) as (worker, place):
            at = Path(json.loads(place.read_text())["ip"]).parent
            assert at.stat().st_mode & 0o077 == 0
            await beside(talk, place)
            await worker.ended()
            await worker.stop()
            assert not at.exists()
            async with Some(tmp_path) as some:
                await some.start(gpus=4)

    asyncio.run(asyncio.wait_for(work(), 90))


@pytest.mark.parametrize("where", PLACES)
def test_who_talks_to_a_lost_actor_hears_of_it(
    where: str, warm_ray: ClusterStatus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def talk(place: Path) -> None:
        with talking(place) as client:
            client.execute("import os, signal; os.kill(os.getppid(), signal.SIGKILL)")

    async def work() -> None:
        elsewhere = PLACES[where]
        async with shared(tmp_path, monkeypatch, elsewhere=elsewhere) as (worker, place):
            await beside(talk, place)
            await worker.ended()
            with pytest.raises(KernelDied, match="is lost"):
                await worker.share(place)

    asyncio.run(asyncio.wait_for(work(), 90))


def test_a_kept_kernel_goes_when_its_time_is_up(
    warm_ray: ClusterStatus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with asyncio.Runner() as runner:
        sharing = shared(tmp_path, monkeypatch, elsewhere=True)
        worker, place = runner.run(sharing.__aenter__())
        executor = RayExecutor()
        until = time.time() + 0.5
        Kept(runner=runner, executor=executor, worker=worker, place=place, until=until).linger()
        assert not place.exists()
        with pytest.raises(KernelDied):
            runner.run(worker.ask("1"))
        runner.run(sharing.__aexit__(None, None, None))
