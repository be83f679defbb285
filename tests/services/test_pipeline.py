"""A notebook's file becomes its pipeline."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from mlops_lab.errors import NotebookError, NotFound
from mlops_lab.notebook.write import write
from mlops_lab.services.pipeline import Pipelines


def test_a_file_gives_its_pipeline_under_its_own_name(tmp_path: Path) -> None:
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("%%mlops step load\nx = 1")])
    write(nb, tmp_path / "cars.ipynb")
    pipeline = Pipelines().compile(tmp_path / "cars.ipynb")
    assert (pipeline.name, [step.name for step in pipeline]) == ("cars", ["load"])


def test_what_is_no_notebook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        Pipelines().compile(tmp_path / "cars.ipynb")
    (tmp_path / "cars.ipynb").write_text("{")
    with pytest.raises(NotebookError):
        Pipelines().compile(tmp_path / "cars.ipynb")
