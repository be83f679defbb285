"""A small project in a folder: write a notebook, run it, look at what became of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import nbformat

from mlops_lab.errors import RunFailed
from mlops_lab.ir.options import RunOptions
from mlops_lab.ir.plan import Plan
from mlops_lab.records.entry import Entry
from mlops_lab.records.events import Event
from mlops_lab.records.run import Run
from mlops_lab.records.step import StepRecord
from mlops_lab.workbench import Workbench

PLAIN = {
    "parameters", "imports", "functions", "setup", "skip", "raises-exception", "serial",
    "pipeline-metrics",
}  # fmt: skip
SETTINGS = 'tracking = "off"\n'


class Lab:
    """`cells` maps tags to source, one cell each: 'load retries:2' is step:load with retries:2."""

    def __init__(self, folder: Path, cells: Mapping[str, str] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.notebook = folder / "lab.ipynb"
        (folder / "mlops.toml").write_text(SETTINGS)
        self.bench = Workbench.open(folder)
        if cells:
            self.write(cells)

    def write(self, cells: Mapping[str, str], metadata: Mapping[str, Any] | None = None) -> None:
        nb = nbformat.v4.new_notebook(metadata=dict(metadata or {}))
        nb.cells = [_cell(tags, source) for tags, source in cells.items()]
        for number, cell in enumerate(nb.cells):
            cell.id = f"c{number}"
        nbformat.write(nb, self.notebook)

    def run(
        self,
        listen: Callable[[Event], None] | None = None,
        out: Path | None = None,
        **options: Any,
    ) -> Run:
        """Run it; what failed comes back too."""
        try:
            return self.bench.runs.run(self.notebook, out, RunOptions(**options), listen)
        except RunFailed:
            return self.last

    def explain(self, **options: Any) -> Plan:
        return self.bench.runs.explain(self.notebook, RunOptions(**options))

    def why(self, step: str, **options: Any) -> list[str]:
        """What `--explain` says of a step: its fate, then the reasons."""
        decision = self.explain(**options).fate(step)
        return [decision.fate, *map(str, decision.why)]

    @property
    def last(self) -> Run:
        return self.bench.history.list(limit=1)[0]

    def output(self, run: Run | None = None) -> Any:
        return nbformat.read(self.folder / (run or self.last).output, as_version=4)

    def text(self, run: Run | None = None) -> dict[str, str]:
        """What each cell printed or showed, by its id; papermill's markers left out."""
        cells = [c for c in self.output(run).cells if c.cell_type == "code"]
        return {cell.id: "".join(map(_text, cell.outputs)) for cell in cells}

    def entries(self) -> list[Entry]:
        """What the cache remembers, the longest unused first."""
        return [entry for _, entry in self.bench._records.by_use()]

    def keep(self, *entries: Entry) -> None:
        self.bench._records.keep(entries)

    def artifacts(self, suffix: str) -> list[Path]:
        return sorted((self.folder / ".mlops" / "artifacts").glob(f"*/*.{suffix}"))

    def start(self, *words: str, **env: str) -> subprocess.Popen[str]:
        """The command line, in a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "mlops_lab", *words],
            cwd=self.folder,
            env={**os.environ, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def call(self, *words: str, **env: str) -> tuple[int, Any, str]:
        """The command line with --json: exit code, answer, what it said beside."""
        process = self.start(*words, "--json", **env)
        out, err = process.communicate(timeout=120)
        return process.returncode, json.loads(out) if out.strip() else None, err


def steps(run: Run) -> dict[str, str]:
    """What became of each step: 'cached', else its status."""
    return {step.name: "cached" if step.cached else step.status for step in run.steps}


def step(run: Run, name: str) -> StepRecord:
    return next(step for step in run.steps if step.name == name)


def _cell(words: str, source: str) -> Any:
    if words.startswith("md"):
        return nbformat.v4.new_markdown_cell(source)
    tags = [word if ":" in word or word in PLAIN else f"step:{word}" for word in words.split()]
    return nbformat.v4.new_code_cell(source, metadata={"tags": [t for t in tags if t[-1] != "+"]})


def _text(output: Any) -> str:
    match output.output_type:
        case "stream":
            return str(output.text)
        case "error":
            return f"{output.ename}: {output.evalue}\n"
        case _:
            return str(output.data.get("text/plain", "")) + "\n"


def flip_all(paths: list[Path]) -> None:
    """Change one bit of each file."""
    for path in paths:
        content = bytearray(path.read_bytes())
        content[len(content) * 3 // 4] ^= 1
        path.write_bytes(content)
