"""Workers on this machine."""

from __future__ import annotations

import asyncio
import os
from functools import cached_property

import psutil

from mlops_lab.backends.executors import environment, gpus
from mlops_lab.interfaces import Launch, Node, Offer, Worker


class LocalExecutor:
    """Kernels beside the driver, talking through private sockets."""

    name = "local"

    def offer(self) -> Offer:
        """This machine: cores and GPUs that this process may use, and its memory."""
        node = Node(
            cpus=float(_cpus()),
            gpus=float(len(self._gpus)),
            memory=psutil.virtual_memory().total,
            accelerators=tuple(dict.fromkeys(gpu.model for gpu in self._gpus if gpu.model)),
        )
        return Offer(nodes=(node,), shared=True)

    async def start(self, launch: Launch) -> Worker:
        """A new worker. Raises BackendError where none can be had."""
        from mlops_lab.backends.executors.kernel import Kernel

        seen = gpus.only(launch.devices, self._gpus) if launch.devices else {}
        return await Kernel.start(launch, environment.local(os.environ, {**seen, **launch.env}))

    async def stop(self, worker: Worker, *, now: bool = False) -> None:
        """End a worker, its kernel and every process that the kernel started, within 5 s."""
        from mlops_lab.backends.executors.kernel import Kernel

        assert isinstance(worker, Kernel)
        await asyncio.shield(worker.stop(now=now))

    @cached_property
    def _gpus(self) -> tuple[gpus.Gpu, ...]:
        return gpus.visible(os.environ)


def _cpus() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
