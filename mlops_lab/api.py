"""The verbs for a script: compile, explain, run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mlops_lab.ir.options import RunOptions, Split
from mlops_lab.ir.pipeline import Pipeline
from mlops_lab.ir.plan import Plan
from mlops_lab.records.events import Event
from mlops_lab.records.run import Run
from mlops_lab.workbench import Workbench


def compile(notebook: Path | str, split: Split | None = None) -> Pipeline:
    """The notebook's pipeline. Raises NotebookError, which holds every mistake."""
    path = Path(notebook)
    return Workbench.open(path).pipeline.compile(path, split)


def explain(notebook: Path | str, options: RunOptions | None = None) -> Plan:
    """What a run would do: for each step, cached or not, and why. Runs nothing."""
    return Workbench.open(notebook).runs.explain(Path(notebook), options or RunOptions())


def run(
    notebook: Path | str,
    out: Path | str | None = None,
    options: RunOptions | None = None,
    listen: Callable[[Event], None] | None = None,
    *,
    params: Mapping[str, Any] | None = None,
) -> Run:
    """Run the notebook as a pipeline; `listen` hears each event as it happens.

    `params` come on top of those in `options`. Raises RunFailed once everything is saved,
    RunCancelled on Ctrl-C.
    """
    wanted = options or RunOptions()
    if params:
        wanted = replace(wanted, params={**wanted.params, **params})
    return Workbench.open(notebook).runs.run(notebook, out, wanted, listen)
