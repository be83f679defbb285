"""The papermill engine: `papermill in.ipynb out.ipynb --engine mlops` runs a cached pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from papermill.engines import Engine

from mlops_lab.errors import RunFailed
from mlops_lab.ir.options import RunOptions

_OURS = frozenset(RunOptions.__dataclass_fields__) - {"params", "kernel", "cwd"}


class MlopsEngine(Engine):
    """Takes a notebook that papermill read and parameterized, and runs it as `mlops run` does.

    Keyword arguments that RunOptions knows (`executor`, `cache`, `split`, …) are passed on; on
    papermill's command line they are given by `--engine-…` where it has such options, else by
    mlops.toml.
    """

    @classmethod
    def execute_notebook(
        cls,
        nb: Any,
        kernel_name: str | None,
        output_path: str | None = None,
        progress_bar: bool = True,
        log_output: bool = False,
        autosave_cell_every: int = 30,
        **options: Any,
    ) -> Any:
        """Run the notebook; it comes back with every cell's outputs and papermill's marks.

        papermill raises PapermillExecutionError itself when it finds the failed cell.
        """
        from mlops_lab.services.source import given
        from mlops_lab.workbench import Workbench

        marks = nb.metadata.get("papermill", {})
        path = str(marks.get("input_path") or "notebook.ipynb")
        local = "://" not in path
        cwd = Path.cwd()
        bench = Workbench.open(Path(path) if local and Path(path).exists() else cwd)
        chosen = {key: value for key, value in options.items() if key in _OURS}
        settled = {"executor": bench.settings.executor, "split": bench.settings.split}
        wanted = RunOptions(**{**settled, **chosen}, kernel=kernel_name or None, cwd=cwd)
        source = given(nb, wanted, path, cwd)
        out = output_path if output_path and "://" not in output_path else None
        try:
            bench.runs.execute(source, out, wanted)
        except RunFailed:
            if not any(_failed(cell) for cell in nb.cells):
                raise  # papermill would take the run for a success
        return nb


def _failed(cell: Any) -> bool:
    return any(output.get("output_type") == "error" for output in cell.get("outputs", ()))
