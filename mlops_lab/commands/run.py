"""`mlops run`: a notebook runs as a pipeline."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from mlops_lab.commands.answer import Answer, answers
from mlops_lab.commands.arguments import (
    notebook_argument,
    notebook_of,
    split_option,
    step_option,
    surface_options,
)
from mlops_lab.commands.complete import complete_executors, complete_parameters
from mlops_lab.commands.failure import failure_json
from mlops_lab.commands.place import Place
from mlops_lab.commands.progress import follow
from mlops_lab.commands.say import headline, when
from mlops_lab.commands.say_run import run_tail
from mlops_lab.commands.wire import Wire
from mlops_lab.errors import MlopsError, RunCancelled, RunFailed, UsageError
from mlops_lab.ir.options import RunOptions
from mlops_lab.records.events import Event
from mlops_lab.records.report import full_report
from mlops_lab.records.run import Run
from mlops_lab.settings import Settings, period

Pairs = tuple[tuple[str, str], ...]
Work = Callable[[Callable[[Event], None]], Run]


def parameter_option(*names: str, says: str) -> Callable[[Any], Any]:
    """An option that sets a parameter, and completes its name."""
    return click.option(
        *names,
        nargs=2,
        multiple=True,
        metavar="NAME VALUE",
        help=says,
        shell_complete=complete_parameters,
    )


@click.command(short_help="Run a notebook.")
@notebook_argument
@click.argument("out", required=False, type=click.Path(path_type=Path))
@parameter_option("-p", "--parameters", says="A parameter; the value's type is guessed.")
@parameter_option("-r", "--parameters-raw", says="A parameter whose value is a string.")
@click.option("-y", "--parameters-yaml", multiple=True, help="Parameters, as a YAML string.")
@click.option(
    "-f", "--parameters-file", multiple=True, type=click.Path(), help="Parameters, a YAML file."
)
@split_option
@click.option(
    "--executor",
    metavar="local|ray",
    shell_complete=complete_executors,
    help="Where it runs. [default: local, or what mlops.toml says]",
)
@click.option(
    "--relax/--no-relax",
    default=None,
    help="Run with what there is where a step asks for more. [default: local does, ray does not]",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many kernels may run; 1: the notebook's own alone."
    " [default: as many as it can use, at most the cores]",
)
@click.option("--no-cache", is_flag=True, help="Run every step, and keep nothing.")
@step_option("--refresh", multiple=True, says="Run this step even if it is cached (repeatable).")
@step_option("--upto", says="Stop behind this step.")
@step_option("--from", "since", says="Begin with this step.")
@step_option("--only", says="Run this step alone.")
@click.option("--explain", is_flag=True, help="Say what would run, and why; run nothing.")
@click.option("-k", "--kernel", help="The kernel, by name. [default: the notebook's own]")
@click.option(
    "--cwd", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Where it runs."
)
@click.option(
    "--keep-failed",
    metavar="TIME",
    help="Let a failed step's kernel stay, as in 30m. [default: off, or what mlops.toml says]",
)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
@click.option("--wait", is_flag=True, help="Wait for the end, as the command line always does.")
@surface_options
@answers
@click.pass_obj
def run(place: Place, /, **said: Any) -> Answer:
    """Run notebook NB as a pipeline; write it with all outputs to OUT, too.

    \b
      mlops run train.ipynb
      mlops run train.ipynb out.ipynb -p epochs 20 -p rate 0.1
      mlops run train.ipynb --explain             what would run, and why
      mlops run train.ipynb --refresh load        load it afresh
      mlops run train.ipynb --upto features       stop behind a step
      mlops run train.ipynb --steps sections      each heading is a step; no tags needed
      mlops run train.ipynb --executor ray        on RAY_ADDRESS, else on a local Ray
      mlops run train.ipynb --workers 1           in one kernel, one step after the other

    The output is kept in .mlops/runs/RUN as well. A parameter `env:NAME` is a secret: it is read
    from the environment where the notebook runs, and never written down.
    """
    from mlops_lab.workbench import Workbench

    notebook = notebook_of(place, said["nb"], said["notebook"])
    workbench = Workbench.open(notebook)
    workbench.runs.ready, workbench.runs.surface = place.ready, said["by"]
    options = _options(said, workbench.settings)
    if said["explain"]:
        return _explain(workbench.runs.explain(notebook, options), alone=options.workers == 1)
    _check_out(said["out"])
    if place.drive:
        named = said["nb"] or said["notebook"]
        words = place.words if named else (*place.words, "--notebook", str(notebook))
        return place.drive(words, notebook, said["wait"])
    runs, keep = workbench.runs, said["keep_failed"]
    runs.keep_failed = period("--keep-failed", keep) if keep else workbench.settings.keep_failed
    answer = drive(
        lambda listen: runs.run(notebook, said["out"], options, listen),
        place,
        quiet=said["quiet"],
        tracked=runs.tracked,
    )
    return replace(answer, behind=runs.linger)


def drive(
    work: Work, place: Place, *, quiet: bool, tracked: Callable[[Run], Run] = lambda run: run
) -> Answer:
    """Do the work while it is shown; its answer, whether it went well or not.

    Only JSON waits until the run is tracked, because it tells under which id.
    """
    wire = Wire(sys.stdout) if place.wants_events else None
    error: MlopsError | None = None
    hidden = quiet or wire is not None
    with follow(quiet=hidden, as_json=place.wants_json) as progress:

        def listen(event: Event) -> None:
            progress(event)
            if wire:
                wire(event)

        try:
            outcome = work(listen)
        except (RunFailed, RunCancelled) as caught:
            outcome, error = progress.run, caught
            if outcome.run_id:
                error.add_note(_go_on(outcome, error))
            if outcome.kept:
                error.add_note(_look(outcome))
    if place.wants_json and outcome.run_id:
        outcome = tracked(outcome)
    data = full_report(outcome) | ({"error": failure_json(error)} if error else {})
    parts = () if quiet else (headline(outcome), *run_tail(outcome, notes=False))
    return Answer(data=data, parts=parts, error=error)


def _go_on(outcome: Run, error: MlopsError) -> str:
    """How to go on: a mistake is mended first, and a resumed run has the code that it had."""
    resume = f"mlops runs resume {outcome.run_id}"
    if isinstance(error, RunFailed):
        return f"mend it and run again, what is finished is cached; or: {resume}"
    return f"what is finished counts: {resume}"


def _look(outcome: Run) -> str:
    """How to look at what the failed step had."""
    until, words = when(outcome.kept_until or 0.0), f"mlops runs console {outcome.run_id}"
    return f"its kernel stays until {until}; to look at it: {words}"


def _check_out(out: Path | None) -> None:
    """Find before the run that its output has no place."""
    if out is None:
        return
    if out.is_dir():
        raise UsageError(f"'{out}' is a folder; name the output's file, as in {out / 'out.ipynb'}")
    if not out.parent.is_dir():
        raise UsageError(f"no folder '{out.parent}' for the output; make it: mkdir -p {out.parent}")


def _options(said: dict[str, Any], settings: Settings) -> RunOptions:
    from mlops_lab.notebook.parameters import from_cli

    chosen = [name for name in ("upto", "since", "only") if said[name]]
    if len(chosen) > 1:
        raise UsageError("--upto, --from and --only exclude each other; name one of them")
    return RunOptions(
        params=from_cli(
            p=said["parameters"],
            r=said["parameters_raw"],
            y=said["parameters_yaml"],
            f=said["parameters_file"],
        ),
        split=said["split"] or settings.split,
        executor=said["executor"] or settings.executor,
        relax=said["relax"],
        workers=said["workers"] or settings.workers,
        cache=not said["no_cache"],
        refresh=said["refresh"],
        upto=said["upto"],
        since=said["since"],
        only=said["only"],
        kernel=said["kernel"],
        cwd=said["cwd"],
    )


def _explain(plan: Any, *, alone: bool) -> Answer:
    from mlops_lab.commands.say_plan import plan_json, plan_parts

    return Answer(data=plan_json(plan), parts=tuple(plan_parts(plan, alone=alone)))
