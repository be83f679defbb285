"""`mlops compile` and `mlops init`: a notebook's pipeline, a project's settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mlops_lab.commands.answer import Answer, answers
from mlops_lab.commands.arguments import notebook_argument, notebook_of, split_option
from mlops_lab.commands.place import Place
from mlops_lab.errors import UsageError

SETTINGS = """\
# Settings of this project. Every key can be set by an environment variable, too: MLOPS_EXECUTOR.

# Where notebooks run: "local", or "ray" (RAY_ADDRESS, else a Ray on this machine).
# executor = "local"

# What becomes a step: "tags", "sections" or "cells". Left out: tags where there are some.
# steps = "sections"

# How many kernels a run may use. Left out: as many as it can, at most the cores. With 1 there is
# only the notebook's own.
# workers = 4

# What share of the free memory attempts ahead of the notebook's own kernel may use together.
# scout_memory = 0.5

# How long the kernel of a failed step stays for a look at its variables: "30m", "2h", or off
# keep_failed = "off"

# How long a driver that nobody uses stands by beside JupyterLab, so that a run begins at once
# warm_for = "10m"

# Which database keeps the runs. Left out: SQLite in .mlops/
# records = "postgresql+psycopg://user@host/mlops"

# How much the cache may hold. Left out: a tenth of the disk, at most 50GB.
# cache_size = "20GB"

# Whether runs are brought to MLflow: "mlflow" or "off". Its server is MLFLOW_TRACKING_URI,
# else a database in .mlops/
# tracking = "off"
"""


@click.command("compile", short_help="Show a notebook's steps.")
@notebook_argument
@split_option
@click.option("--mermaid", is_flag=True, help="Draw it: a Mermaid flowchart.")
@answers
@click.pass_obj
def compile_notebook(
    place: Place, nb: str | None, notebook: str | None, split: Any, mermaid: bool
) -> Answer:
    """Show the steps of notebook NB: what each reads and from where, writes, waits for, needs.

    `at home` is why a step won't run ahead, in another kernel, as far as the code alone tells;
    `mlops run NB --explain` says what is known from runs, too.

    \b
      mlops compile train.ipynb
      mlops compile train.ipynb --steps cells
      mlops compile train.ipynb --mermaid > train.mmd
    """
    path = notebook_of(place, nb, notebook)
    from mlops_lab.compiler.show import as_json, as_mermaid, as_text
    from mlops_lab.workbench import Workbench

    workbench = Workbench.open(path)
    pipeline = workbench.pipeline.compile(path, split or workbench.settings.split)
    bound = workbench.pipeline.bound(pipeline)
    text = as_mermaid(pipeline) if mermaid else as_text(pipeline, bound)
    return Answer(data=as_json(pipeline, bound), parts=(text.rstrip("\n"),))


@click.command(short_help="Make this folder a project.")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@answers
@click.pass_obj
def init(place: Place, folder: Path | None) -> Answer:
    """Make FOLDER a project: write an mlops.toml that says what can be set.

    A project needs none. With one, its folder is where runs and cache are kept.
    """
    from mlops_lab.settings import FILE

    here = place.notebook().parent if place.namespace is not None else Path.cwd()
    path = (folder or here) / FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(SETTINGS)
    except FileExistsError:
        raise UsageError(f"{path} is there already; edit it, or remove it first") from None
    return Answer(data={"path": str(path)}, parts=(f"wrote {path}",))
