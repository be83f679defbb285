"""A run's steps and their cells, as its output notebook tells them."""

from __future__ import annotations

import nbformat

from mlops_lab.records.events import RunStarted
from mlops_lab.records.run import fold
from mlops_lab.services.ending import mark_failure
from mlops_lab.services.shape import shape

STARTED = RunStarted(
    at=1.0,
    run_id="r",
    notebook="nb.ipynb",
    output="out.ipynb",
    executor="local",
    params={},
    steps=("load", "fit"),
    host="here",
    pid=1,
    pid_started=1.0,
)


def test_cells_are_numbered_as_they_ran_although_a_failure_was_marked_among_them() -> None:
    load = nbformat.v4.new_code_cell("x = 1", metadata={"tags": ["step:load"]})
    fit = nbformat.v4.new_code_cell("x / 0", metadata={"tags": ["step:fit"]})
    error = {"ename": "ZeroDivisionError", "evalue": "division by zero", "traceback": []}
    fit.outputs = [nbformat.v4.new_output("error", **error)]
    for cell in (load, fit):
        cell.metadata["papermill"] = {"exception": cell is fit}
        cell.metadata.setdefault("tags", [])
    nb = nbformat.v4.new_notebook(cells=[load, fit])
    mark_failure(nb)
    assert len(nb.cells) == 4
    found = shape(fold([STARTED]), nb)
    assert found.cells == {"load": (1,), "fit": (2,)}
    assert found.ids == {"1": load.id, "2": fit.id}
