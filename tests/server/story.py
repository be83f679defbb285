"""Notebooks to run, and a run's events as a driver would commit them."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import nbformat
import psutil

from mlops_lab.notebook.write import write
from mlops_lab.records.events import (
    CellFinished,
    CellStarted,
    Event,
    RunFinished,
    RunStarted,
    StepFinished,
    StepStarted,
)


def book(path: Path, steps: dict[str, str], parameters: str = "") -> Path:
    """A notebook with a cell for each step."""
    cells = [nbformat.v4.new_markdown_cell("# Title")]
    if parameters:
        cells.append(nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}))
    for name, source in steps.items():
        metadata = {"tags": [f"step:{name}"]}
        cells.append(nbformat.v4.new_code_cell(source, metadata=metadata))
    path.parent.mkdir(parents=True, exist_ok=True)
    write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def begun(run_id: str, at: float = 1000.0, **known: Any) -> list[Event]:
    """A run of cars/train.ipynb, driven by a process that lives: this one."""
    said = {
        "notebook": "cars/train.ipynb",
        "output": f".mlops/runs/{run_id}/train.ipynb",
        "executor": "local",
        "params": {"rate": 0.1},
        "steps": ("load", "sum"),
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "pid_started": psutil.Process().create_time(),
    }
    return [RunStarted(at=at, run_id=run_id, **said | known)]


def step(name: str, cell: int, at: float = 1001.0, **known: Any) -> list[Event]:
    """A step with one cell, from its beginning to its end."""
    finished: dict[str, Any] = {"status": "succeeded", "cached": False, "seconds": 1.0} | known
    return [
        StepStarted(at=at, step=name, worker="home"),
        CellStarted(at=at, step=name, cell=cell, worker="home"),
        CellFinished(
            at=at + 1, step=name, cell=cell, seconds=1.0, status="succeeded", worker="home"
        ),
        StepFinished(at=at + 1, step=name, **finished),
    ]


def over(at: float = 1003.0, status: Any = "succeeded", error: str | None = None) -> list[Event]:
    """The end of the run."""
    return [RunFinished(at=at, status=status, seconds=at - 1000.0, error=error)]


def whole(run_id: str, at: float = 1000.0, **known: Any) -> list[Event]:
    """A run that went well."""
    return [
        *begun(run_id, at, **known),
        *step("load", 3, at),
        *step("sum", 4, at + 1, metrics={"loss": 0.25}),
        *over(at + 3),
    ]


def log(root: Path, run_id: str, name: str, text: str) -> Path:
    """What a step of a run printed."""
    path = root / ".mlops" / "runs" / run_id / "logs" / f"{name}.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(text)
    return path
