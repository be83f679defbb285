"""Workers on the nodes of a Ray cluster.

Only a driver may use this: a process connected to Ray is ended, without an exception, when the
cluster's head is lost.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops_lab.backends import cluster
from mlops_lab.backends.executors import environment
from mlops_lab.errors import BackendError
from mlops_lab.interfaces import KernelDied, Launch, Message, Node, Offer, Worker
from mlops_lab.ir.step import Resources

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlops_lab.backends.executors.kernel import Kernel

TRIES = 3
KNOCK_PATIENCE = 10.0
"""Seconds for a cluster's head to take a connection."""
STOP_TIMEOUT = 6.0
BATCH = 100
"""So many messages may wait in the actor before the kernel is slowed down."""

_SET_BY_RAY = ("PYTHONBREAKPOINT", "RAY_CLIENT_MODE")
_STANDARD = {"CPU", "GPU", "memory", "object_store_memory"}
_ACCELERATOR = "accelerator_type:"
_GROUP = "ray.io/node-group"
"""A label that only nodes which something else started for Ray carry."""


class RayExecutor:
    """An actor for each worker holds its resources and owns the kernel on its node.

    The cluster is that at RAY_ADDRESS, else the warm one on this machine, which is started where
    there is none.
    """

    name = "ray"

    def __init__(self) -> None:
        self._connecting = threading.Lock()

    def offer(self) -> Offer:
        """What each node of the cluster has. Raises BackendError where there is no cluster."""
        ray = self._connect()
        nodes = [node for node in ray.nodes() if node["Alive"]]
        return Offer(
            nodes=tuple(_node(node["Resources"]) for node in nodes),
            scales=any(_GROUP in node.get("Labels", {}) for node in nodes),
        )

    async def start(self, launch: Launch) -> Worker:
        """A new worker, once the cluster has the resources free. Raises BackendError."""
        ray = await asyncio.to_thread(self._connect)
        try:
            owner = ray.remote(Owner).options(**_options(launch.resources)).remote()
        except ValueError as error:
            raise BackendError(f"Ray can't give that: {_first_line(error)}") from error
        try:
            name = await owner.start.remote(launch, dict(os.environ), _machine())
        except ray.exceptions.RayError as error:
            ray.kill(owner)
            raise BackendError(f"a kernel on Ray could not start: {_first_line(error)}") from error
        except BaseException:
            ray.kill(owner)
            raise
        if name[0] == "error":
            ray.kill(owner)
            raise BackendError(name[1])
        return RayWorker(name=name[1], actor=owner)

    async def stop(self, worker: Worker, *, now: bool = False) -> None:
        """End a worker, its kernel and every process that the kernel started."""
        assert isinstance(worker, RayWorker)
        await asyncio.shield(worker.stop(now))

    def _connect(self) -> Any:
        with self._connecting:
            for attempt in range(TRIES):
                time.sleep(attempt**2)
                try:
                    return _connected()
                except (ConnectionError, RuntimeError, OSError) as error:
                    where, last = os.environ.get("RAY_ADDRESS", "this machine"), error
            raise BackendError(
                f"no connection to Ray at {where} in {TRIES} tries: {_first_line(last)}; see "
                f"{cluster.private_log()}. '--executor local' runs the same without Ray"
            ) from last


class RayWorker:
    """The near end of a kernel that a Ray actor owns."""

    def __init__(self, *, name: str, actor: Any) -> None:
        self.name = name
        self._actor = actor

    async def run(
        self, source: str, listen: Callable[[Message], None], *, timeout: float | None = None
    ) -> Message:
        """Run a cell; `listen` gets each IOPub message as it comes. The reply's content.

        Raises KernelDied; TimeoutError after having interrupted the cell.
        """
        with _death(self.name):
            async for reference in self._actor.run.remote(source, timeout):
                kind, body = await reference
                if kind == "said":
                    for message in body:
                        listen(message)
                else:
                    reply: Message = _opened(kind, body)
                    return reply
        raise KernelDied(f"{self.name} went away without a reply")

    async def ask(self, expression: str) -> Any:
        """The value, as JSON, of a Python expression in the kernel, outside of its history."""
        with _death(self.name):
            return _opened(*await self._actor.ask.remote(expression))

    async def interrupt(self) -> None:
        """Interrupt the running cell, as Jupyter does."""
        with _death(self.name):
            await self._actor.interrupt.remote()

    async def stop(self, now: bool = False) -> None:
        """End the kernel, what it started, and the actor, which may be gone already."""
        import ray

        with suppress(ray.exceptions.RayError, TimeoutError):
            async with asyncio.timeout(STOP_TIMEOUT):
                await self._actor.stop.remote(now)
        with suppress(ray.exceptions.RayError, ValueError):
            ray.kill(self._actor)


class Owner:
    """The far end: an actor that owns a kernel on its node. What it returns says what it is."""

    def __init__(self) -> None:
        # A second that this process, which is ours, need not spend on a parser it won't use.
        sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
        self._kernel: Kernel | None = None

    async def start(self, launch: Launch, driver: dict[str, str], machine: str) -> tuple[str, str]:
        """The worker's name, when its kernel answers."""
        import ray

        from mlops_lab.backends.executors.kernel import Kernel

        context = ray.get_runtime_context()
        asked = {"RAY_ADDRESS": context.gcs_address, **launch.env}
        same = machine == _machine()
        env = environment.on_ray(driver, os.environ, asked, same_machine=same)
        os.environ.update({k: v for k, v in env.items() if k.startswith("JUPYTER")})
        try:
            self._kernel = await Kernel.start(launch, env)
        except BackendError as error:
            return "error", f"{error} (on node {_address()})"
        return "name", f"ray {_address()} actor {context.get_actor_id()[:8]}"

    async def run(self, source: str, timeout: float | None) -> AsyncIterator[tuple[str, Any]]:
        """Batches of messages as they come, then the outcome."""
        waiting: list[Message] = []
        news, room = asyncio.Event(), asyncio.Event()

        def listen(message: Message) -> None:
            waiting.append(_portable(message))
            news.set()

        async def pause() -> None:
            while len(waiting) >= BATCH:
                room.clear()
                await room.wait()

        cell = asyncio.ensure_future(
            _outcome(self._own().run(source, listen, timeout=timeout, pause=pause))
        )
        cell.add_done_callback(lambda _: news.set())
        while not cell.done() or waiting:
            await news.wait()
            news.clear()
            batch, waiting[:] = waiting[:], []
            room.set()
            if batch:
                yield "said", batch
        yield cell.result()

    async def ask(self, expression: str) -> tuple[str, Any]:
        """The value of an expression in the kernel."""
        return await _outcome(self._own().ask(expression))

    async def interrupt(self) -> None:
        """Interrupt the running cell."""
        await self._own().interrupt()

    async def stop(self, now: bool) -> None:
        """End the kernel and what it started."""
        await self._own().stop(now=now)

    def _own(self) -> Kernel:
        assert self._kernel is not None
        return self._kernel


async def _outcome(work: Any) -> tuple[str, Any]:
    """What came of it, as a value: Ray would wrap an exception beyond recognition."""
    try:
        return "value", await work
    except KernelDied as error:
        return "died", error.args
    except TimeoutError as error:
        return "late", str(error)
    except BackendError as error:
        return "refused", str(error)


def _opened(kind: str, body: Any) -> Any:
    match kind:
        case "died":
            raise KernelDied(*body)
        case "late":
            raise TimeoutError(body)
        case "refused":
            raise BackendError(body)
        case _:
            return body


class _death:  # noqa: N801  reads as a phrase: with _death(name)
    """The loss of actor or node, said as the death of its kernel."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        """Nothing yet."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        import ray

        if isinstance(error, ray.exceptions.RayError):
            raise KernelDied(
                f"{self._name} is lost, and its kernel with it: its process or its node ended "
                f"({_first_line(error)})"
            ) from error


def _connected() -> Any:
    """The module, connected to the cluster that is ours to use."""
    if "ray" in sys.modules and sys.modules["ray"].is_initialized():
        return sys.modules["ray"]
    address = os.environ.get("RAY_ADDRESS")
    warm = cluster.status()
    if not address:
        warm = warm if warm.running else cluster.start()
        address = warm.address
    if address == warm.address:
        # Read by Ray's native part, and by the kernel where a cell connects by itself.
        os.environ.update(cluster.credentials())
    else:
        _knock(address)
    os.environ.update(environment.PROJECT)
    before = {name: os.environ[name] for name in _SET_BY_RAY if name in os.environ}
    import ray

    ray.init(
        address=address,
        log_to_driver=False,
        logging_level=logging.ERROR,
        configure_logging=True,
        namespace="mlops-lab",
    )
    # What Ray sets for itself is for no kernel: there `breakpoint()` would wait for Ray's debugger.
    for name in _SET_BY_RAY:
        os.environ.pop(name, None)
    os.environ.update(before)
    return ray


def _knock(address: str) -> None:
    """Raise BackendError where nobody listens at HOST:PORT: Ray itself would wait for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdigit():
        return  # "auto" and its like: Ray knows what they mean
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=KNOCK_PATIENCE).close()
    except OSError as error:
        raise BackendError(
            f"no Ray answers at {address} (RAY_ADDRESS): {error}. Start it, unset RAY_ADDRESS to "
            "use a local one, or run with '--executor local'"
        ) from error


def _options(resources: Resources) -> dict[str, Any]:
    """What an actor asks of Ray; a worker of which nothing is asked takes no slot."""
    options: dict[str, Any] = {
        "num_cpus": resources.cpus or 0,
        "num_gpus": resources.gpus or 0,
        "max_restarts": 0,
        "max_task_retries": 0,
    }
    if resources.memory:
        options["memory"] = resources.memory
    if resources.accelerator:
        options["accelerator_type"] = resources.accelerator
    if custom := {name: count for name, count in resources.custom if count}:
        options["resources"] = custom
    return options


def _node(resources: dict[str, float]) -> Node:
    custom = {
        name: amount
        for name, amount in resources.items()
        if name not in _STANDARD and not name.startswith((_ACCELERATOR, "node:"))
    }
    return Node(
        cpus=resources.get("CPU", 0.0),
        gpus=resources.get("GPU", 0.0),
        memory=int(resources.get("memory", 0)),
        accelerators=tuple(
            name.removeprefix(_ACCELERATOR) for name in resources if name.startswith(_ACCELERATOR)
        ),
        custom=tuple(sorted(custom.items())),
    )


def _portable(message: Message) -> Message:
    """The message with its buffers as bytes: views of a socket's memory can't travel."""
    if not message.get("buffers"):
        return message
    return {**message, "buffers": [bytes(buffer) for buffer in message["buffers"]]}


def _machine() -> str:
    """The same for two processes that share files, programs and users."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    with suppress(OSError):
        return f"{socket.gethostname()} {boot.read_text().strip()} {os.getuid()}"
    return f"{socket.gethostname()} {os.getuid()}"


def _address() -> str:
    import ray

    return str(ray.util.get_node_ip_address())


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
