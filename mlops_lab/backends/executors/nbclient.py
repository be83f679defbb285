"""Cells run by nbclient, their messages handed on instead of stored."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete, DeadKernelError
from nbformat import NotebookNode

from mlops_lab.interfaces import Message

Listen = Callable[[Message], None]

_OUTPUTS = frozenset({"stream", "display_data", "execute_result", "error"})


class CellClient(NotebookClient):
    """Runs one cell after the other in one kernel.

    Of nbclient it keeps how a cell is sent, how its reply and the end of its messages are awaited,
    and how Output widgets capture what is printed into them; it stores nothing else.
    """

    def __init__(self, *, km: Any, kc: Any, ended: asyncio.Future[int]) -> None:
        super().__init__(
            NotebookNode(cells=[None]), km=km, allow_errors=True, record_timing=False, timeout=None
        )
        self.kc = kc
        self.ended = ended
        self.iopub_timeout = 10**9
        self.on_cell_executed = self._replied
        self._listen: Listen = _ignore
        self._pause: Callable[[], Awaitable[None]] | None = None
        self._reply: Message = {}
        self._watch: asyncio.Task[Any] | None = None
        self._heard = 0
        self._asked: tuple[str, asyncio.Future[None], NotebookNode] | None = None
        # Set while it is known whose the messages are: no cell is being sent.
        self._known = asyncio.Event()
        self._known.set()
        self._reader = asyncio.ensure_future(self._read())

    async def close(self) -> None:
        """Read no more."""
        self._reader.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await self._reader

    async def run(
        self,
        source: str,
        listen: Listen,
        pause: Callable[[], Awaitable[None]] | None = None,
    ) -> Message:
        """The content of the reply to a cell. Raises DeadKernelError.

        `pause` is awaited after each message, so that who can't follow may slow the kernel down.
        """
        self._listen, self._pause = listen, pause
        self._known.clear()
        self._reply = {"status": "ok"}
        cell = NotebookNode(cell_type="code", source=source, metadata=NotebookNode(), outputs=[])
        try:
            await self.async_execute_cell(cell, 0)
        finally:
            if self._watch is not None:
                self._watch.cancel()
                with suppress(asyncio.CancelledError):
                    await self._watch
            self._asked = None
            self._known.set()
            self._listen, self._pause = _ignore, None
        return self._reply

    def _replied(self, *, cell: Any, cell_index: int, execute_reply: Message) -> None:
        self._reply = execute_reply["content"]

    async def _async_poll_kernel_alive(self) -> None:
        self._watch = asyncio.current_task()
        await asyncio.shield(self.ended)
        # What the kernel said last is still on its way through the socket.
        heard = -1
        while heard != self._heard:
            heard = self._heard
            await asyncio.sleep(0.05)
        if self.task_poll_for_reply is not None:
            self.task_poll_for_reply.cancel()

    async def _async_poll_output_msg(
        self, parent_msg_id: str, cell: NotebookNode, cell_index: int
    ) -> None:
        del cell_index
        finished = asyncio.get_running_loop().create_future()
        self._asked = (parent_msg_id, finished, cell)
        self._known.set()
        await finished

    async def _read(self) -> None:
        """Read all that the kernel says, between cells too: unread, it would hold the kernel up."""
        assert self.kc is not None
        while True:
            try:
                msg: Message = await self.kc.iopub_channel.get_msg(timeout=None)
            except Exception as error:  # noqa: BLE001  a message that can't be read
                self._finish(error)
                if self.kc.iopub_channel.socket.closed:
                    return
                continue
            self._heard += 1
            await self._known.wait()
            if self._asked is None or msg["parent_header"].get("msg_id") != self._asked[0]:
                continue
            try:
                self.process_message(msg, self._asked[2], 0)
                if self._pause is not None:
                    await self._pause()
            except CellExecutionComplete:
                self._finish()
            except Exception as error:  # noqa: BLE001  it belongs to who listens
                self._finish(error)

    def _finish(self, error: Exception | None = None) -> None:
        """The cell has said all, or what it said can't be handed on."""
        asked, self._asked = self._asked, None
        if asked is None or asked[1].done():
            return
        if error is None:
            asked[1].set_result(None)
        else:
            asked[1].set_exception(error)

    def process_message(self, msg: Message, cell: NotebookNode, cell_index: int) -> None:
        """Hand the message on, but for what an Output widget captures."""
        kind = msg["msg_type"]
        if kind.startswith("comm"):
            self.handle_comm_msg(cell.outputs, msg, cell_index)
        hooks = self.output_hook_stack.get(msg["parent_header"]["msg_id"])
        if hooks and (kind in _OUTPUTS or kind == "clear_output"):
            widget = hooks[-1]
            if kind == "clear_output":
                widget.clear_output(cell.outputs, msg, cell_index)
            else:
                widget.output(cell.outputs, msg, None, cell_index)
            self._listen(_captured(msg, widget))
            return
        self._listen(msg)
        if kind == "status" and msg["content"]["execution_state"] == "idle":
            raise CellExecutionComplete

    def on_comm_open_jupyter_widget(self, msg: Message) -> Any:
        """An Output widget that answers the kernel while a reply is awaited."""
        widget = super().on_comm_open_jupyter_widget(msg)
        if widget is not None:
            widget.kernel_client = _Sender(self.kc)
        return widget


class _Sender:
    """A client's shell channel, to send on while somebody waits there for a reply.

    The session sends past asyncio's socket, which may then miss that a reply came: a cell that
    prints into an Output widget would never end.
    """

    def __init__(self, client: Any) -> None:
        self.session = client.session
        self.shell_channel = self
        self._socket = client.shell_channel.socket

    def send(self, msg: Message) -> None:
        """Send the message."""
        self._socket.send_multipart(self.session.serialize(msg))


def _captured(msg: Message, widget: Any) -> Message:
    """The message by which an Output widget's state says what it captured.

    The front end writes that state, so no kernel sends it; here we are the front end.
    """
    state = {"outputs": [dict(output) for output in widget.outputs]}
    data = {"method": "update", "state": state, "buffer_paths": []}
    return {
        "header": {**msg["header"], "msg_type": "comm_msg"},
        "msg_type": "comm_msg",
        "msg_id": msg["msg_id"],
        "parent_header": msg["parent_header"],
        "metadata": {},
        "content": {"comm_id": widget.comm_id, "data": data},
        "buffers": [],
    }


def _ignore(msg: Message) -> None:
    """Outside of a cell nobody listens."""


__all__ = ["CellClient", "DeadKernelError", "Listen"]
