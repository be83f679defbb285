"""Tab behind `%mlops`: what the shell's completion offers, offered in a notebook."""

from __future__ import annotations

import shlex
from typing import Any

from click.shell_completion import ShellComplete

from mlops_lab.commands.place import Place
from mlops_lab.commands.words import mlops
from mlops_lab.errors import MlopsError
from mlops_lab.magics.notebook import current_notebook

STEP_WORDS = (
    "--after",
    "--cpus",
    "--gpus",
    "--memory",
    "--accelerator",
    "--retries",
    "--timeout",
    "--cache",
    "--serial",
    "--data",
)
"""What may stand in a `%%mlops step` line."""


def install(shell: Any) -> None:
    """Let the shell complete what comes behind `%mlops` and `%%mlops`."""
    shell.set_hook("complete_command", _line, str_key="%mlops")
    shell.set_hook("complete_command", _cell, str_key="%%mlops")


def offers(line: str, place: Place) -> list[str]:
    """What may stand at the end of a line that begins with %mlops."""
    words, incomplete = _split(line)
    complete = ShellComplete(mlops, {"obj": place}, "%mlops", "")
    return [item.value for item in complete.get_completions(words, incomplete)]


def _line(shell: Any, event: Any) -> list[str]:
    place = Place(notebook=lambda: current_notebook(shell), namespace=shell.user_ns)
    return offers(event.text_until_cursor, place)


def _cell(shell: Any, event: Any) -> list[str]:
    words, incomplete = _split(event.text_until_cursor)
    if not words:
        return ["step"]
    if words[-1] == "--after" or len(words) == 1:
        return _steps(shell)
    return [word for word in STEP_WORDS if word.startswith(incomplete)]


def _steps(shell: Any) -> list[str]:
    from mlops_lab.workbench import Workbench

    try:
        notebook = current_notebook(shell)
        return [step.name for step in Workbench.open(notebook).pipeline.compile(notebook)]
    except (MlopsError, OSError):
        return []


def _split(line: str) -> tuple[list[str], str]:
    """The finished words behind the magic's name, and the one at the cursor."""
    try:
        words = shlex.split(line)[1:]
    except ValueError:  # a quote is still open
        words = line.split()[1:]
    if not words or line[-1].isspace():
        return words, ""
    return words[:-1], words[-1]
