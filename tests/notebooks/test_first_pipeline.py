"""The notebook of the tour gives the same, however it is run."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "01-first-pipeline.ipynb"
SCRIPTS = Path(sys.executable).parent

Outputs = dict[str, list[dict[str, Any]]]


def outputs(notebook: nbformat.NotebookNode) -> Outputs:
    """What each code cell shows, by the cell's id; papermill's own cells left out."""
    return {
        cell.id: [shown(output) for output in cell.outputs]
        for cell in notebook.cells
        if cell.cell_type == "code"
    }


def shown(output: nbformat.NotebookNode) -> dict[str, Any]:
    """What is to be seen of an output: counters aside."""
    return {k: v for k, v in output.items() if k not in {"metadata", "execution_count"}}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the notebook in it and no past."""
    folder = tmp_path_factory.mktemp("tour")
    (folder / "mlops.toml").touch()
    shutil.copy(NOTEBOOK, folder)
    return folder


@pytest.fixture(scope="module")
def one_kernel(project: Path) -> Outputs:
    """What one kernel shows, cell by cell."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, resources={"metadata": {"path": str(project)}}).execute()
    return outputs(notebook)


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["papermill", "{nb}", "{out}"], id="papermill"),
        pytest.param(["papermill", "{nb}", "{out}", "--engine", "mlops"], id="papermill-engine"),
        pytest.param(["mlops", "run", "{nb}", "{out}", "--no-cache"], id="local"),
        pytest.param(["mlops", "run", "{nb}", "{out}"], id="local-cached"),
        pytest.param(
            ["mlops", "run", "{nb}", "{out}", "--no-cache", "--executor", "ray"],
            id="ray",
            marks=pytest.mark.ray,
        ),
    ],
)
def test_the_tour_gives_the_same_however_it_is_run(
    command: list[str], project: Path, one_kernel: Outputs, tmp_path: Path
) -> None:
    out = tmp_path / "out.ipynb"
    script, *words = (word.format(nb=NOTEBOOK.name, out=out) for word in command)
    said = subprocess.run(
        [str(SCRIPTS / script), *words], cwd=project, capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stdout + said.stderr
    assert outputs(nbformat.read(out, as_version=4)) == one_kernel


def test_the_tour_has_the_steps_that_its_text_speaks_of() -> None:
    text = nbformat.read(NOTEBOOK, as_version=4)
    tags = {tag for cell in text.cells for tag in cell.metadata.get("tags", ())}
    steps = {"load", "validate", "features", "linear", "margin", "forest", "evaluate", "mistakes"}
    assert {tag.removeprefix("step:") for tag in tags if tag.startswith("step:")} == steps
    assert tags >= {"parameters", "imports", "functions", "pipeline-metrics"}
