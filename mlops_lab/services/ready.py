"""A kernel that is started before anybody asks for a run, and is that of the run that comes."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from mlops_lab.backends.executors.kernelspec import command_of
from mlops_lab.errors import BackendError
from mlops_lab.interfaces import Executor, KernelDied, Launch, Offer, Worker
from mlops_lab.ir.step import Resources

RUN_ID = "MLOPS_RUN_ID"
"""What a kernel knows of the run it belongs to. A ready one has it from the start, empty, so that
it stands where it would have stood in the environment."""

_INSTALLED = {"site-packages", "dist-packages"}
_ABOUT = (
    "[__import__('sys').path, "
    "sorted({name.partition('.')[0] for name in __import__('sys').modules})]"
)


class ReadyKernel:
    """A kernel of an executor, for one run; it lives in the loop of `runner`.

    It is given away only where it is what a new one would be: the same kernelspec, folder and
    environment, and nothing that it was started from has changed since.
    """

    def __init__(self, runner: asyncio.Runner, executor: Executor) -> None:
        self.runner = runner
        self.executor = executor
        self._launch: Launch | None = None
        self._starting: asyncio.Task[Worker] | None = None
        self._about: list[list[str]] = [[], []]
        self._began: list[Any] = []

    def start(self, kernel: str, cwd: Path, place: Awaitable[None] | None = None) -> None:
        """Let one start, once there is a place for it; to be called in the loop."""
        self._launch = Launch(kernel=kernel, cwd=cwd, env={RUN_ID: ""})
        self._starting = asyncio.ensure_future(self._start(self._launch, place))

    async def _start(self, launch: Launch, place: Awaitable[None] | None) -> Worker:
        if place is not None:
            await place
        worker = await self.executor.start(launch)
        try:
            self._about = await worker.ask(_ABOUT)
            self._began = origin(launch, *self._about)
        except BaseException:
            await self.executor.stop(worker, now=True)
            raise
        return worker

    def first(self, executor: Executor) -> Executor:
        """The executor, which gives this kernel away before it starts another."""
        return _ReadyFirst(self, executor) if executor.name == self.executor.name else executor

    @property
    def there(self) -> bool:
        """Whether there is one that nobody has taken."""
        return self._starting is not None

    async def take(self, launch: Launch, *, shared: bool) -> Worker | None:
        """The kernel, if it is what the launch asks for and if it lives; it is given once.

        Where the machine is `shared` a kernel is given devices, elsewhere its resources.
        """
        starting, self._starting = self._starting, None
        if starting is None or self._launch is None:
            return None
        try:
            worker = await starting
        except (BackendError, KernelDied):
            return None
        with suppress(BackendError, KernelDied):
            if self._fits(replace(launch, resources=Resources()) if shared else launch):
                await worker.ask(f"__import__('os').environ.update({launch.env!r})")
                return worker
        await self.executor.stop(worker, now=True)
        return None

    def _fits(self, launch: Launch) -> bool:
        assert self._launch is not None
        blank = dict.fromkeys(launch.env, "")
        wanted = replace(launch, cwd=self._launch.cwd, env=blank)
        same = launch.cwd.resolve() == self._launch.cwd.resolve() and wanted == self._launch
        return same and origin(self._launch, *self._about) == self._began

    async def close(self) -> None:
        """End it, if nobody has taken it."""
        starting, self._starting = self._starting, None
        if starting is not None:
            if not starting.done():
                starting.cancel()
            with suppress(BackendError, KernelDied, asyncio.CancelledError):
                await self.executor.stop(await starting, now=True)


class _ReadyFirst:
    """An executor whose first worker is the one that is ready."""

    def __init__(self, ready: ReadyKernel, executor: Executor) -> None:
        self.name = executor.name
        self._ready = ready
        self._executor = executor

    def offer(self) -> Offer:
        """What there is to give."""
        return self._executor.offer()

    async def start(self, launch: Launch) -> Worker:
        """The ready worker if it fits, else a new one."""
        if self._ready.there:
            offer = await asyncio.to_thread(self._executor.offer)
            if (ready := await self._ready.take(launch, shared=offer.shared)) is not None:
                return ready
        return await self._executor.start(launch)

    async def stop(self, worker: Worker, *, now: bool = False) -> None:
        """End a worker."""
        await self._executor.stop(worker, now=now)


def origin(launch: Launch, path: list[str], modules: list[str]) -> list[Any]:
    """What a kernel starts from: command, installed packages, IPython's profile, its folder.

    Of folders that hold more than packages those files count that it has imported, or that would
    stand in for what it has.
    """
    profile = Path(os.environ.get("IPYTHONDIR") or "~/.ipython").expanduser() / "profile_default"
    folders, known = [launch.cwd, *map(Path, path)], set(modules)
    return [
        command_of(launch.kernel),
        _mark(launch.cwd)[:2],
        [_mark(folder) for folder in folders if folder.name in _INSTALLED],
        [_mark(file) for folder in (profile, profile / "startup") for file in _code(folder)],
        [
            _mark(file)
            for folder in folders
            if folder.name not in _INSTALLED
            for file in _code(folder)
            if file.stem in known
        ],
    ]


def _code(folder: Path) -> Iterator[Path]:
    with suppress(OSError):
        yield from sorted(p for p in folder.iterdir() if p.suffix in {".py", ".ipy", ".json"})


def _mark(path: Path) -> tuple[str, int, int]:
    """The path, and which file it is and when it changed; zeros where there is none."""
    try:
        found = path.stat()
    except OSError:
        return (str(path), 0, 0)
    return (str(path), found.st_ino, found.st_mtime_ns)
