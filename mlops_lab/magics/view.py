"""A run's steps while they go: a widget where there are widgets, else lines of text."""

from __future__ import annotations

import time
from collections.abc import Callable
from html import escape
from typing import Any

import click

from mlops_lab.commands.answer import Table
from mlops_lab.commands.say import icon, state, step_words
from mlops_lab.commands.say_drop import drop_line
from mlops_lab.magics.driver import LiveRun
from mlops_lab.records.step import StepRecord

Paint = Callable[[], None]

ROWS = 40
"""How many steps the widget shows at once: those that end and those that run."""


def show_live(live: LiveRun, shell: Any) -> None:
    """Show the run until it is over, without holding up the cell."""
    paint = _widget(live) if hasattr(shell, "kernel") else None
    live.shown_at = shell.execution_count
    live.watch(paint or _lines(live))


def _lines(live: LiveRun) -> Paint:
    said: set[str] = set()
    dropped: dict[str, int] = {}

    def paint() -> None:
        for step in live.run.steps:
            for drop in step.dropped[dropped.get(step.name, 0) :]:
                click.echo(drop_line(step.name, drop))
            dropped[step.name] = len(step.dropped)
            words = state(step)
            if step.name not in said and words not in {"waiting", "running", "ready", "skipped"}:
                said.add(step.name)
                click.echo(f"  {icon(words)} {step.name}  {step_words(step)}")
        if live.over:
            click.echo(live.headline(time.time()))
            click.echo(live.complaint(), nl=False, err=True)

    return paint


def _widget(live: LiveRun) -> Paint | None:
    try:
        import ipywidgets
    except ImportError:
        return None
    from IPython.display import display

    page = ipywidgets.HTML(picture(live))
    stop = ipywidgets.Button(description="Cancel", tooltip="Stop the run and all it started")
    stop.on_click(lambda _: live.cancel())
    box = ipywidgets.VBox([page, stop])
    bundle = box._repr_mimebundle_() or {}
    words = "a run goes on in the background; follow it with: %mlops runs show last"
    display({**bundle, "text/plain": words}, raw=True)

    def paint() -> None:
        page.value = picture(live)
        if live.over:
            box.children = (page,)

    return paint


def picture(live: LiveRun) -> str:
    """The run as HTML, everything in it escaped: headline, then a row a step."""
    now = time.time()
    rows = tuple((icon(state(step)), step.name, step_words(step, now)) for step in _window(live))
    page = f"<b>{escape(click.unstyle(live.headline(now)))}</b>"
    page += Table(rows=rows).html() if rows else ""
    complaint = click.unstyle(live.complaint())
    return page + (f"<pre>{escape(complaint)}</pre>" if complaint else "")


def _window(live: LiveRun) -> tuple[StepRecord, ...]:
    steps = live.run.steps
    if len(steps) <= ROWS:
        return steps
    at = next((i for i, s in enumerate(steps) if s.status == "running"), len(steps))
    first = max(0, min(at - ROWS // 2, len(steps) - ROWS))
    return steps[first : first + ROWS]
