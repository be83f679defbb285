"""papermill's front door: `papermill in.ipynb out.ipynb --engine mlops`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tests.execution.lab import Lab, steps

CELLS = {
    "parameters": "n = 1",
    "load": "import os\nx = [n]\nprint(os.path.basename(os.getcwd()))",
    "show": "print(x)",
}


def papermill(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "papermill", *words, "--engine", "mlops", "--no-progress-bar"]
    return subprocess.run(command, check=False, cwd=folder, capture_output=True, text=True)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """papermill itself sets parameters only where the kernel is named."""
    lab = Lab(tmp_path_factory.mktemp("engine"))
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    lab.write(CELLS, {"kernelspec": spec})
    return lab


@pytest.mark.parametrize(
    "first", ["import mlops_lab.engine", "import papermill", "import mlops_lab, papermill.execute"]
)
def test_engine_and_papermill_import_each_other_in_any_order(first: str) -> None:
    look = "from papermill.engines import papermill_engines as e; print(e.get_engine('mlops'))"
    done = subprocess.run(
        [sys.executable, "-c", f"{first}; {look}"], check=True, capture_output=True, text=True
    )
    assert done.stdout == "<class 'mlops_lab.engine.MlopsEngine'>\n"


def test_papermill_runs_a_cached_pipeline(lab: Lab) -> None:
    for expected in ("succeeded", "cached"):
        done = papermill(lab.folder, "lab.ipynb", "out.ipynb", "-p", "n", "5")
        assert done.returncode == 0, done.stderr
        nb = nbformat.read(lab.folder / "out.ipynb", as_version=4)
        assert nb.cells[-1].outputs[0].text == "[5]\n"
        assert nb.metadata.papermill.parameters == {"n": 5}
        assert nb.metadata.papermill.output_path == "out.ipynb"
        assert [c.metadata.papermill.status for c in nb.cells] == ["completed"] * 4
        assert set(steps(lab.last).values()) == {expected}
        assert lab.last.notebook == "lab.ipynb"


def test_cells_work_in_papermills_folder_and_paths_begin_where_it_was_called(lab: Lab) -> None:
    (lab.folder / "elsewhere").mkdir()
    done = papermill(lab.folder, "lab.ipynb", "out2.ipynb", "--cwd", "elsewhere")
    assert done.returncode == 0, done.stderr
    nb = nbformat.read(lab.folder / "out2.ipynb", as_version=4)
    assert nb.cells[1].outputs[0].text == "elsewhere\n"
    assert lab.last.notebook == "lab.ipynb"
    assert not (lab.folder / "elsewhere" / ".mlops").exists()


def test_a_failure_ends_as_papermills_own(tmp_path: Path) -> None:
    lab = Lab(tmp_path, {"one": "print('so far')", "two": "1 / 0", "three": "3"})
    done = papermill(tmp_path, "lab.ipynb", "out.ipynb")
    assert done.returncode == 1
    assert "PapermillExecutionError" in done.stderr
    assert "ZeroDivisionError: division by zero" in done.stderr
    nb = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    tagged = [i for i, c in enumerate(nb.cells) if "papermill-error-cell-tag" in c.metadata.tags]
    assert tagged == [0, 2]
    statuses = [c.metadata.papermill.status for c in nb.cells if c.cell_type == "code"]
    assert statuses == ["completed", "failed", "pending"]
    assert lab.last.status == "failed"


def test_a_kernels_death_is_no_success(tmp_path: Path) -> None:
    lab = Lab(tmp_path, {"one": "import os; os._exit(3)", "two": "2"})
    done = papermill(tmp_path, "lab.ipynb", "out.ipynb")
    assert done.returncode == 1
    assert "ended by itself with status 3" in done.stderr
    nb = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    statuses = [c.metadata.papermill.status for c in nb.cells if c.cell_type == "code"]
    assert statuses == ["failed", "pending"]
    assert lab.last.status == "failed"


def test_a_notebook_without_tags_or_metadata_runs_too(tmp_path: Path) -> None:
    Lab(tmp_path).notebook.write_text(
        '{"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [{"cell_type": "code", '
        '"metadata": {}, "source": "41 + 1", "outputs": [], "execution_count": null}]}'
    )
    done = papermill(tmp_path, "lab.ipynb", "out.ipynb")
    assert done.returncode == 0, done.stderr
    nb = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    assert nb.cells[0].outputs[0].data["text/plain"] == "42"


def test_an_unknown_parameter_is_refused_before_anything_runs(lab: Lab) -> None:
    runs = len(lab.bench.history.list())
    done = papermill(lab.folder, "lab.ipynb", "out3.ipynb", "-p", "m", "1")
    assert done.returncode != 0
    assert "the notebook takes no parameter 'm'" in done.stderr
    assert len(lab.bench.history.list()) == runs
