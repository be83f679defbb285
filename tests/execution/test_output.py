"""The output notebook: every cell's outputs in place, marked as papermill marks them."""

from __future__ import annotations

import json
from pathlib import Path

import click
import nbformat
import pytest

from mlops_lab.errors import RunFailed
from mlops_lab.execution.page import Page
from mlops_lab.ir.options import RunOptions
from mlops_lab.records.events import CellStarted, Event

from .lab import Lab, step, steps

FAILS = {
    "md": "# A story",
    "one": "print('first')",
    "two": "print('so far')\n1 / 0",
    "three": "print('never')",
}


def marks(cell: nbformat.NotebookNode) -> tuple[object, ...]:
    own = cell.metadata.papermill
    timed = [own[key] is not None for key in ("start_time", "end_time", "duration")]
    return own.status, own.exception, all(timed), any(timed)


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    lab = Lab(tmp_path_factory.mktemp("failed"), FAILS)
    with pytest.raises(RunFailed) as caught:
        lab.bench.runs.run(lab.notebook, lab.folder / "out.ipynb", RunOptions())
    error = caught.value
    assert (error.step, error.cell, error.ename) == ("two", 3, "ZeroDivisionError")
    assert str(error) == "step 'two', cell 3 failed: ZeroDivisionError: division by zero"
    assert "1 / 0" in click.unstyle(error.traceback)
    assert "mlops_lab" not in error.traceback
    return lab


def test_a_run_that_succeeds_is_marked_as_papermill_does(tmp_path: Path) -> None:
    lab = Lab(tmp_path, {"md": "# Title", "one": "print(1)", "skip": "print(0)", "two": "2"})
    run = lab.run()
    nb = lab.output(run)
    assert [marks(cell) for cell in nb.cells] == [
        ("completed", None, False, False),
        ("completed", False, True, True),
        ("completed", None, False, False),
        ("completed", False, True, True),
    ]
    assert nb.metadata.papermill.exception is None
    assert nb.metadata.papermill.duration >= 0
    assert nb.metadata.papermill.parameters == {}
    assert [cell.get("execution_count") for cell in nb.cells] == [None, 1, None, 2]
    assert lab.text(run) == {"c1": "1\n", "c2": "", "c3": "2\n"}
    nbformat.validate(nb)
    assert run.status == "succeeded"
    assert [s.cells for s in run.steps] == [s.cells_done for s in run.steps] == [1, 1]


def test_a_failed_run_keeps_its_outputs_and_leaves_the_rest_pending(failed: Lab) -> None:
    nb = failed.output()
    code = {cell.id: marks(cell) for cell in nb.cells if cell.cell_type == "code"}
    assert code == {
        "c1": ("completed", False, True, True),
        "c2": ("failed", True, True, True),
        "c3": ("pending", None, False, False),
    }
    assert failed.text() == {
        "c1": "first\n",
        "c2": "so far\nZeroDivisionError: division by zero\n",
        "c3": "",
    }
    assert nb.metadata.papermill.exception is True
    assert steps(failed.last) == {"one": "succeeded", "two": "failed", "three": "skipped"}


def test_papermills_markers_stand_around_the_failed_cell(failed: Lab) -> None:
    cells = failed.output().cells
    tagged = [i for i, c in enumerate(cells) if "papermill-error-cell-tag" in c.metadata.tags]
    assert tagged == [0, 3]
    assert "An Exception was encountered at" in cells[0].source
    assert "In [2]" in cells[0].source
    assert cells[4].id == "c2"


def test_the_second_output_is_the_same(failed: Lab) -> None:
    out = (failed.folder / "out.ipynb").read_text()
    assert out == (failed.folder / failed.last.output).read_text()


def test_the_error_is_kept_with_the_users_own_traceback(failed: Lab) -> None:
    two = step(failed.last, "two")
    assert two.error == "ZeroDivisionError: division by zero"
    assert two.cell == 3
    assert "1 / 0" in click.unstyle(two.traceback or "")
    log = failed.folder / ".mlops" / "runs" / failed.last.run_id / "logs" / "two.log"
    assert log.read_text().startswith("so far\n")
    assert "ZeroDivisionError" in log.read_text()


@pytest.mark.parametrize(
    ("death", "says"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "SIGKILL"),
        ("import ctypes; ctypes.string_at(0)", "SIGSEGV (segmentation fault)"),
    ],
)
def test_a_kernels_death_fails_its_cell_and_completes_no_other(
    tmp_path: Path, death: str, says: str
) -> None:
    lab = Lab(tmp_path, {"one": "print('so far', flush=True)", "two": death, "three": "3"})
    run = lab.run()
    nb = lab.output(run)
    assert [marks(c)[0] for c in nb.cells if c.cell_type == "code"] == [
        "completed",
        "failed",
        "pending",
    ]
    assert lab.text(run)["c0"] == "so far\n"
    assert says in lab.text(run)["c1"]
    assert says in (run.error or "")
    assert steps(run) == {"one": "succeeded", "two": "failed", "three": "skipped"}


def test_the_output_is_saved_whole_while_a_cell_runs(tmp_path: Path) -> None:
    wait = "import pathlib, time\nwhile not pathlib.Path('go').exists(): time.sleep(0.01)"
    lab = Lab(tmp_path, {"one": "print('early')\nimport time; time.sleep(1)", "two": wait})
    seen: list[str] = []
    out = tmp_path / "out.ipynb"

    def look(event: Event) -> None:
        if isinstance(event, CellStarted) and event.step == "two":
            nb = json.loads(out.read_text())
            seen.append("".join(nb["cells"][0]["outputs"][0]["text"]))
            (tmp_path / "go").touch()

    lab.run(look, out)
    assert seen == ["early\n"]
    assert not [path for path in tmp_path.rglob("*.tmp") if path.is_file()]


def test_an_expected_error_lets_the_run_go_on(tmp_path: Path) -> None:
    lab = Lab(tmp_path, {"one raises-exception": "1 / 0", "two": "print('goes on')"})
    run = lab.run()
    assert run.status == "succeeded"
    assert lab.text(run)["c1"] == "goes on\n"
    assert marks(lab.output(run).cells[0])[0] == "completed"


def test_what_is_printed_in_pieces_is_one_output() -> None:
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x")])
    page = Page(nb)
    page.begin()
    page.cell_begins(0)
    for name, text in [("stdout", "a"), ("stdout", "b"), ("stderr", "c"), ("stdout", "d")]:
        page.hear(0, {"msg_type": "stream", "content": {"name": name, "text": text}})
    assert [(o.name, o.text) for o in nb.cells[0].outputs] == [
        ("stdout", "ab"),
        ("stderr", "c"),
        ("stdout", "d"),
    ]
