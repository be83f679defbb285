"""The papermill engine: `papermill in.ipynb out.ipynb --engine mlops` runs a cached pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlops_lab.errors import RunFailed
from mlops_lab.ir.options import RunOptions

_OURS = frozenset(RunOptions.__dataclass_fields__) - {"params", "kernel", "cwd"}


class MlopsEngine:
    """Takes a notebook that papermill read and parameterized, and runs it as `mlops run` does.

    Keyword arguments that RunOptions knows (`executor`, `cache`, `split`, …) are passed on; on
    papermill's command line they are given by `--engine-…` where it has such options, else by
    mlops.toml.

    papermill asks an engine for these three names and for nothing else. It loads all engines while
    it is imported itself, so this one does without its base class.
    """

    @classmethod
    def nb_kernel_name(cls, nb: Any, name: str | None = None) -> str:
        """The kernel that papermill runs the notebook in; the usual one where nothing is said."""
        return str(name or nb.metadata.get("kernelspec", {}).get("name") or "python3")

    @classmethod
    def nb_language(cls, nb: Any, language: str | None = None) -> str:
        """The notebook's language, Python where nothing is said."""
        info, spec = nb.metadata.get("language_info", {}), nb.metadata.get("kernelspec", {})
        return str(language or info.get("name") or spec.get("language") or "python")

    @classmethod
    def execute_notebook(
        cls, nb: Any, kernel_name: str | None, output_path: str | None = None, **said: Any
    ) -> Any:
        """Run the notebook; it comes back with every cell's outputs and papermill's marks.

        papermill raises PapermillExecutionError itself when it finds the failed cell.
        """
        from papermill.execute import remove_error_markers

        from mlops_lab.services.source import given
        from mlops_lab.workbench import Workbench

        start = _where_paths_begin()
        path = str(nb.metadata.get("papermill", {}).get("input_path") or "notebook.ipynb")
        path = path if "://" in path else str(start / path)
        bench = Workbench.open(Path(path) if Path(path).is_file() else start)
        chosen = {key: value for key, value in said.items() if key in _OURS}
        settings = bench.settings
        settled = {
            "executor": settings.executor,
            "split": settings.split,
            "workers": settings.workers,
        }
        cwd = Path.cwd()
        wanted = RunOptions(**{**settled, **chosen}, kernel=kernel_name or None, cwd=cwd)
        source = given(nb, wanted, path, cwd)
        out = start / output_path if output_path and "://" not in output_path else None
        try:
            bench.runs.surface = "papermill"
            bench.runs.execute(source, out, wanted)
        except RunFailed:
            if not any(_failed(cell) for cell in nb.cells):
                raise  # papermill would take the run for a success
        return remove_error_markers(nb)  # papermill puts its own


def _where_paths_begin() -> Path:
    """The folder in which papermill was called: it has gone on to the one where cells run."""
    from papermill.iorw import papermill_io

    handler = papermill_io.get_handler("local")
    begun = handler.cwd(None)
    handler.cwd(begun)
    return Path(begun or Path.cwd())


def _failed(cell: Any) -> bool:
    return any(output.get("output_type") == "error" for output in cell.get("outputs", ()))
