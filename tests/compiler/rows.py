"""Small notebooks as text, read from `tests/cases/*.txt`, with the pipeline they are to give.

    === what is special about it
    steps: cells
    metadata: {"kernelspec": {"language": "R"}}
    --- step:load
    x = 1
    --- md
    # A heading
    ---
    print(x)
    =>
    load 1,3 writes x

`---` begins a cell and gives its tags; `md` makes it a markdown cell. Below `=>` stands a line for
each step: its name, its cells, and what is not as usual. A line with `!` is a problem.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from mlops_lab.compiler.compile import compile
from mlops_lab.errors import NotebookError
from mlops_lab.ir.pipeline import Pipeline
from mlops_lab.ir.step import Step

CASES = Path(__file__).parents[1] / "cases"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A notebook, how it is split, and the lines that tell of its pipeline."""

    name: str
    notebook: dict[str, Any]
    split: Any
    expected: list[str]

    def compiled(self) -> list[str]:
        """The lines that really come out."""
        try:
            return told(compile(self.notebook, self.split))
        except NotebookError as error:
            return [f"! {problem}" for problem in error.problems]


def rows() -> Iterator[Row]:
    for path in sorted(CASES.glob("*.txt")):
        for block in re.split(r"^=== ", path.read_text(), flags=re.MULTILINE)[1:]:
            yield row(path.stem, block)


def row(topic: str, block: str) -> Row:
    title, _, body = block.partition("\n")
    text, _, expected = body.partition("\n=>")
    head, *cells = re.split(r"^---", text, flags=re.MULTILINE)
    options = dict(line.split(": ", 1) for line in head.splitlines() if line.strip())
    return Row(
        name=f"{topic}: {title}",
        notebook={
            "cells": [cell(*text.partition("\n")[::2]) for text in cells],
            "metadata": json.loads(options.get("metadata", "{}")),
        },
        split=options.get("steps"),
        expected=[line for line in expected.splitlines() if line.strip()],
    )


def cell(head: str, source: str) -> dict[str, Any]:
    tags = head.split()
    kind = "markdown" if tags == ["md"] else "code"
    return {
        "cell_type": kind,
        "metadata": {"tags": tags} if kind == "code" and tags else {},
        "source": source.removesuffix("\n"),
    }


def told(pipeline: Pipeline) -> list[str]:
    """The pipeline in lines, what is as usual left out."""
    lines = [step_line(pipeline, step) for step in pipeline]
    return lines + [f"! {note}" for note in pipeline.notes]


def step_line(pipeline: Pipeline, step: Step) -> str:
    cells = [cell.number for i in step.segments for cell in pipeline.segments[i].cells]
    words = [step.name, ",".join(map(str, cells))]
    reads = [f"{name}@{source or ''}" for name, source in step.reads]
    said = {
        "reads": reads,
        "writes": step.writes,
        "waits": pipeline.waits_for(step.name),
        "after": step.after,
        "data": step.data,
    }
    for word, names in said.items():
        words += [word, ",".join(names)] if names else []
    for value in (step.resources, step.policy):
        for field in fields(value):
            if (own := getattr(value, field.name)) not in (None, (), 0, False):
                words.append(f"{field.name}={own}".replace(" ", ""))
    if step.policy.cache is False:
        words.append("cache=False")
    return " ".join(words + (["metrics"] if step.metrics else []))
