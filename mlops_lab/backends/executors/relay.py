"""A kernel on another machine, made to be one that can be talked to on this one.

Nothing of it listens to a network. The near end binds five sockets in a folder that only its owner
can enter, as the kernel itself did where it runs; the far end, beside the kernel, is its client.
Between them whoever owns both carries frames as they are: they are signed, and stay so.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

import zmq.asyncio
from zmq.constants import SocketType
from zmq.error import ZMQError

from mlops_lab.backends import private

BATCH = 100
"""So many messages may wait to be carried before whoever sends them is slowed down."""

_BY_CLIENT = ("shell", "control", "stdin")
_IOPUB = "iopub"

Said = tuple[str, bytes, list[bytes]]
"""A message: the channel, the client who says or hears it, the frames. All clients hear IOPub."""
Waiting = asyncio.Queue[Said]


class FarEnd:
    """Stands beside the kernel: for each client elsewhere it is one here, by the same name."""

    def __init__(self, connection: bytes) -> None:
        self._info: dict[str, Any] = json.loads(connection)
        self._context = zmq.asyncio.Context()
        self._waiting: Waiting = asyncio.Queue(BATCH)
        self._clients: dict[tuple[str, bytes], zmq.asyncio.Socket] = {}
        self._listening: set[asyncio.Task[None]] = set()
        outputs = self._context.socket(SocketType.SUB)
        outputs.subscribe(b"")
        self._connect(_IOPUB, b"", outputs)

    async def say(self, batch: Sequence[Said]) -> None:
        """Say to the kernel what clients have said."""
        for channel, client, frames in batch:
            await self._client(channel, client).send_multipart(frames)

    async def hear(self) -> list[Said]:
        """What the kernel has said since the last time, once there is something."""
        return await _batch(self._waiting)

    def close(self) -> None:
        """Talk to the kernel no more."""
        for task in self._listening:
            task.cancel()
        self._context.destroy(linger=0)

    def _client(self, channel: str, client: bytes) -> zmq.asyncio.Socket:
        known = self._clients.get((channel, client))
        if known is None:
            known = self._clients[channel, client] = self._introduced(channel, client)
            if channel == "shell":  # the kernel may ask it for input, which it must be there for
                self._client("stdin", client)
        return known

    def _introduced(self, channel: str, client: bytes) -> zmq.asyncio.Socket:
        socket = self._context.socket(SocketType.DEALER)
        socket.sndhwm = 0  # a kernel that reads no requests keeps no interrupt from it
        if client[:1] != b"\0":  # else it has given itself no name, and goes by any
            socket.routing_id = client
        self._connect(channel, client, socket)
        return socket

    def _connect(self, channel: str, client: bytes, socket: zmq.asyncio.Socket) -> None:
        socket.connect(_address(self._info, channel))
        self._listening.add(asyncio.ensure_future(self._listen(channel, client, socket)))

    async def _listen(self, channel: str, client: bytes, socket: zmq.asyncio.Socket) -> None:
        while True:
            await self._waiting.put((channel, client, await socket.recv_multipart()))


class NearEnd:
    """Stands for the kernel: `connection` is the file by which clients find its sockets.

    `say` takes what clients have said to the far end, `hear` brings what the kernel says.
    """

    def __init__(
        self,
        connection: bytes,
        say: Callable[[list[Said]], Awaitable[None]],
        hear: Callable[[], Awaitable[list[Said]]],
    ) -> None:
        self._folder = private.folder()
        ports = {f"{name}_port": at for at, name in enumerate((*_BY_CLIENT, _IOPUB, "hb"), 1)}
        here = {"transport": "ipc", "ip": str(self._folder / "k"), **ports}
        info = {**json.loads(connection), **here}
        self.connection = json.dumps(info, indent=2).encode()
        self._say = say
        self._hear = hear
        self._waiting: Waiting = asyncio.Queue(BATCH)
        self._context = zmq.asyncio.Context()
        self._beat = self._bound(info, "hb", SocketType.REP)
        self._outputs = self._bound(info, _IOPUB, SocketType.PUB)
        self._clients = {name: self._bound(info, name, SocketType.ROUTER) for name in _BY_CLIENT}
        for socket in self._clients.values():
            socket.router_handover = True  # a client that comes again takes its own place

    async def carry(self) -> None:
        """Carry what is said, both ways, until that can't be done any more. Raises why."""
        async with asyncio.TaskGroup() as work:
            for name, socket in self._clients.items():
                work.create_task(self._listen(name, socket))
            for task in (self._tell(), self._show(), self._live()):
                work.create_task(task)

    def close(self) -> None:
        """Be gone: sockets, folder and all."""
        self._context.destroy(linger=0)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _bound(self, info: dict[str, Any], channel: str, kind: int) -> zmq.asyncio.Socket:
        socket = self._context.socket(kind)
        if kind == SocketType.PUB:
            socket.sndhwm = 0  # no output is dropped for a reader who is slow
        socket.bind(_address(info, channel))
        return socket

    async def _listen(self, channel: str, socket: zmq.asyncio.Socket) -> None:
        while True:
            client, *frames = await socket.recv_multipart()
            await self._waiting.put((channel, client, frames))

    async def _tell(self) -> None:
        while True:
            await self._say(await _batch(self._waiting))

    async def _show(self) -> None:
        while True:
            for channel, client, frames in await self._hear():
                if channel == _IOPUB:
                    await self._outputs.send_multipart(frames)
                else:
                    with suppress(ZMQError):  # that client has left
                        await self._clients[channel].send_multipart([client, *frames])

    async def _live(self) -> None:
        """Answer who asks whether the kernel lives; when it doesn't, we are closed."""
        while True:
            await self._beat.send_multipart(await self._beat.recv_multipart())


async def _batch(waiting: Waiting) -> list[Said]:
    """All that waits, once there is something."""
    found = [await waiting.get()]
    while not waiting.empty():
        found.append(waiting.get_nowait())
    return found


def _address(info: dict[str, Any], channel: str) -> str:
    """Where a kernel's channel is: a port, or with `ipc` a file that is named by one."""
    sign = "-" if info["transport"] == "ipc" else ":"
    return f"{info['transport']}://{info['ip']}{sign}{info[channel + '_port']}"
