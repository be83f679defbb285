"""Arguments that several commands take."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from mlops_lab.commands.complete import complete_runs, complete_steps
from mlops_lab.commands.place import Place
from mlops_lab.errors import NotFound, UsageError

Command = TypeVar("Command", bound=Callable[..., Any])

split_option = click.option(
    "--steps",
    "split",
    type=click.Choice(["tags", "sections", "cells"]),
    help="What becomes a step: tagged cells, each markdown heading, or each code cell."
    " [default: tags where there are some, else cells]",
)

run_argument = click.argument("run_id", metavar="RUN", shell_complete=complete_runs)
last_run_argument = click.argument(
    "run_id", metavar="[RUN]", default="last", shell_complete=complete_runs
)


SURFACES = ("panel", "cli", "magic", "papermill", "schedule")


def surface_options(command: Command) -> Command:
    """Let the surface that drives a run say which it is, and follow the run event by event."""
    events = click.option("--events", is_flag=True, hidden=True)
    by = click.option("--by", type=click.Choice(SURFACES), default="cli", hidden=True)
    return events(by(command))


def notebook_argument(command: Command) -> Command:
    """Let a command take a notebook: NB, or --notebook, or the one that it is called in."""
    positional = click.argument("nb", metavar="NB", required=False, type=click.Path())
    named = click.option(
        "--notebook", metavar="NB", type=click.Path(), help="The notebook, where NB is left out."
    )
    return positional(named(command))


def notebook_of(place: Place, nb: str | None, named: str | None) -> Path:
    """The notebook that is meant. Raises NotFound where there is no such file."""
    if nb and named:
        raise UsageError(f"two notebooks are named: '{nb}' and '{named}'; leave one out")
    given = nb or named
    path = Path(given) if given else place.notebook()
    if not path.is_file():
        near = sorted(p.name for p in path.parent.glob("*.ipynb"))[:5]
        way_out = f"; there is: {', '.join(near)}" if near else ""
        raise NotFound(f"no notebook '{path}'{way_out}")
    return path


def step_option(*names: str, says: str, multiple: bool = False) -> Callable[[Command], Command]:
    """An option that names a step of the notebook, and completes its name."""
    return click.option(
        *names, metavar="STEP", multiple=multiple, shell_complete=complete_steps, help=says
    )
