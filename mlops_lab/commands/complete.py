"""What Tab offers: the steps and parameters of the notebook at hand, the runs that there are.

Nothing here may fail or print: whoever presses Tab has not asked anything yet.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from mlops_lab.commands.place import Place
from mlops_lab.errors import MlopsError
from mlops_lab.ir.pipeline import Pipeline

Offer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def complete_steps(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The notebook's steps."""
    pipeline = _pipeline(ctx)
    steps = pipeline.steps if pipeline else ()
    return [CompletionItem(s.name) for s in steps if s.name.startswith(incomplete)]


def complete_parameters(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The notebook's parameters, each with its default."""
    pipeline = _pipeline(ctx)
    known = pipeline.parameters if pipeline else ()
    given = {pair[0] for pair in ctx.params.get(param.name or "") or ()}
    return [
        CompletionItem(p.name, help=p.help or p.default)
        for p in known
        if p.name.startswith(incomplete) and p.name not in given
    ]


def complete_written(
    ctx: click.Context, _: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The names that a step writes, or with --inputs reads."""
    pipeline = _pipeline(ctx)
    try:
        step = pipeline.step(ctx.params["step"]) if pipeline else None
    except (MlopsError, KeyError):
        step = None
    if step is None:
        return []
    names = [name for name, _ in step.reads] if ctx.params.get("inputs") else step.writes
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def complete_runs(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The last runs, each with its notebook and how it went."""
    from mlops_lab.workbench import Workbench

    place = ctx.find_object(Place)
    try:
        start = place.notebook() if place and place.namespace is not None else Path.cwd()
        runs = Workbench.open(start).history.list(limit=50)
    except (MlopsError, OSError):
        return []
    return [
        CompletionItem(run.run_id, help=f"{run.notebook} {run.status}")
        for run in runs
        if run.run_id.startswith(incomplete)
    ]


def complete_executors(
    _: click.Context, __: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The executors that are installed."""
    from importlib.metadata import entry_points

    names = sorted({point.name for point in entry_points(group="mlops_lab.executors")})
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def _pipeline(ctx: click.Context) -> Pipeline | None:
    from mlops_lab.workbench import Workbench

    place = ctx.find_object(Place) or Place()
    try:
        # Behind an option that still lacks its value click leaves the arguments unparsed.
        loose = next((word for word in ctx.args if word.endswith(".ipynb")), None)
        named = ctx.params.get("nb") or ctx.params.get("notebook") or loose
        notebook = Path(named) if named else place.notebook()
        return Workbench.open(notebook).pipeline.compile(notebook, ctx.params.get("split"))
    except (MlopsError, OSError):
        return None
