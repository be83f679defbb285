"""What only workers on Ray have to promise."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import psutil
import pytest

from mlops_lab.backends.cluster import ClusterStatus
from mlops_lab.backends.executors.ray import RayExecutor
from mlops_lab.interfaces import KernelDied, Launch, Message

pytestmark = pytest.mark.ray


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


def test_a_bare_init_in_a_cell_joins_the_runs_cluster(
    warm_ray: ClusterStatus, tmp_path: Path
) -> None:
    cell = (
        "import ray\nray.init(logging_level='error')\n@ray.remote\ndef f():\n    return 7\n"
        "found = [ray.get(f.remote()), ray.get_runtime_context().gcs_address]"
    )

    async def work() -> None:
        executor = RayExecutor()
        worker = await executor.start(Launch(kernel="python3", cwd=tmp_path))
        try:
            await worker.run(cell, lambda _: None)
            assert await worker.ask("found") == [7, warm_ray.address]
        finally:
            await executor.stop(worker)

    asyncio.run(asyncio.wait_for(work(), 90))
