"""The far end of a worker on Ray: an actor that owns a kernel on its node."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops_lab.backends.executors import environment
from mlops_lab.errors import BackendError
from mlops_lab.interfaces import KernelDied, Launch, Message

if TYPE_CHECKING:
    from mlops_lab.backends.executors.kernel import Kernel
    from mlops_lab.backends.executors.relay import FarEnd, Said

BATCH = 100
"""So many messages may wait in the actor before the kernel is slowed down."""


class Owner:
    """Owns a kernel on its node. What it returns says what it is."""

    def __init__(self) -> None:
        # A second that this process, which is ours, need not spend on a parser it won't use.
        sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
        self._kernel: Kernel | None = None
        self._relay: FarEnd | None = None

    async def start(self, launch: Launch, driver: dict[str, str], machine: str) -> tuple[str, str]:
        """The worker's name, when its kernel answers."""
        import ray

        from mlops_lab.backends.executors.kernel import Kernel

        context = ray.get_runtime_context()
        asked = {"RAY_ADDRESS": context.gcs_address, **launch.env}
        same = machine == this_machine()
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

    async def share(self, machine: str) -> tuple[str, Any]:
        """The kernel's connection file, and whether it is of use on that machine.

        Where it isn't, `say` and `hear` carry what goes through the kernel's sockets.
        """
        kind, body = await _outcome(self._own().let_go())
        if kind != "value":
            return kind, body
        same = machine == this_machine()
        if not same:
            from mlops_lab.backends.executors.relay import FarEnd

            self._relay = FarEnd(body)
        return kind, (body, same)

    async def say(self, batch: list[Said]) -> None:
        """Say to the kernel what clients on the other machine have said."""
        assert self._relay is not None
        await self._relay.say(batch)

    async def hear(self) -> list[Said]:
        """What the kernel has said to them since the last time."""
        assert self._relay is not None
        return await self._relay.hear()

    async def ended(self) -> None:
        """Wait until the kernel is gone."""
        await self._own().ended()

    async def stop(self, now: bool) -> None:
        """End the kernel and what it started."""
        if self._relay is not None:
            self._relay.close()
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


def _portable(message: Message) -> Message:
    """The message with its buffers as bytes: views of a socket's memory can't travel."""
    if not message.get("buffers"):
        return message
    return {**message, "buffers": [bytes(buffer) for buffer in message["buffers"]]}


def this_machine() -> str:
    """The same for two processes that share files, programs and users."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    with suppress(OSError):
        return f"{socket.gethostname()} {boot.read_text().strip()} {os.getuid()}"
    return f"{socket.gethostname()} {os.getuid()}"


def _address() -> str:
    import ray

    return str(ray.util.get_node_ip_address())
