"""The line `%%mlops step train --after load --gpus 1`, which says what tags say."""

from __future__ import annotations

import difflib
import re
import shlex

from mlops_lab.ir.problem import Problem
from mlops_lab.notebook.tags import Tag

FLAGS = ("serial",)
OPTIONS = (
    "after",
    "cpus",
    "gpus",
    "memory",
    "accelerator",
    "retries",
    "timeout",
    "cache",
    "data",
)
"""What takes a value; tests/cases/marks.json holds the browser to the same."""
_LINE = re.compile(
    r"(?P<above>(?:[ \t]*\n)*)%%mlops[ \t]+step\b(?P<words>[^\n]*)(?P<rest>.*)", re.DOTALL
)


def step_line(source: str, *, cell: int | None = None) -> tuple[list[Tag], str, list[Problem]]:
    """The tags that the first line stands for, the source without it, and what is wrong.

    An empty line takes its place, so that line numbers stay. `cell` counts from 1.
    """
    match = _LINE.match(source) if "%%mlops" in source else None
    if match is None:
        return [], source, []
    tags, mistakes = _read(match["words"])
    line = match["above"].count("\n") + 1
    problems = [
        Problem(message=message, way_out=way_out, cell=cell, line=line)
        for message, way_out in mistakes
    ]
    return tags, match["above"] + match["rest"], problems


def _read(text: str) -> tuple[list[Tag], list[tuple[str, str]]]:
    example = "Write it as in '%%mlops step train --after load'"
    try:
        words = shlex.split(text, comments=True)
    except ValueError as error:
        return [], [(f"the line '%%mlops step{text}' can't be read: {error}", example)]
    tags: list[Tag] = []
    mistakes: list[tuple[str, str]] = []
    names: list[str] = []
    while words:
        word = words.pop(0)
        if not word.startswith("--"):
            names.append(word)
            continue
        option, equals, value = word[2:].partition("=")
        if option in FLAGS and not equals:
            tags.append(Tag(text=option, shown=f"'--{option}'"))
        elif option not in OPTIONS:
            near = difflib.get_close_matches(option, (*OPTIONS, *FLAGS), n=1)
            way_out = f"Did you mean '--{near[0]}'?" if near else f"There are: {_listed()}"
            mistakes.append((f"'%%mlops step' has no option '--{option}'", way_out))
            if names and not equals and words and not words[0].startswith("--"):
                words.pop(0)  # most likely the option's value
        elif not equals and (not words or words[0].startswith("--")):
            mistakes.append((f"'--{option}' needs a value", example))
        else:
            value = value if equals else words.pop(0)
            parts = value.split(",") if option == "after" else [value]
            shown = f"'--{option} {value}'"
            tags += [Tag(text=f"{option}:{part}", shown=shown) for part in parts]
    if len(names) != 1:
        got = f"not {len(names)}: {' '.join(names)}" if names else "and there is none"
        mistakes.append((f"'%%mlops step' takes one name, {got}", example))
    shown = "the name in '%%mlops step'"
    return [Tag(text=f"step:{name}", shown=shown) for name in names[:1]] + tags, mistakes


def _listed() -> str:
    return ", ".join(f"--{option}" for option in sorted((*OPTIONS, *FLAGS)))
