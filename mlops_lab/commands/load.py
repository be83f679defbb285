"""`%mlops load`: a step's values in the open kernel."""

from __future__ import annotations

import click

from mlops_lab.commands.answer import Answer, Table, answers
from mlops_lab.commands.arguments import notebook_of
from mlops_lab.commands.complete import complete_steps, complete_written
from mlops_lab.commands.place import Place
from mlops_lab.errors import UsageError


@click.command(short_help="Bring a step's values into the open kernel.")
@click.argument("step", shell_complete=complete_steps)
@click.argument("names", metavar="[NAME]...", nargs=-1, shell_complete=complete_written)
@click.option("--inputs", is_flag=True, help="What the step read, not what it wrote.")
@click.option("--notebook", metavar="NB", type=click.Path(), help="Of another notebook.")
@answers
@click.pass_obj
def load(
    place: Place, step: str, names: tuple[str, ...], inputs: bool, notebook: str | None
) -> Answer:
    """Bring what STEP wrote in its last run, or what it read, into this kernel.

    \b
      %mlops load features                all that it wrote
      %mlops load features X_train        one of its values
      %mlops load train --inputs          what it began with
    """
    from mlops_lab.workbench import Workbench

    if place.namespace is None:
        raise UsageError("load brings values into a notebook's kernel; use %mlops load there")
    path = notebook_of(place, None, notebook)
    values = Workbench.open(path).runs.values(path, step, names, inputs)
    place.namespace.update(values)
    kinds = {name: type(value).__name__ for name, value in values.items()}
    rows = tuple(kinds.items())
    nothing = f"step '{step}' {'read' if inputs else 'wrote'} nothing"
    return Answer(data=kinds, parts=(Table(head=("name", "type"), rows=rows) if rows else nothing,))
