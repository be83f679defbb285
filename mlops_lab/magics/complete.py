"""Tab behind `%mlops`: what the shell's completion offers, offered in a notebook."""

from __future__ import annotations

import re
import shlex
from typing import Any

from click.shell_completion import ShellComplete

from mlops_lab.commands.place import Place
from mlops_lab.commands.words import mlops
from mlops_lab.errors import MlopsError
from mlops_lab.magics.notebook import current_notebook
from mlops_lab.notebook.stepline import FLAGS, OPTIONS

STEP_WORDS = tuple(f"--{word}" for word in (*OPTIONS, *FLAGS))
"""What may stand in a `%%mlops step` line."""

LINE = re.compile(r"(?:\s*|.*=\s*)(?P<said>(?P<magic>%%?mlops)\s.*)$")


def install(shell: Any) -> None:
    """Let the shell complete what comes behind `%mlops` and `%%mlops`."""
    from IPython.core.completer import SimpleCompletion, context_matcher

    @context_matcher(identifier="mlops")  # type: ignore[untyped-decorator]  # IPython ships no types
    def match(context: Any) -> dict[str, Any]:
        found, paths = _found(context.text_until_cursor, shell)
        fitting = [SimpleCompletion(word) for word in found if word.startswith(context.token)]
        return {"completions": fitting, "suppress": bool(fitting) and not paths, "ordered": True}

    shell.Completer.custom_matchers.append(match)


def offers(line: str, place: Place) -> tuple[list[str], bool]:
    """What may stand at the end of a line that begins with %mlops; whether a path may, too."""
    words, incomplete = _split(line)
    complete = ShellComplete(mlops, {"obj": place}, "%mlops", "")
    items = complete.get_completions(words, incomplete)
    plain = [item.value for item in items if item.type == "plain"]
    return plain, len(plain) < len(items)


def _found(line: str, shell: Any) -> tuple[list[str], bool]:
    match = LINE.match(line)
    if match is None:
        return [], False
    if match["magic"] == "%%mlops":
        return _in_step_line(match["said"], shell), False
    place = Place(notebook=lambda: current_notebook(shell), namespace=shell.user_ns)
    return offers(match["said"], place)


def _in_step_line(said: str, shell: Any) -> list[str]:
    words, incomplete = _split(said)
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
