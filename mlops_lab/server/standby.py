"""A driver that stands by: `python -m mlops_lab.server.standby [NOTEBOOK EXECUTOR]`.

With a notebook it has imported what a run needs and has a kernel of the executor ready, for which
Ray is started where there is none; it has opened nothing of the project. It takes orders as lines
of JSON on standard input: `{"kind": "ask", "words", "cwd"}` is answered and it goes on waiting;
`{"kind": "run", "words", "cwd"}` makes it the driver of that run, and it ends with it;
`{"kind": "stay"}` says that somebody is still there. It says the answer, and of a run how it began,
on standard output, in the words of `commands.wire`. It ends when nobody orders anything for as long
as the setting `warm_for` says, and when its owner is gone.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stdout, suppress
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from mlops_lab.cli import leave_out_slow_parsers
from mlops_lab.commands.call import call
from mlops_lab.commands.detached import followed, python
from mlops_lab.commands.place import Place
from mlops_lab.commands.wire import heard
from mlops_lab.errors import BackendError, MlopsError
from mlops_lab.records.events import RunStarted

NEEDED = (
    "mlops_lab.backends.executors.kernel",
    "mlops_lab.commands.run",
    "mlops_lab.commands.runs",
    "mlops_lab.workbench",
    "mlops_lab.services.runs",
    "mlops_lab.services.history",
    "mlops_lab.backends.executors.nbclient",
    "mlops_lab.backends.records.sql",
    "papermill.execute",
    "papermill.parameterize",
    "sqlalchemy.dialects.sqlite",
)
"""What a run imports, the kernel's part first."""


class Beginning(io.TextIOBase):
    """What a driver says until its run has begun; nothing from then on.

    So nobody who has stopped listening can hold it up.
    """

    def __init__(self, stream: IO[str]) -> None:
        self._stream: IO[str] | None = stream

    def write(self, text: str) -> int:
        """Say it, if the run has not begun. Raises OSError where nobody listens."""
        if self._stream is not None:
            self._stream.write(text)
            self._stream.flush()
            if isinstance(heard(text), RunStarted):
                self._stream.close()
                self._stream = None
        return len(text)


class Standby:
    """One driver and its ready kernel. `orders` and `said` are the two ends of its owner."""

    def __init__(self, runner: asyncio.Runner, orders: IO[str], said: IO[str]) -> None:
        self._runner = runner
        self._orders = orders
        self._said = said
        self._reader: asyncio.StreamReader | None = None
        self._idle: float | None = None
        self._ready: Any = None

    def get_ready(self, notebook: Path, executor: str) -> None:
        """Start the kernel of a notebook, and import what a run needs while it starts."""
        from mlops_lab.compiler.language import language
        from mlops_lab.notebook.read import read
        from mlops_lab.services.executors import find_executor
        from mlops_lab.services.ready import ReadyKernel
        from mlops_lab.settings import find_root, read_settings

        settings = read_settings(find_root(notebook))
        self._idle = settings.warm_for
        for module in NEEDED[:1]:
            import_module(module)
        ours = executor in {"local", "ray"}
        self._ready = ReadyKernel(self._runner, find_executor(executor if ours else "local"))
        spoken = language(read(notebook))
        if ours and spoken.python:
            self._runner.run(self._begin(spoken.kernel, notebook.parent))
        for module in NEEDED[1:]:
            import_module(module)

    async def _begin(self, kernel: str, cwd: Path) -> None:
        place = _warm_ray() if self._ready.executor.name == "ray" else None
        self._ready.start(kernel, cwd, place)
        for _ in range(20):  # until its process is there, which then starts beside our imports
            await asyncio.sleep(0)

    async def next(self) -> dict[str, Any] | None:
        """The next order; None where there won't be any."""
        if self._reader is None:
            self._reader = asyncio.StreamReader(limit=2**24)
            protocol = asyncio.StreamReaderProtocol(self._reader)
            await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, self._orders)
        with suppress(TimeoutError):
            async with asyncio.timeout(self._idle):
                line = await self._reader.readline()
            order: dict[str, Any] | None = json.loads(line) if line else None
            return order
        return None

    def serve(self) -> int:
        """Do what is ordered until a run is over or nobody orders any more; the exit code."""
        while (order := self._runner.run(self.next())) is not None:
            if order["kind"] == "stay":
                continue
            os.chdir(order["cwd"])
            if order["kind"] == "run":
                if not self._is_fit():
                    os._exit(0)  # another will do it; Ray would hold us up for its lost head
                with redirect_stdout(Beginning(self._said)):
                    return call(followed(order["words"], "panel"), Place(ready=self._ready))
            self._answer(order["words"])
        return 0

    def _is_fit(self) -> bool:
        """Whether the cluster that we are connected to is still there."""
        if self._ready is not None and self._ready.executor.name == "ray":
            try:
                self._ready.executor.offer()
            except BackendError:
                return False
        return True

    def _answer(self, words: list[str]) -> None:
        with redirect_stdout(io.StringIO()) as said:
            code = call([*words, "--json"], Place())
        answer = {"kind": "Answer", "exit_code": code, "data": json.loads(said.getvalue())}
        self._said.write(json.dumps(answer) + "\n")
        self._said.flush()

    def close(self) -> None:
        """End the kernel, if no run has taken it."""
        if self._ready is not None:
            self._runner.run(self._ready.close())


async def _warm_ray() -> None:
    """Have a Ray to connect to, started in a process of its own: we may have to go before it is."""
    from mlops_lab.services.cluster import Cluster

    if "RAY_ADDRESS" not in os.environ and not Cluster().status().running:
        words = python("mlops_lab", "cluster", "start")
        nothing = subprocess.DEVNULL
        starting = subprocess.Popen(
            words, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True
        )
        # What keeps it from starting is said when we connect. A process of asyncio's would be
        # killed with its loop, and leave half a Ray that nobody knows of.
        while starting.poll() is None:
            await asyncio.sleep(0.1)


def main() -> None:
    """Stand by."""
    leave_out_slow_parsers()
    # What we or a library print, and what is asked of a terminal, must not mix with orders.
    orders, said = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    with asyncio.Runner() as runner:
        standby = Standby(runner, orders, said)
        try:
            if len(sys.argv) == 3:
                with suppress(MlopsError):  # the run will say what is wrong with it
                    standby.get_ready(Path(sys.argv[1]), sys.argv[2])
            code = standby.serve()
        finally:
            standby.close()
    sys.exit(code)


if __name__ == "__main__":
    main()
