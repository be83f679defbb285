"""`mlops runs`: what has run, and what still does."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import asdict, replace
from itertools import chain
from pathlib import Path
from typing import Any

import click

from mlops_lab.commands.answer import Answer, Table, answers
from mlops_lab.commands.arguments import last_run_argument, run_argument, surface_options
from mlops_lab.commands.complete import complete_runs
from mlops_lab.commands.place import Place
from mlops_lab.commands.run import drive
from mlops_lab.commands.say import duration, from_here, icon, tally, when
from mlops_lab.commands.say_run import run_page, step_page, timeline_page
from mlops_lab.errors import UsageError
from mlops_lab.records.report import full_report, report
from mlops_lab.records.run import Run


@click.group(short_help="List, show, compare, cancel and resume runs.")
def runs() -> None:
    """What has run in this project, and what still does. RUN is an id, its beginning, or `last`.

    \b
      mlops runs list                 the newest first
      mlops runs show last            steps, timeline, metrics, what it needed, where the output is
      mlops runs show --timeline      when each kernel was busy with what
      mlops runs logs last            what it printed
      mlops runs diff 4c90 b71e       what differs
      mlops runs cancel last          stop it, and every process that it started
      mlops runs console last         look at what a failed step had
      mlops runs resume last          go on from the finished steps
    """


@runs.command("list")
@click.argument("nb", metavar="[NB]", required=False, type=click.Path())
@click.option("-n", "--limit", type=click.IntRange(min=1), default=20, show_default=True)
@answers
@click.pass_obj
def list_runs(place: Place, nb: str | None, limit: int) -> Answer:
    """The runs, of one notebook or of all; the newest first."""
    workbench = _workbench(place, Path(nb) if nb else None)
    found = list(workbench.history.list(notebook=_from_root(nb, workbench.root), limit=limit))
    rows = tuple(_row(run) for run in found)
    table = Table(head=("", "run", "notebook", "started", "took", "steps"), rows=rows)
    return Answer(
        data=[report(run) | {"started": run.started} for run in found],
        parts=(table,) if rows else ("nothing has run here; begin with: mlops run NB",),
    )


@runs.command()
@last_run_argument
@click.option("--step", help="This step alone: what it read and left, what was tried early.")
@click.option("--timeline", is_flag=True, help="The timeline alone.")
@answers
@click.pass_obj
def show(place: Place, run_id: str, step: str | None, timeline: bool) -> Answer:
    """A run: its steps and when they ran, metrics, parameters, what it needed, where its output is.

    \b
    In the timeline each kernel has a row, the notebook's own first:
      ┣━━ a step   ┄ it waits for a value   ╱ tried early, thrown away   ╎ cached
    """
    history = _workbench(place).history
    run = history.show(run_id)
    needs = history.needs(run)
    data = full_report(run) | {"started": run.started, "needs": asdict(needs)}
    if timeline:
        return Answer(
            data=data["timeline"], parts=tuple(timeline_page(run)) or ("no step has begun",)
        )
    if step is None:
        return Answer(data=data, parts=tuple(run_page(run, needs)))
    record = history.step(run, step)
    (told,) = (said for said in data["steps"] if said["name"] == step)
    return Answer(data=told, parts=tuple(step_page(record, needs)))


@runs.command()
@last_run_argument
@click.option("--step", help="Of this step alone.")
@answers
@click.pass_obj
def logs(place: Place, run_id: str, step: str | None) -> Answer:
    """What a run's cells printed."""
    history = _workbench(place).history
    lines = (line.rstrip("\n") for line in history.logs(run_id, step))
    if place.wants_json:
        return Answer(data=list(lines))
    return Answer(data=None, parts=chain(lines, _from_the_cache(history.show(run_id), step)))


@runs.command()
@click.argument("a", shell_complete=complete_runs)
@click.argument("b", shell_complete=complete_runs, default="last")
@answers
@click.pass_obj
def diff(place: Place, a: str, b: str) -> Answer:
    """What differs between runs A and B: parameters, metrics, steps, code."""
    from mlops_lab.commands.say_diff import diff_json, diff_parts

    found = _workbench(place).history.diff(a, b)
    return Answer(data=diff_json(found), parts=tuple(diff_parts(found)))


@runs.command()
@run_argument
@answers
@click.pass_obj
def cancel(place: Place, run_id: str) -> Answer:
    """Stop a run, and end every process that it started."""
    run = _workbench(place).history.cancel(run_id)
    return Answer(data=report(run), parts=(f"{run.run_id} {run.status}",))


@runs.command()
@run_argument
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
@click.option("--wait", is_flag=True, help="Wait for the end, as the command line always does.")
@surface_options
@answers
@click.pass_obj
def resume(place: Place, run_id: str, quiet: bool, wait: bool, events: bool, by: str) -> Answer:
    """Go on with a run from its finished steps, with the notebook and parameters it had."""
    del events  # whoever calls looks for the word itself
    if place.drive:
        return place.drive(place.words, None, wait)
    workbench = _workbench(place)
    service = workbench.runs
    service.ready, service.surface = place.ready, by
    service.keep_failed = workbench.settings.keep_failed
    answer = drive(lambda listen: service.resume(run_id, listen), place, quiet=quiet)
    return replace(answer, behind=service.linger)


@runs.command()
@last_run_argument
@answers
@click.pass_obj
def console(place: Place, run_id: str) -> Answer:
    """Say how to talk to the kernel that a failed run keeps (see: mlops run --keep-failed)."""
    history = _workbench(place).history
    run, connection = history.show(run_id), history.kept(run_id)
    if connection is None:
        raise UsageError(f"run {run.run_id} keeps no kernel; one does after --keep-failed 30m")
    told = {"run_id": run.run_id, "connection": str(connection), "until": run.kept_until}
    return Answer(data=told, parts=(f"jupyter console --existing {shlex.quote(str(connection))}",))


@runs.command()
@last_run_argument
@answers
@click.pass_obj
def release(place: Place, run_id: str) -> Answer:
    """End the kernel that a failed run keeps."""
    run = _workbench(place).history.release(run_id)
    return Answer(data=report(run), parts=(f"the kernel of {run.run_id} has ended",))


def _from_the_cache(run: Run, step: str | None) -> Iterator[str]:
    """Which steps printed nothing in this run because they did not have to run."""
    cached = [s.name for s in run.steps if s.cached and step in {None, s.name}]
    if cached:
        place = from_here(run.output)
        yield f"(cached: {', '.join(cached)}; what they printed is in {place})"


def _workbench(place: Place, notebook: Path | None = None) -> Any:
    from mlops_lab.workbench import Workbench

    if notebook is None and place.namespace is not None:
        notebook = place.notebook()
    return Workbench.open(notebook)


def _from_root(notebook: str | None, root: Path) -> str | None:
    """A notebook as runs name it: its path from the project's root."""
    if notebook is None:
        return None
    path = Path(notebook).absolute()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _row(run: Run) -> tuple[str, ...]:
    took = duration(run.seconds)
    return (icon(run.status), run.run_id, run.notebook, when(run.started), took, tally(run))
