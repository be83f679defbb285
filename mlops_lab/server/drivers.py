"""Runs are done by processes of their own, which outlive the server; some stand ready."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from mlops_lab.commands.detached import environment, error_in, python
from mlops_lab.commands.wire import heard
from mlops_lab.errors import BackendError, UsageError
from mlops_lab.records.events import Event, RunStarted
from mlops_lab.settings import find_root, read_settings

MOST = 2
"""So many drivers stand by at most."""
FAREWELL = 5.0
"""Seconds that those standing by have to end."""
STAY = 60.0
"""Seconds after which one that is still wanted is told so again."""


class Gone(Exception):
    """The driver ended before it had done anything; `how`, unless it did so by itself."""

    def __init__(self, how: str = "") -> None:
        super().__init__(how)
        self.how = how


class Driver:
    """A driver's process, as its owner sees it; `notebook` is the one it stands by for.

    So it does with a kernel of the `executor` ready.
    """

    def __init__(
        self, notebook: Path | None, ended: Callable[[Driver], None], executor: str = "local"
    ) -> None:
        self.notebook = notebook
        self.executor = executor
        self.turn = asyncio.Lock()
        self.told = 0.0
        self.over = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._ended = ended
        self._heard: asyncio.Queue[Event | dict[str, Any] | None] = asyncio.Queue()
        self._complaint = ""
        with tempfile.TemporaryFile() as file:  # what it complains of holds nobody up
            self._errors = os.dup(file.fileno())
        named = (str(notebook), executor) if notebook else ()
        self._process = subprocess.Popen(
            python("mlops_lab.server.standby", *named),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=environment(),
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        threading.Thread(target=self._listen, name="mlops-standby", daemon=True).start()

    def tell(self, kind: str, words: Sequence[str] = (), cwd: Path | None = None) -> None:
        """Give it an order. Raises Gone."""
        assert self._process.stdin is not None, "it was opened as a pipe"
        order = {"kind": kind, "words": list(words), "cwd": str(cwd)}
        self.told = self._loop.time()
        try:
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
        except (OSError, ValueError):
            raise Gone from None

    async def hear(self) -> Event | dict[str, Any]:
        """What it says next. Raises Gone."""
        said = await self._heard.get()
        if said is not None:
            return said
        await self.over.wait()
        raise Gone(self._how() if self._process.returncode else "")

    def fits(self, executor: str) -> bool:
        """Whether it may drive a run there: one that is connected to Ray ends when Ray does."""
        return self.executor in {"local", executor}

    def leave(self) -> None:
        """Order nothing more: one that stands by ends, one that drives a run goes on."""
        assert self._process.stdin is not None, "it was opened as a pipe"
        with suppress(OSError, ValueError):
            self._process.stdin.close()

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def _listen(self) -> None:
        assert self._process.stdout is not None, "it was opened as a pipe"
        with self._process.stdout as lines, suppress(RuntimeError):  # the loop may be closed
            for line in lines:
                said = heard(line)
                if said is not None:
                    self._loop.call_soon_threadsafe(self._heard.put_nowait, said)
        self._process.wait()
        with os.fdopen(self._errors, "rb") as errors:
            errors.seek(0)
            self._complaint = errors.read()[-4000:].decode("utf-8", "replace").strip()
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._end)

    def _end(self) -> None:
        self.leave()
        self._heard.put_nowait(None)
        self.over.set()
        self._ended(self)

    def _how(self) -> str:
        code = self._process.returncode
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        if code == -signal.SIGKILL:
            how += " (as where the machine is short of memory)"
        return f"{how}: {self._complaint}" if self._complaint else how


def _way_out(words: Sequence[str], cwd: Path) -> str:
    return f"try again; `mlops {shlex.join(words)}` in a terminal at {cwd} may say more"


def _calm() -> bool:
    """Whether half of the machine's cores have nothing to do."""
    return os.getloadavg()[0] < (os.cpu_count() or 1) / 2


def _usual(place: Path) -> tuple[str, bool]:
    """The usual executor of the project there, and whether drivers stand by for it."""
    try:
        settings = read_settings(find_root(place))
    except UsageError:
        return "", False  # the run will say what is wrong with mlops.toml
    return settings.executor, settings.warm_for > 0


def _named(words: Sequence[str], cwd: Path) -> Path | None:
    """The notebook that the words name."""
    return next(((cwd / word).absolute() for word in words if word.endswith(".ipynb")), None)


class Drivers:
    """Starts runs and asks questions, by drivers that stand by where there are some.

    While runs of ours go on, another driver is made ready only where the machine is `calm`. It is
    made ready for the executor that its notebook was last run on from here, else for its project's.
    """

    def __init__(self, calm: Callable[[], bool] = _calm) -> None:
        self._calm = calm
        self._warm: dict[Path, Driver] = {}
        self._last: dict[Path, str] = {}
        self._busy: set[Driver] = set()
        self._wanted: Path | None = None
        self._closed = False

    def expect(self, notebook: Path) -> None:
        """Somebody looks at this notebook: have a driver ready for it."""
        notebook = notebook.absolute()
        if notebook in self._warm:
            driver = self._warm[notebook] = self._warm.pop(notebook)  # the last one to go
            if driver.told + STAY < asyncio.get_running_loop().time():
                with suppress(Gone):
                    driver.tell("stay", cwd=notebook.parent)
        elif self._busy and not self._calm():
            self._wanted = notebook
        elif not self._closed:
            usual, wanted = _usual(notebook)
            if not wanted:
                return
            self._wanted = None
            while len(self._warm) >= MOST:
                self._warm.pop(next(iter(self._warm))).leave()
            self._warm[notebook] = Driver(notebook, self._ended, self._last.get(notebook, usual))

    async def run(self, words: Sequence[str], cwd: Path, executor: str | None = None) -> str:
        """Start a run, as `mlops WORDS` would; its id, once it has begun.

        `executor` is what the words, or the run that they go on with, name; None: the project's.
        Raises what kept it from beginning.
        """
        executor = executor or _usual(cwd)[0]
        if (notebook := _named(words, cwd)) is not None:
            self._last[notebook] = executor
        with suppress(Gone):  # as long as it has not begun, nothing has run
            driver = self._ready(words, cwd, executor)
            if driver is not None and driver.notebook is not None:
                del self._warm[driver.notebook]
                if driver.fits(executor):
                    return await self._begin(driver, words, cwd)
                driver.leave()
        try:
            return await self._begin(Driver(None, self._ended), words, cwd)
        except Gone as gone:
            how = f"with {gone.how}" if gone.how else "before the run began"
            raise BackendError(f"the run's process ended {how}; {_way_out(words, cwd)}") from None

    async def _begin(self, driver: Driver, words: Sequence[str], cwd: Path) -> str:
        self._busy.add(driver)
        async with driver.turn:
            driver.tell("run", words, cwd)
            driver.leave()
            said = await driver.hear()
        if isinstance(said, RunStarted):
            self._wanted = self._wanted or driver.notebook
            return said.run_id
        error = error_in(said) if isinstance(said, dict) else None
        raise error or BackendError(f"no run began by: mlops {' '.join(words)}")

    async def ask(self, words: Sequence[str], cwd: Path) -> Any:
        """What `mlops WORDS --json` answers. Raises the error that it answers."""
        with suppress(Gone):
            if (driver := self._ready(words, cwd)) is not None:
                return await self._question(driver, words, cwd)
        driver = Driver(None, self._ended)
        try:
            return await self._question(driver, words, cwd)
        except Gone as gone:
            how = gone.how or "nothing said"
            raise BackendError(
                f"no answer: the process that was asked ended with {how}; {_way_out(words, cwd)}"
            ) from None
        finally:
            driver.leave()

    async def _question(self, driver: Driver, words: Sequence[str], cwd: Path) -> Any:
        async with driver.turn:
            driver.tell("ask", words, cwd)
            said = await driver.hear()
        assert isinstance(said, dict), "a question is answered"
        if (error := error_in(said)) is not None:
            raise error
        return said["data"]

    async def close(self) -> None:
        """End all that stand by; runs go on."""
        self._closed = True
        left = list(self._warm.values())
        for driver in left:
            driver.leave()
        try:
            async with asyncio.timeout(FAREWELL):
                for driver in left:
                    await driver.over.wait()
        except TimeoutError:
            for driver in left:
                driver.kill()

    def _ready(self, words: Sequence[str], cwd: Path, executor: str | None = None) -> Driver | None:
        """The driver that stands by for the notebook that the words name.

        Where none does, one for another notebook beside it; where they name none, as `runs resume
        ID`, the last one in the same project. Those of others have to fit the `executor`.
        """
        fit = {nb: d for nb, d in self._warm.items() if executor is None or d.fits(executor)}
        if (named := _named(words, cwd)) is not None:
            return self._warm.get(named) or next(
                (d for nb, d in fit.items() if nb.parent == named.parent), None
            )
        inside = [driver for nb, driver in fit.items() if nb.is_relative_to(cwd)]
        return inside[-1] if inside else None

    def _ended(self, driver: Driver) -> None:
        self._busy.discard(driver)
        if driver.notebook is not None and self._warm.get(driver.notebook) is driver:
            del self._warm[driver.notebook]
        if self._wanted is not None and not self._busy:
            self.expect(self._wanted)
