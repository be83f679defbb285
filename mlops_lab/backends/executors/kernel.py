"""A Jupyter kernel on this machine, and all that it starts."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import threading
import uuid
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from jupyter_client.manager import AsyncKernelManager

from mlops_lab.backends import private
from mlops_lab.backends.executors import kernelspec, processes
from mlops_lab.backends.executors.death import Exit
from mlops_lab.errors import BackendError
from mlops_lab.interfaces import KernelDied, Launch, Message

if TYPE_CHECKING:
    from mlops_lab.backends.executors.nbclient import CellClient, Listen

INTERRUPT_GRACE = 5.0
SHUTDOWN_GRACE = 2.5

_PREPARE = Path(__file__).with_name("inside.py")


class Kernel:
    """A worker: a Jupyter kernel that talks through sockets which only its owner can reach."""

    def __init__(self, manager: Any, folder: Path, log: IO[bytes], mark: str) -> None:
        self.name = ""
        self._manager = manager
        self._folder = folder
        self._log = log
        self._mark = mark
        self._client: Any = None
        self._cells: CellClient | None = None
        self._ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._turn = asyncio.Lock()
        self._in_cell = False
        self._beside: dict[str, asyncio.Future[Message]] = {}
        self._listening: asyncio.Task[None] | None = None
        self._stopping: asyncio.Task[None] | None = None
        self._python = False

    @classmethod
    async def start(cls, launch: Launch, env: Mapping[str, str]) -> Kernel:
        """A kernel that answers; `env` is all that it sees. Raises BackendError."""
        folder = private.folder()
        log = (folder / "log").open("wb")
        manager = AsyncKernelManager(
            kernel_name=launch.kernel,
            kernel_spec_manager=KernelSpecManager(kernel_dirs=kernelspec.folders()),
            transport="ipc",
            ip=str(folder / "k"),
            connection_file=str(folder / "connection.json"),
        )
        # Zmq counts messages, not bytes: few may wait, each can hold megabytes.
        manager.context.setsockopt(_option("RCVHWM"), 32)
        # The sockets appear while we knock: knock again after 5 ms, not after zmq's 100.
        manager.context.setsockopt(_option("RECONNECT_IVL"), 5)
        mark = uuid.uuid4().hex
        kernel = cls(manager, folder, log, mark)
        try:
            await kernel._start(launch, {**env, processes.MARK: mark})
        except BaseException as error:
            message = kernel._why_not(launch, error)
            await kernel.stop(now=True)
            if isinstance(error, Exception) and not isinstance(error, BackendError):
                raise BackendError(message) from error
            raise
        return kernel

    async def _start(self, launch: Launch, env: dict[str, str]) -> None:
        manager = self._manager
        arguments = ["--HistoryManager.hist_file=:memory:"] if manager.ipykernel else []
        # A kernel inherits what is blocked here, as Ray does it, and could not be interrupted.
        before = signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        try:
            await manager.start_kernel(
                extra_arguments=arguments,
                cwd=str(launch.cwd),
                env=env,
                stdout=self._log,
                stderr=self._log,
            )
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        self.name = f"kernel {self.pid}"
        threading.Thread(target=self._await_end, args=(_loop(),), daemon=True).start()
        self._client = client = manager.client()
        client.start_channels(stdin=False, hb=False)
        client.allow_stdin = False
        from mlops_lab.backends.executors.nbclient import CellClient  # while the kernel starts

        async with asyncio.timeout(launch.startup_timeout):
            info = await self._unless_ended(self._connected())
        self._cells = CellClient(km=manager, kc=client, ended=self._ended)
        self._python = info["language_info"]["name"] == "python"
        if self._python:
            told = await self._unless_ended(self._tell(_PREPARE.read_text()))
            self._python = told["status"] == "ok"  # another Python kernel than ipykernel can't
        else:
            self._cells.iopub_timeout = 60

    async def _connected(self) -> Message:
        """What the kernel says of itself, once its outputs reach us too."""
        while True:
            asked = self._client.kernel_info()
            reply = await self._answer(asked)
            with suppress(TimeoutError):
                async with asyncio.timeout(0.2):
                    await self._client.iopub_channel.get_msg()
                return reply

    @property
    def pid(self) -> int:
        """The kernel's process."""
        return int(self._manager.provisioner.pid)

    async def run(
        self,
        source: str,
        listen: Listen,
        *,
        timeout: float | None = None,
        pause: Callable[[], Awaitable[None]] | None = None,
    ) -> Message:
        """Run a cell; `listen` gets each IOPub message as it comes. The reply's content.

        `pause` is awaited after each message: the way to slow a kernel down. Raises KernelDied;
        TimeoutError after having interrupted the cell.
        """
        from mlops_lab.backends.executors.nbclient import DeadKernelError

        async with self._turn:
            self._check()
            assert self._cells is not None
            task = asyncio.ensure_future(self._cells.run(source, listen, pause))
            self._in_cell = True
            try:
                await asyncio.wait({task}, timeout=timeout)
                if not task.done():
                    assert timeout is not None
                    await self._overdue(task, timeout)
                return await task
            except DeadKernelError:
                raise self._died() from None
            finally:
                self._in_cell = False
                task.cancel()
                with suppress(asyncio.CancelledError, Exception):
                    await task

    async def _overdue(self, task: asyncio.Future[Message], timeout: float) -> None:
        """Interrupt the cell, kill the kernel if that doesn't help. Always raises."""
        message = f"the cell was interrupted after {timeout:g} s"
        await self.interrupt()
        await asyncio.wait({task}, timeout=INTERRUPT_GRACE)
        if not task.done():
            await self._manager.provisioner.kill()
            await self._ended
            message += ", did not react, and its kernel was ended"
        raise TimeoutError(message)

    async def ask(self, expression: str) -> Any:
        """The value, as JSON, of a Python expression in the kernel, outside of its history.

        Beside a running cell it is answered at once, in another thread of the kernel. Raises
        KernelDied, and BackendError with the kernel's traceback.
        """
        if self._in_cell:
            self._check()
            answer = await self._ask_beside(self._question(expression))
        else:
            async with self._turn:
                self._check()
                question = self._question(expression)
                await self._send(self._client.shell_channel, question)
                answer = await self._unless_ended(self._answer(question["header"]["msg_id"]))
        if not answer["ok"]:
            raise BackendError(f"{self.name} could not answer:\n{answer['text']}")
        return json.loads(answer["text"])

    def _question(self, expression: str) -> Message:
        if not self._python:
            raise BackendError(f"{self.name} is no IPython kernel, so it can't be asked")
        question: Message = self._client.session.msg("mlops_request", {"expression": expression})
        return question

    async def _ask_beside(self, question: Message) -> Message:
        """Ask through the control channel, which the kernel reads in a thread of its own."""
        asked = question["header"]["msg_id"]
        answered = self._beside[asked] = asyncio.get_running_loop().create_future()
        if self._listening is None:
            self._listening = asyncio.ensure_future(self._listen_beside())
        try:
            await self._send(self._client.control_channel, question)
            return await self._unless_ended(answered)
        finally:
            del self._beside[asked]

    async def _send(self, channel: Any, message: Message) -> None:
        """Send as asyncio's socket does.

        The session would send past it; who waits for an answer on the same socket may then never
        hear that one came: zmq tells once that there is something to read, and sending hears it.
        """
        await channel.socket.send_multipart(self._client.session.serialize(message))

    async def _listen_beside(self) -> None:
        """Hand each answer from the control channel to who asked: several may be waiting."""
        channel = self._client.control_channel
        while not channel.socket.closed:
            with suppress(ValueError):  # a message that can't be read
                reply = await channel.get_msg()
                answered = self._beside.get(reply["parent_header"].get("msg_id", ""))
                if answered is not None and not answered.done():
                    answered.set_result(reply["content"])

    async def _tell(self, code: str) -> Message:
        return await self._answer(self._client.execute(code, silent=True, store_history=False))

    async def _answer(self, asked: str) -> Message:
        while True:
            reply = await self._client.shell_channel.get_msg()
            if reply["parent_header"].get("msg_id") == asked:
                content: Message = reply["content"]
                return content

    async def interrupt(self) -> None:
        """Interrupt the running cell, as Jupyter does."""
        if not self._ended.done():
            await self._manager.interrupt_kernel()

    async def share(self, place: Path) -> None:
        """Write a connection file, which only its owner can read; we use the kernel no more.

        Raises KernelDied.
        """
        private.write(place, await self.let_go())

    async def let_go(self) -> bytes:
        """Its connection file, for others to talk to it; we use the kernel no more.

        Nor do we listen to it: a reader who doesn't read would be waited for. Raises KernelDied.
        """
        self._check()
        await self._hang_up()
        return Path(self._manager.connection_file).read_bytes()

    async def ended(self) -> None:
        """Wait until the kernel is gone."""
        await asyncio.shield(self._ended)

    async def stop(self, *, now: bool = False) -> None:
        """End the kernel and every process that it started; `now` gives it no time to tidy up.

        Otherwise the kernel runs its exit handlers and closes its files, as any Python does.
        """
        if self._stopping is None:
            self._stopping = asyncio.ensure_future(self._stop(now))
        await asyncio.shield(self._stopping)

    async def _stop(self, now: bool) -> None:
        kin = []
        if self._manager.has_kernel:
            kin = processes.family(self.pid, self._mark)
            if not now and not self._ended.done():
                await self._shut_down()
            kin += processes.family(self.pid, self._mark)
            await processes.end(set(kin), now=now)
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._ended), 1.0)
        await self._hang_up()
        await self._manager.cleanup_resources()
        self._log.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    async def _hang_up(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait({self._listening})
        if self._cells is not None:
            await self._cells.close()
        if self._client is not None:
            self._client.stop_channels()
        self._listening = self._cells = self._client = None

    async def _shut_down(self) -> None:
        if self._turn.locked():
            await self.interrupt()
        await self._manager.request_shutdown()
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._ended), SHUTDOWN_GRACE)

    def _await_end(self, loop: asyncio.AbstractEventLoop) -> None:
        code = self._manager.provisioner.process.wait()

        def settle() -> None:
            if not self._ended.done():
                self._ended.set_result(code)

        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle)

    async def _unless_ended(self, wanted: Awaitable[Message]) -> Message:
        task: asyncio.Future[Any] = asyncio.ensure_future(wanted)
        either: set[asyncio.Future[Any]] = {task, self._ended}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                reply: Message = task.result()
                return reply
            raise self._died()
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task

    def _check(self) -> None:
        if self._ended.done():
            raise self._died()
        if self._stopping is not None:
            raise KernelDied(f"{self.name} was stopped")

    def _died(self) -> KernelDied:
        end = Exit(self._ended.result())
        return KernelDied(f"{self.name} {end}{self._last_words()}", end.signal)

    def _last_words(self) -> str:
        """What the process wrote where no cell sees it: a fault's dump, a loader's error."""
        with suppress(OSError):
            lines = (self._folder / "log").read_text("utf-8", "replace").strip().splitlines()
            if lines:
                return ":\n" + "\n".join(lines[-12:])
        return ""

    def _why_not(self, launch: Launch, error: BaseException) -> str:
        match error:
            case NoSuchKernel():
                known = ", ".join(sorted(KernelSpecManager().find_kernel_specs())) or "none"
                return f"no kernel '{launch.kernel}' is installed here; there are: {known}"
            case TimeoutError():
                what = f"did not answer within {launch.startup_timeout:g} s"
                return f"kernel '{launch.kernel}' {what}{self._last_words()}"
            case KernelDied():
                return f"kernel '{launch.kernel}' could not start: {error}"
            case _:
                return f"kernel '{launch.kernel}' could not start in {launch.cwd}: {error}"


def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()


def _option(name: str) -> int:
    import zmq

    return int(getattr(zmq, name))
