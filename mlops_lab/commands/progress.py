"""A run as it goes, one line a step: live on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from mlops_lab.commands.say import duration, state, step_line
from mlops_lab.commands.say_drop import drop_line
from mlops_lab.records.events import AttemptDropped, Event, Noted, StepFinished
from mlops_lab.records.run import Run, advance
from mlops_lab.records.step import StepRecord

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

Print = Callable[[str], None]

ROWS = 8
"""How many running steps the live part shows at most."""


class Progress:
    """Follows a run and prints a line as each step ends; `run` is what is known so far."""

    def __init__(self, say: Print | None = None) -> None:
        self.run = Run(run_id="")
        self._say = say

    def __call__(self, event: Event) -> None:
        """Take one event."""
        self.run = advance(self.run, event)
        if self._say is None:
            return
        match event:
            case StepFinished():
                step = self._step(event.step)
                if step is not None and step.status != "skipped":
                    self._say(step_line(step, self._width()))
            case AttemptDropped() if event.why != "stopped":  # that needs no line of its own
                step = self._step(event.step)
                if step is not None and step.dropped:
                    self._say(drop_line(step.name, step.dropped[-1], self._width()))
            case Noted():
                self._say(f"  note  {event.text}")

    def _step(self, name: str) -> StepRecord | None:
        return next((step for step in self.run.steps if step.name == name), None)

    def _width(self) -> int:
        return min(32, max((len(step.name) for step in self.run.steps), default=0))

    def live_lines(self, now: float) -> Iterator[str]:
        """What moves: the running steps, then how far the whole is."""
        running = [step for step in self.run.steps if step.status == "running"]
        for step in running[:ROWS]:
            yield step_line_at(step, self._width(), now)
        if self.run.steps:
            yield f"  {how_far(self.run, now)}"


def step_line_at(step: StepRecord, width: int, now: float) -> str:
    """A running step's line at a time."""
    from mlops_lab.commands.say import icon, step_words

    sign = icon("waiting" if step.waits else "running")
    return f"  {sign} {step.name:<{width}}  {step_words(step, now)}"


def how_far(run: Run, now: float) -> str:
    """How far a run is: '6 of 10 steps · 3 cached · 1 running · 1:06'.

    What a scout has done and home has still to take counts as done early, not as over.
    """
    states = [state(step) for step in run.steps]
    over = sum(s not in {"waiting", "running", "ready"} for s in states)
    parts = [f"{over} of {len(states)} steps"]
    words = {"cached": "cached", "running": "running", "ready": "done early"}
    parts += [f"{n} {words[s]}" for s in words if (n := states.count(s))]
    return " · ".join([*parts, duration(max(0.0, now - run.started))])


@contextmanager
def follow(*, quiet: bool = False, as_json: bool = False) -> Iterator[Progress]:
    """Show a run while it goes, where somebody may look: nothing but data goes into a JSON pipe."""
    if quiet or (as_json and not sys.stderr.isatty()):
        yield Progress()
    elif as_json or sys.stdout.isatty():
        with _live(stderr=as_json) as progress:
            yield progress
    else:
        yield Progress(click.echo)


@contextmanager
def _live(*, stderr: bool) -> Iterator[Progress]:
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    console: Console = Console(stderr=stderr, highlight=False)
    progress = Progress(lambda line: console.print(Text.from_ansi(line)))

    def picture() -> Text:
        lines = "\n".join(progress.live_lines(time.time()))
        return Text.from_ansi(lines, no_wrap=True, overflow="ellipsis")

    with Live(console=console, get_renderable=picture, refresh_per_second=8, transient=True):
        yield progress
