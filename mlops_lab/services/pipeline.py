"""Pipelines: what a notebook would run."""

from __future__ import annotations

from pathlib import Path

from mlops_lab.compiler.compile import compile
from mlops_lab.ir.options import Split
from mlops_lab.ir.pipeline import Pipeline


class Pipelines:
    """The pipelines that notebooks are."""

    def compile(self, notebook: Path, split: Split | None = None) -> Pipeline:
        """The notebook's pipeline. Raises NotFound; NotebookError with every problem."""
        from mlops_lab.notebook.read import read

        return compile(read(notebook), split, name=Path(notebook).stem)
