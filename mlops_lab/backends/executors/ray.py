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
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from mlops_lab.backends import cluster, private
from mlops_lab.backends.executors import environment
from mlops_lab.backends.executors.ray_actor import Owner, this_machine
from mlops_lab.errors import BackendError
from mlops_lab.interfaces import KernelDied, Launch, Message, Node, Offer, Worker
from mlops_lab.ir.step import Resources

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlops_lab.backends.executors.relay import NearEnd, Said

TRIES = 3
KNOCK_PATIENCE = 10.0
"""Seconds for a cluster's head to take a connection."""
STOP_TIMEOUT = 6.0
_CONNECTING = threading.Lock()
"""A process has one connection to Ray."""

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
            name = await owner.start.remote(launch, dict(os.environ), this_machine())
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
        with _CONNECTING:
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
        self._relay: NearEnd | None = None
        self._carrying: asyncio.Task[None] | None = None

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

    async def share(self, place: Path) -> None:
        """Write a connection file, which only its owner can read; we use the kernel no more.

        A kernel on another machine is talked to through the actor. Raises KernelDied, BackendError.
        """
        with _death(self.name):
            connection, same = _opened(*await self._actor.share.remote(this_machine()))
        private.write(place, connection if same else self._relayed(connection))

    def _relayed(self, connection: bytes) -> bytes:
        from mlops_lab.backends.executors.relay import NearEnd

        async def say(batch: list[Said]) -> None:
            await self._actor.say.remote(batch)

        async def hear() -> list[Said]:
            heard: list[Said] = await self._actor.hear.remote()
            return heard

        self._relay = NearEnd(connection, say, hear)
        self._carrying = asyncio.ensure_future(self._relay.carry())
        return self._relay.connection

    async def ended(self) -> None:
        """Wait until the kernel is gone, or out of reach."""
        ends: set[asyncio.Future[Any]] = {asyncio.ensure_future(self._gone())}
        if self._carrying is not None:
            ends.add(self._carrying)
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)

    async def _gone(self) -> None:
        import ray

        with suppress(ray.exceptions.RayError):
            await self._actor.ended.remote()

    async def stop(self, now: bool = False) -> None:
        """End the kernel, what it started, and the actor, which may be gone already."""
        import ray

        if self._relay is not None and self._carrying is not None:
            self._carrying.cancel()
            await asyncio.gather(self._carrying, return_exceptions=True)
            self._relay.close()
        with suppress(ray.exceptions.RayError, TimeoutError):
            async with asyncio.timeout(STOP_TIMEOUT):
                await self._actor.stop.remote(now)
        with suppress(ray.exceptions.RayError, ValueError):
            ray.kill(self._actor)


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
    known = sys.modules.get("ray")
    if known is not None and known.is_initialized():
        if not known.util.client.ray.is_connected():
            # Asked where its head is no more, Ray would wait for a minute and then end us.
            _knock(known.get_runtime_context().gcs_address)
        return known
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


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
