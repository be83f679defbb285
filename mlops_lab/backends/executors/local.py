"""Workers on this machine."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess

import psutil

from mlops_lab.backends.executors import environment
from mlops_lab.interfaces import Launch, Node, Offer, Worker


class LocalExecutor:
    """Kernels beside the driver, talking through private sockets."""

    name = "local"

    def offer(self) -> Offer:
        """This machine: the cores that this process may use, its memory, its NVIDIA GPUs."""
        gpus = _gpus()
        node = Node(
            cpus=float(_cpus()),
            gpus=float(len(gpus)),
            memory=psutil.virtual_memory().total,
            accelerators=tuple(dict.fromkeys(gpus)),
        )
        return Offer(nodes=(node,), shared=True)

    async def start(self, launch: Launch) -> Worker:
        """A new worker. Raises BackendError where none can be had."""
        from mlops_lab.backends.executors.kernel import Kernel

        return await Kernel.start(launch, environment.local(os.environ, launch.env))

    async def stop(self, worker: Worker) -> None:
        """End a worker, its kernel and every process that the kernel started, within 5 s."""
        from mlops_lab.backends.executors.kernel import Kernel

        assert isinstance(worker, Kernel)
        await asyncio.shield(worker.stop())


def _cpus() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _gpus() -> list[str]:
    """The models of the GPUs, named as Ray names them: "A100" for "NVIDIA A100-SXM4-80GB"."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    command = [program, "--query-gpu=name", "--format=csv,noheader"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return []
    return [_model(line) for line in done.stdout.splitlines() if line.strip()]


def _model(name: str) -> str:
    words = name.replace("NVIDIA", " ").replace("Tesla", " ").split()
    return words[0].split("-")[0] if words else name
