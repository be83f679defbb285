"""`mlops completion`: words, steps, parameters and runs by Tab."""

from __future__ import annotations

import click

from mlops_lab.commands.answer import Answer, answers


@click.command(short_help="Complete words by Tab.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@answers
@click.pass_context
def completion(ctx: click.Context, shell: str) -> Answer:
    """Print what makes SHELL complete words, steps, parameters and runs.

    \b
      bash   echo 'eval "$(mlops completion bash)"' >> ~/.bashrc
      zsh    echo 'eval "$(mlops completion zsh)"' >> ~/.zshrc
      fish   mlops completion fish > ~/.config/fish/completions/mlops.fish
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None, "the argument's choice allows no other shell"
    root = ctx.find_root().command
    script = kind(root, {}, "mlops", "_MLOPS_COMPLETE")
    source = script.source_template % script.source_vars()
    return Answer(data={"shell": shell, "script": source}, parts=(source,))
