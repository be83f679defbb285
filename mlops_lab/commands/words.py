"""All words, each with the place where it is written; a word is read when it is used."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module

import click

from mlops_lab.commands.place import Place

WORDS = {
    "run": "mlops_lab.commands.run:run",
    "compile": "mlops_lab.commands.pipeline:compile_notebook",
    "runs": "mlops_lab.commands.runs:runs",
    "load": "mlops_lab.commands.load:load",
    "cache": "mlops_lab.commands.cache:cache",
    "cluster": "mlops_lab.commands.cluster:cluster",
    "init": "mlops_lab.commands.pipeline:init",
    "completion": "mlops_lab.commands.completion:completion",
}


class Words(click.Group):
    """A group whose commands are imported when they are looked up."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The words, in the order in which one meets them; `load` only beside an open kernel."""
        kernel = isinstance(ctx.obj, Place) and ctx.obj.namespace is not None
        return [word for word in WORDS if word != "load" or kernel]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name; None if there is none."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module, _, name = WORDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the words name. Where there is none, the error says what comes near."""
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            words = self.list_commands(ctx)
            near = get_close_matches(name, words, n=1)
            hint = f"Did you mean '{near[0]}'?" if near else f"There are: {', '.join(words)}"
            ctx.fail(f"No such command '{name}'. {hint}")
        return super().resolve_command(ctx, args)


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        click.echo(f"mlops {version('mlops-lab')}")
        ctx.exit()


@click.group(cls=Words, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", is_flag=True, expose_value=False, is_eager=True, callback=_version)
def mlops() -> None:
    """A notebook runs as a cached, recorded pipeline, and gives exactly what the notebook gives.

    \b
      mlops run train.ipynb                 run it; what has not changed comes from the cache
      mlops run train.ipynb -p epochs 20    with another parameter
      mlops run train.ipynb --explain       say first what would run, and why
      mlops run train.ipynb --executor ray  on a Ray cluster
      mlops compile train.ipynb             show its steps, what they read and write
      mlops runs list                       what has run here
    """
