"""A notebook, read, given its parameters and compiled: ready to run."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from mlops_lab.compiler.compile import compile
from mlops_lab.errors import NotFound, ParameterError
from mlops_lab.ir.options import RunOptions
from mlops_lab.ir.pipeline import Pipeline
from mlops_lab.notebook.injected import behind_parameters, injected
from mlops_lab.notebook.parameters import bind
from mlops_lab.notebook.read import look, read


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A notebook that is ready to run. `cwd` is where its kernel works.

    `added` is the index of the cell that sets the parameters, where its author's notebook has none.
    """

    nb: Any
    pipeline: Pipeline
    params: Mapping[str, Any]
    path: str
    cwd: Path
    added: int | None = None

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
    params = bind(pipeline.parameters, options.params, python=pipeline.python)
    _as_papermill_loads(nb, pipeline.kernel)
    added = None
    if params:
        own = injected(nb) is not None
        nb = _parameterized(nb, params, options.kernel or pipeline.kernel)
        added = None if own else injected(nb)
        pipeline = compile(nb, options.split, name=name, added=added)
    nb.metadata.papermill.update(input_path=str(notebook), parameters=dict(params))
    folder = Path.cwd() if remote else Path(notebook).absolute().parent
    return Source(
        nb=nb,
        pipeline=pipeline,
        params=params,
        path=str(notebook),
        cwd=(options.cwd or folder).absolute(),
        added=added,
    )


def looked(notebook: Path) -> Source:
    """The same with no parameters set, to ask about and not to run: nothing heavy is imported."""
    nb = look(notebook)
    pipeline = compile(nb, name=notebook.stem)
    return Source(
        nb=nb, pipeline=pipeline, params={}, path=str(notebook), cwd=notebook.absolute().parent
    )


def given(nb: Any, options: RunOptions, path: str, cwd: Path) -> Source:
    """The same for a notebook that papermill has read and parameterized."""
    params = dict(nb.metadata.get("papermill", {}).get("parameters") or {})
    behind_parameters(nb)
    added = injected(nb) if params else None
    pipeline = compile(nb, options.split, name=Path(path).stem, added=added)
    bind(pipeline.parameters, params, python=pipeline.python)
    return Source(nb=nb, pipeline=pipeline, params=params, path=path, cwd=cwd, added=added)


def _parameterized(nb: Any, params: Mapping[str, Any], kernel: str) -> Any:
    """The notebook with a cell behind its defaults that sets the parameters."""
    from papermill.exceptions import PapermillException
    from papermill.parameterize import parameterize_notebook

    language = nb.metadata.kernelspec.language
    logger = logging.getLogger("papermill")
    logger.addFilter(_not_of_kale)
    try:
        nb = parameterize_notebook(nb, dict(params), kernel_name=kernel, language=language)
    except PapermillException as error:
        raise ParameterError(f"papermill can't set parameters in {language}: {error}") from error
    finally:
        logger.removeFilter(_not_of_kale)
    behind_parameters(nb)
    return nb


def _not_of_kale(record: logging.LogRecord) -> bool:
    """Whether to say it: that 'parameters' is missing misleads where Kale's tag is there."""
    return "does not contain a cell with tag" not in record.getMessage()


def _as_papermill_loads(nb: Any, kernel: str) -> None:
    """What papermill expects of a notebook's metadata, though few notebooks have it all."""
    # JupyterLab leaves both empty where it has read a notebook anew before its kernel was there.
    spoken = nb.metadata.get("language_info", {}).get("name") or "python"
    marks = {"default_parameters": {}, "environment_variables": {}, "version": version("papermill")}
    spec = {"name": kernel, "display_name": kernel, "language": spoken}
    nb.metadata["papermill"] = marks | nb.metadata.get("papermill", {})
    said = {key: one for key, one in nb.metadata.get("kernelspec", {}).items() if one}
    nb.metadata["kernelspec"] = spec | said
    for cell in nb.cells:
        cell.metadata.setdefault("tags", [])


def _fetch(address: str) -> Any:
    from papermill.iorw import load_notebook_node

    try:
        return load_notebook_node(address)
    except OSError as error:
        raise NotFound(f"{address} can't be read: {error}") from error
