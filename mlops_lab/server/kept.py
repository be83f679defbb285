"""The kernel of a failed step among Jupyter Server's own, which it is not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from jupyter_client.ioloop import AsyncIOLoopKernelManager
from jupyter_server.gateway.managers import GatewayMappingKernelManager
from jupyter_server.prometheus.metrics import KERNEL_CURRENTLY_RUNNING_TOTAL

from mlops_lab.errors import UsageError

LOOK = 1.0
"""Seconds between looks at whether the kernel is still kept, while somebody talks to it."""

Told = Callable[[], object]


class KeptKernel(AsyncIOLoopKernelManager):
    """A kernel that a run's driver keeps. It may be asked, interrupted and let go, not restarted.

    `release` makes the driver let it go; whoever shuts the kernel down calls that.
    """

    def __init__(self, release: Callable[[], object], **known: Any) -> None:
        super().__init__(owns_kernel=False, **known)
        self._release = release
        self._told: list[tuple[str, Told]] = []
        self.gone = False
        self.execution_state, self.reason = "idle", ""
        self.ready.set_result(None)

    @property
    def last_activity(self) -> datetime:
        """Now: it has a time limit of its own, so that it is never culled as idle."""
        return datetime.now(UTC)

    @last_activity.setter
    def last_activity(self, when: datetime) -> None:
        """The server says when the kernel said something; that changes nothing."""

    async def is_alive(self) -> bool:
        """Whether it is still kept, as far as is known."""
        return not self.gone

    async def interrupt_kernel(self) -> None:
        """Stop what it does now, by a message: its process is the driver's."""
        control: Any = self.connect_control()
        self.session.send(control, "interrupt_request")
        control.flush()
        control.close(linger=1000)

    async def restart_kernel(self, now: bool = False, **_: Any) -> None:
        """Raises RuntimeError: its variables are what it is kept for."""
        raise RuntimeError("a failed step's kernel can't be restarted; close its console instead")

    async def shutdown_kernel(self, now: bool = False, restart: bool = False) -> None:
        """Let it go. It may be gone already."""
        self.gone = True
        with suppress(UsageError):
            await asyncio.to_thread(self._release)

    def add_restart_callback(self, callback: Told, event: str = "restart") -> None:
        """Who listens is told when it is `dead`."""
        self._told.append((event, callback))

    def remove_restart_callback(self, callback: Told, event: str = "restart") -> None:
        """Who has left is told nothing."""
        with suppress(ValueError):
            self._told.remove((event, callback))

    def tell(self) -> None:
        """Say that it is gone."""
        self.gone, self.execution_state = True, "dead"
        for event, callback in list(self._told):
            if event == "dead":
                callback()


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A kept kernel that the server knows, and who watches for its end."""

    kernel: KeptKernel
    watch: asyncio.Task[None]


class KeptKernels:
    """The kept kernels that Jupyter Server's `kernels` know; it must not end them by itself."""

    def __init__(self, kernels: Any) -> None:
        self._kernels = kernels
        self._known: dict[str, Known] = {}

    def admit(
        self, connection: Path, release: Callable[[], object], kept: Callable[[], bool]
    ) -> str:
        """Make the kernel known to the server; its id, which is always the same.

        `kept` says whether it is still there. Raises UsageError where the server's kernels are on
        another machine.
        """
        if isinstance(self._kernels, GatewayMappingKernelManager):
            raise UsageError(
                "this server's kernels are behind a gateway, the failed step's is not; "
                f"talk to it from a shell: jupyter console --existing {connection}"
            )
        kernel_id = str(uuid5(NAMESPACE_URL, connection.as_uri()))
        if kernel_id in self._known:
            return kernel_id
        kernel = self._made(connection, release)
        kernel.kernel_id = kernel_id
        self._kernels._kernels[kernel_id] = kernel
        self._kernels._kernel_connections[kernel_id] = 0
        self._kernels._kernel_ports[kernel_id] = kernel.ports
        self._kernels.start_watching_activity(kernel_id)
        KERNEL_CURRENTLY_RUNNING_TOTAL.labels(type=kernel.kernel_name).inc()
        watch = asyncio.create_task(self._look(kernel_id, kernel, kept))
        self._known[kernel_id] = Known(kernel=kernel, watch=watch)
        return kernel_id

    def forget(self, connection: Path) -> None:
        """The kernel has been let go."""
        self._end(str(uuid5(NAMESPACE_URL, connection.as_uri())))

    async def close(self) -> None:
        """Take them away from the server, which ends what it still knows; they stay kept."""
        watches = [known.watch for known in self._known.values()]
        for kernel_id in list(self._known):
            self._drop(kernel_id)
        await asyncio.gather(*watches, return_exceptions=True)

    def _made(self, connection: Path, release: Callable[[], object]) -> KeptKernel:
        info = json.loads(connection.read_text(encoding="utf-8"))
        kernels = self._kernels
        kernel = KeptKernel(
            release,
            parent=kernels,
            log=kernels.log,
            context=kernels.context,
            kernel_name=info.get("kernel_name") or "python3",
        )
        kernel.load_connection_info(info)
        return kernel

    async def _look(self, kernel_id: str, kernel: KeptKernel, kept: Callable[[], bool]) -> None:
        # Who keeps it is no child of ours, so its end can't be waited for everywhere.
        while not kernel.gone and await asyncio.to_thread(kept):
            await asyncio.sleep(LOOK)
        self._end(kernel_id)

    def _end(self, kernel_id: str) -> None:
        known = self._known.get(kernel_id)
        if known is not None:
            known.kernel.tell()
            self._drop(kernel_id)

    def _drop(self, kernel_id: str) -> None:
        known = self._known.pop(kernel_id)
        if known.watch is not asyncio.current_task():
            known.watch.cancel()
        if kernel_id in self._kernels:  # else the server has shut it down
            self._kernels.stop_watching_activity(kernel_id)
            self._kernels.stop_buffering(kernel_id)
            self._kernels.remove_kernel(kernel_id)
            self._kernels._kernel_connections.pop(kernel_id, None)
            self._kernels._kernel_ports.pop(kernel_id, None)
            KERNEL_CURRENTLY_RUNNING_TOTAL.labels(type=known.kernel.kernel_name).dec()
