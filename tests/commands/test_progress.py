"""A run as it goes: lines when piped, live on a terminal, JSON to another process."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import click
import pytest

from mlops_lab.commands.progress import Progress, how_far
from mlops_lab.commands.wire import Wire, heard
from mlops_lab.records.events import (
    CellStarted,
    Event,
    Noted,
    RunFinished,
    RunStarted,
    StepFinished,
    StepStarted,
)

EVENTS: tuple[Event, ...] = (
    RunStarted(
        at=100,
        run_id="4c90",
        notebook="churn.ipynb",
        output="o.ipynb",
        executor="local",
        params={},
        steps=("load", "train", "report"),
        host="h",
        pid=1,
        pid_started=1.0,
        cells={"load": 1, "train": 2, "report": 1},
    ),
    StepFinished(at=101, step="load", status="succeeded", cached=True, seconds=0.0),
    Noted(at=101, text="needs a GPU; runs without"),
    StepStarted(at=102, step="train", worker="home"),
    CellStarted(at=102, step="train", cell=3),
    StepFinished(at=111, step="train", status="failed", cached=False, seconds=9.0, cell=3),
    StepFinished(at=111, step="report", status="skipped", cached=False, seconds=0.0),
    RunFinished(at=111, status="failed", seconds=11.0),
)


def test_each_step_gets_a_line_when_it_ends() -> None:
    said: list[str] = []
    progress = Progress(said.append)
    for event in EVENTS:
        progress(event)
    assert [click.unstyle(line) for line in said] == [
        "  = load    cached",
        "  note  needs a GPU; runs without",
        "  ✗ train   failed after 9.0 s in cell 3",
    ]
    assert progress.run.status == "failed"


def test_what_moves_is_the_running_step_and_how_far_the_whole_is() -> None:
    progress = Progress()
    for event in EVENTS[:5]:
        progress(event)
    assert [click.unstyle(line) for line in progress.live_lines(now=120)] == [
        "  ◐ train   cell 1 of 2 · 18 s",
        "  1 of 3 steps · 1 cached · 1 running · 20 s",
    ]
    assert how_far(progress.run, now=166).endswith("1:06")


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_crosses_the_wire_whole(event: Event) -> None:
    stream = io.StringIO()
    Wire(stream)(event)
    assert heard(stream.getvalue()) == event


@pytest.mark.parametrize("line", ["", "{", "[]", "1", '{"kind": "Other"}', "a user's print"])
def test_other_lines_on_the_wire_are_skipped(line: str) -> None:
    assert heard(line) is None


def test_a_run_goes_on_when_nobody_reads_any_more() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    stream = os.fdopen(writer, "w")
    wire = Wire(stream)
    for event in EVENTS:
        wire(event)
    with pytest.raises(BrokenPipeError):
        stream.close()


SHOW = """
import sys
from pathlib import Path
sys.path.insert(0, {folder!r})
from test_progress import EVENTS
from mlops_lab.commands.progress import follow
with follow() as progress:
    for event in EVENTS:
        progress(event)
"""


def show_on_terminal() -> str:
    ours, theirs = pty.openpty()
    script = SHOW.format(folder=str(Path(__file__).parent))
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80", "PYTHONWARNINGS": "ignore"}
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=theirs, env=environment, stdin=subprocess.DEVNULL
    ):
        os.close(theirs)
        said = b""
        while True:
            try:
                chunk = os.read(ours, 65536)
            except OSError:  # Linux says so where the other side is closed
                break
            if not chunk:
                break
            said += chunk
    os.close(ours)
    return said.decode()


def test_on_a_terminal_ended_steps_stay_and_what_moves_goes() -> None:
    said = show_on_terminal()
    assert "load    cached" in click.unstyle(said)
    assert "train   failed after 9.0 s" in click.unstyle(said)
    assert "\x1b[?25l" in said, "the cursor is hidden while lines move"
    assert said.rstrip().endswith(("\x1b[?25h", "\x1b[2K")), "and comes back"
