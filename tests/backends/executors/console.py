"""Talk to a kernel by its connection file, as a console does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.blocking import BlockingKernelClient
from jupyter_core.utils import ensure_event_loop


@contextmanager
def talking(connection: Path) -> Iterator[BlockingKernelClient]:
    client = BlockingKernelClient(connection_file=str(connection))
    client.load_connection_file()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=20)
        yield client
    finally:
        client.stop_channels()


def said(client: BlockingKernelClient, code: str, **how: Any) -> tuple[str, dict[str, Any]]:
    """What the kernel prints, and what it replies."""
    printed: list[str] = []

    def hear(message: dict[str, Any]) -> None:
        printed.append(message["content"].get("text", ""))

    reply = client.execute_interactive(code, timeout=30, output_hook=hear, **how)
    return "".join(printed), reply["content"]


def heard_of(client: BlockingKernelClient, wanted: Callable[[dict[str, Any]], bool]) -> None:
    """Wait until the client has heard it."""
    deadline = time.monotonic() + 20
    while not wanted(client.get_iopub_msg(timeout=20)):
        assert time.monotonic() < deadline


async def beside(talk: Callable[[Path], None], connection: Path) -> None:
    """Talk while our own loop goes on; the client's needs a thread, and to be closed."""

    def work() -> None:
        try:
            talk(connection)
        finally:
            ensure_event_loop().close()

    await asyncio.to_thread(work)
