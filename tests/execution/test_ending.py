"""However a run ends, nothing of it goes on, and what was finished counts."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from .lab import Lab, steps

WITHIN = 10.0
MARK = "MLOPS_RUN_ID"

DETACHED = """
import os, subprocess, sys, time
subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], start_new_session=True)
if os.fork() == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
    time.sleep(600)
open('here', 'w').close()
time.sleep(600)
"""
IN_C = """
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
open('here', 'w').close()
sum(i for i in range(10**12))
"""
STUBBORN = """
import time
open('here', 'w').close()
while True:
    try:
        time.sleep(600)
    except KeyboardInterrupt:
        pass
"""
SLEEPS = "import time\nopen('here', 'w').close()\ntime.sleep(600)"


def ours(folder: Path) -> list[psutil.Process]:
    """Every process that a run in this folder started, whoever has adopted it since."""
    found = []
    for process in psutil.process_iter():
        try:
            if MARK in process.environ() and Path(process.cwd()) == folder:
                if process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def until(path: Path, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60
    while not path.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    lab = Lab(tmp_path)
    yield lab
    for process in ours(tmp_path):
        process.kill()


@pytest.mark.parametrize(
    ("cell", "number"),
    [(DETACHED, signal.SIGINT), (IN_C, signal.SIGINT), (STUBBORN, signal.SIGTERM)],
    ids=["detached", "in C", "stubborn"],
)
def test_a_signal_ends_every_process_of_a_run(lab: Lab, cell: str, number: int) -> None:
    lab.write({"one": "print('done')", "two": cell, "three": "3"})
    process = lab.start("run", "lab.ipynb")
    until(lab.folder / "here", process)
    assert ours(lab.folder)
    began = time.monotonic()
    process.send_signal(number)
    _, err = process.communicate(timeout=20)
    assert time.monotonic() - began < WITHIN
    assert ours(lab.folder) == []
    assert process.returncode == 130
    assert "Traceback" not in err
    assert f"mlops runs resume {lab.last.run_id}" in err
    assert lab.last.status == "cancelled"
    assert steps(lab.last) == {"one": "succeeded", "two": "cancelled", "three": "skipped"}
    cells = [cell.metadata.papermill.status for cell in lab.output().cells]
    assert cells == ["completed", "failed", "pending"]


def test_a_second_ctrl_c_changes_nothing(lab: Lab) -> None:
    lab.write({"two": STUBBORN})
    process = lab.start("run", "lab.ipynb")
    until(lab.folder / "here", process)
    for _ in range(3):
        process.send_signal(signal.SIGINT)
        time.sleep(0.05)
    process.communicate(timeout=WITHIN)
    assert ours(lab.folder) == []
    assert lab.last.status == "cancelled"


def test_runs_cancel_ends_it_from_elsewhere(lab: Lab) -> None:
    lab.write({"one": SLEEPS})
    process = lab.start("run", "lab.ipynb")
    until(lab.folder / "here", process)
    began = time.monotonic()
    assert lab.bench.history.cancel(lab.last.run_id).status == "cancelled"
    assert time.monotonic() - began < WITHIN
    process.communicate(timeout=5)
    assert ours(lab.folder) == []


def test_ctrl_c_before_the_first_cell_is_recorded(lab: Lab) -> None:
    lab.write({"one": "1"})
    early = (
        "import os, signal\n"
        "from mlops_lab.errors import RunCancelled\n"
        "from mlops_lab.records.events import RunStarted\n"
        "from mlops_lab.workbench import Workbench\n"
        "def listen(event):\n"
        "    isinstance(event, RunStarted) and os.kill(os.getpid(), signal.SIGINT)\n"
        "try:\n"
        "    Workbench.open('.').runs.run('lab.ipynb', listen=listen)\n"
        "except RunCancelled:\n"
        "    print('cancelled')\n"
    )
    command = [sys.executable, "-c", early]
    done = subprocess.run(command, check=True, cwd=lab.folder, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("cancelled\n", "")
    assert (lab.last.status, steps(lab.last)) == ("cancelled", {"one": "skipped"})


COUNTED = {
    "one cache:off": "open('count', 'a').write('1')\nx = 1",
    "two": "print('two'); y = x + 1",
    "three": "import os, time\nopen('here', 'w').close()\n"
    "while not os.path.exists('go'): time.sleep(0.01)\nprint(x, y)",
}


def test_a_killed_driver_loses_no_finished_step(lab: Lab) -> None:
    lab.write(COUNTED)
    process = lab.start("run", "lab.ipynb")
    until(lab.folder / "here", process)
    while len(lab.entries()) < 2:
        time.sleep(0.01)  # a step is remembered once it lies on disk
    started = ours(lab.folder)
    process.kill()
    process.communicate()
    psutil.wait_procs(started, timeout=WITHIN)
    assert ours(lab.folder) == []
    killed = lab.last
    assert killed.status == "interrupted"
    assert steps(killed) == {"one": "succeeded", "two": "succeeded", "three": "interrupted"}
    (lab.folder / "go").touch()
    run = lab.bench.runs.resume(killed.run_id)
    assert steps(run) == {"one": "cached", "two": "cached", "three": "succeeded"}
    assert run.resumed == killed.run_id
    assert lab.text(run)["c2"] == "1 2\n"
    assert (lab.folder / "count").read_text() == "1"


def test_a_cancelled_run_goes_on_with_the_options_it_had(lab: Lab) -> None:
    lab.write({"parameters": "x = 1", "one": "1", "two": SLEEPS, "three": "print(x)"})
    out = lab.folder / "out.ipynb"
    words = ["--steps", "cells", "--upto", "cell-4", "--refresh", "cell-2"]
    process = lab.start("run", "lab.ipynb", str(out), "-p", "x", "7", *words)
    until(lab.folder / "here", process)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=WITHIN)
    lab.write({"parameters": "x = 1", "one": "1", "two": "2", "three": "print(x)", "four": "4"})
    run = lab.bench.runs.resume("last")
    assert [*steps(run).values()] == ["cached", "succeeded", "succeeded", "skipped"]
    assert lab.text(run)["c3"] == "7\n"
    assert out.read_text() == (lab.folder / run.output).read_text()
