"""Commands timed side by side: real processes, turn and turn about, fair on a busy machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import nbformat
import psutil

BIN = Path(sysconfig.get_path("scripts"))
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


@dataclass(frozen=True, slots=True)
class Time:
    """Seconds on the clock, and of the processor: the process and all that it waited for."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Entrant:
    """A command that takes part; `ready` is called before each of its starts, off the clock."""

    words: tuple[str, ...]
    ready: Callable[[], object] = lambda: None
    env: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What one entrant took, round by round."""

    times: Sequence[Time]

    @property
    def wall(self) -> float:
        return median(time.wall for time in self.times)

    @property
    def best(self) -> float:
        """The quickest round, for floors in seconds: neighbours only ever slow a round down."""
        return min(time.wall for time in self.times)

    @property
    def cpu(self) -> float:
        return median(time.cpu for time in self.times)

    def beside(self, other: Result) -> float:
        """The median of the rounds' ratios: each round saw the same machine."""
        return median(a.wall / b.wall for a, b in zip(self.times, other.times, strict=True))

    def cpu_beside(self, other: Result) -> float:
        return median(a.cpu / b.cpu for a, b in zip(self.times, other.times, strict=True))


def race(folder: Path, entrants: Mapping[str, Entrant], rounds: int) -> dict[str, Result]:
    """Every entrant once a round, the order turned around from round to round."""
    times: dict[str, list[Time]] = {name: [] for name in entrants}
    for round_ in range(rounds):
        order = list(entrants) if round_ % 2 == 0 else list(reversed(entrants))
        for name in order:
            entrants[name].ready()
            times[name].append(timed(entrants[name], folder))
            until_tracked(folder)
    return {name: Result(taken) for name, taken in times.items()}


def timed(entrant: Entrant, folder: Path) -> Time:
    """How long it takes. Raises AssertionError with its output where it fails."""
    program, *rest = entrant.words
    log = folder / "bench.log"
    with log.open("wb") as file:
        began = time.perf_counter()
        process = subprocess.Popen(
            [str(BIN / program), *rest],
            cwd=folder,
            env={**os.environ, **(entrant.env or {})},
            stdout=file,
            stderr=subprocess.STDOUT,
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"{entrant.words}: {log.read_text()[-3000:]}"
    return Time(wall, usage.ru_utime + usage.ru_stime)


def until_tracked(folder: Path) -> None:
    """Wait for what a run started behind itself: it must not slow down who comes next."""
    left = [
        process
        for process in psutil.process_iter(["cmdline"])
        if (process.info["cmdline"] or [])[-2:] == ["mlops_lab.services.upkeep", str(folder)]
    ]
    psutil.wait_procs(left, timeout=120)


def project(folder: Path, *cells: str) -> Path:
    """A project in a folder, with a notebook `nb.ipynb` of these cells."""
    folder.mkdir()
    (folder / "mlops.toml").touch()
    nb = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
        metadata={"kernelspec": KERNEL, "language_info": {"name": "python"}},
    )
    nbformat.write(nb, folder / "nb.ipynb")
    return folder


def forget(folder: Path) -> Callable[[], None]:
    """The project as if nothing had run in it."""
    return lambda: shutil.rmtree(folder / ".mlops", ignore_errors=True)
