"""A notebook, read, given its parameters and compiled: ready to run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_lab.compiler.compile import compile
from mlops_lab.errors import NotFound
from mlops_lab.ir.options import RunOptions
from mlops_lab.ir.pipeline import Pipeline
from mlops_lab.notebook.parameters import bind
from mlops_lab.notebook.read import read


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A notebook that is ready to run. `cwd` is where its kernel works."""

    nb: Any
    pipeline: Pipeline
    params: Mapping[str, Any]
    path: str
    cwd: Path

    @property
    def file_name(self) -> str:
        """The notebook's file name."""
        return Path(self.path).name or "notebook.ipynb"

    def identity(self, root: Path) -> str:
        """The notebook's path from the root; as written where it lies elsewhere."""
        path = Path(self.path).absolute()
        return str(path.relative_to(root)) if path.is_relative_to(root) else self.path


def prepare(notebook: Path | str, options: RunOptions) -> Source:
    """Read, parameterize, compile. Raises NotFound, NotebookError, ParameterError."""
    remote = "://" in str(notebook)
    nb = _fetch(str(notebook)) if remote else read(Path(notebook))
    name = Path(str(notebook)).stem
    pipeline = compile(nb, options.split, name=name)
    params = bind(pipeline.parameters, options.params)
    if params:
        from papermill.parameterize import parameterize_notebook

        nb = parameterize_notebook(nb, params, kernel_name=options.kernel)
        pipeline = compile(nb, options.split, name=name)
    nb.metadata.setdefault("papermill", {}).update(
        input_path=str(notebook), parameters=dict(params)
    )
    folder = Path.cwd() if remote else Path(notebook).absolute().parent
    return Source(
        nb=nb,
        pipeline=pipeline,
        params=params,
        path=str(notebook),
        cwd=(options.cwd or folder).absolute(),
    )


def given(nb: Any, options: RunOptions, path: str, cwd: Path) -> Source:
    """The same for a notebook that papermill has read and parameterized."""
    params = dict(nb.metadata.get("papermill", {}).get("parameters") or {})
    pipeline = compile(nb, options.split, name=Path(path).stem)
    bind(pipeline.parameters, params)
    return Source(nb=nb, pipeline=pipeline, params=params, path=path, cwd=cwd)


def _fetch(address: str) -> Any:
    from papermill.iorw import load_notebook_node

    try:
        return load_notebook_node(address)
    except OSError as error:
        raise NotFound(f"{address} can't be read: {error}") from error
