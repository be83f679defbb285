"""What a run needed and where it ran, as its events tell it."""

from __future__ import annotations

import getpass
import re
from pathlib import Path

import pytest

from mlops_lab.records.needs import RunNeeds
from mlops_lab.records.run import Run
from tests.execution.lab import Lab, step, steps

LARGE = 200_000_000
CELLS = {
    "load": "text = open('data.csv').read()\nimport helper",
    "big": f"size = len(bytearray({LARGE}))",
    "small": "import numpy\ntotal = float(numpy.float64(len(text) + size))",
    "net": "import sqlite3, time\nsqlite3.connect('own.db').close()\ntime.sleep(0.1)",
}


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    lab = Lab(tmp_path, CELLS)
    (tmp_path / "data.csv").write_text("a,b\n1,2\n")
    (tmp_path / "helper.py").write_text("one = 1\n")
    return lab


def needs(lab: Lab, run: Run) -> RunNeeds:
    return lab.bench.history.needs(run)


def memory(run: Run, name: str) -> int:
    found = step(run, name).memory
    assert found is not None
    return found


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="only Linux lowers the mark")
@pytest.mark.parametrize("workers", [1, 2])
def test_a_steps_peak_of_memory_is_its_own(lab: Lab, workers: int) -> None:
    run = lab.run(workers=workers)
    assert memory(run, "big") > LARGE
    assert memory(run, "small") < LARGE
    assert all(one.cpu is not None for one in run.steps)


def test_a_cached_step_shows_what_it_needed_when_it_ran_and_what_it_saves(lab: Lab) -> None:
    first = lab.run(cache=True)
    again = lab.run()
    assert steps(again) == {
        "load": "cached",
        "big": "cached",
        "small": "cached",
        "net": "succeeded",
    }
    assert [one.memory for one in again.steps[:3]] == [one.memory for one in first.steps[:3]]
    assert step(again, "big").saved == pytest.approx(step(first, "big").seconds, abs=0.01)
    assert (first.saved, step(again, "net").saved) == (0.0, 0.0)
    assert again.saved == pytest.approx(sum(one.saved for one in again.steps))


def test_what_was_loaded_and_read_stays_known_when_the_cache_forgets(lab: Lab) -> None:
    lab.run()
    run = lab.run()
    told = needs(lab, run)
    assert list(told.by_step) == ["load", "big", "small", "net"]
    assert told.by_step["load"] == ()
    assert set(told.packages) == {"numpy"} == set(told.by_step["net"])
    assert [(file.path, file.steps) for file in told.files if file.path == "data.csv"] == [
        ("data.csv", ("load",))
    ]
    assert {file.path: file.size for file in told.files}["data.csv"] == 8
    assert "helper.py" in {file.path for file in told.files}
    assert [(other.name, other.steps) for other in told.outside] == [("database own.db", ("net",))]
    assert told.python[0].startswith("CPython 3.")
    lab.bench.cache.prune(max_bytes=0)
    assert lab.entries() == []
    assert needs(lab, run) == told


def test_a_failed_step_says_what_it_took(lab: Lab) -> None:
    lab.write({"big": f"x = bytearray({LARGE})\nraise MemoryError"})
    assert memory(lab.run(), "big") > LARGE


def test_nothing_is_said_where_the_kernel_is_not_observed(lab: Lab) -> None:
    lab.write({"a": "x = 1"})
    run = lab.run(cache=False, workers=1)
    assert needs(lab, run) == RunNeeds()
    assert step(run, "a").memory is None


def test_a_notebook_that_looks_at_its_peak_finds_what_one_kernel_finds(lab: Lab) -> None:
    look = "import resource\nprint(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)"
    lab.write({"big": f"x = len(bytearray({LARGE}))", "look": look})
    run = lab.run(workers=1)
    assert int(lab.text(run)["c1"]) > LARGE
    assert memory(run, "big") > LARGE
    assert step(run, "look").memory is None  # no more than before, which is all that is known


def test_a_secret_is_in_nothing_that_is_told_of_needs(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "hunter2-hunter2")
    lab.write({"parameters": "token = ''", "load": "open(f'{token}.csv').read()"})
    (lab.folder / "hunter2-hunter2.csv").write_text("x")
    run = lab.run(params={"token": "env:TOKEN"})
    assert run.status == "succeeded"
    assert "hunter2" not in repr(needs(lab, run))
    assert "[TOKEN].csv" in {file.path for file in needs(lab, run).files}


def test_a_run_says_who_asked_for_it_how_and_for_which_kernel(lab: Lab) -> None:
    lab.write({"a": "x = 1"})
    code, _, _ = lab.call("run", "lab.ipynb")
    assert code == 0
    assert (lab.last.user, lab.last.surface) == (getpass.getuser(), "cli")
    assert lab.last.kernel == "python3"
    code, told, _ = lab.call("runs", "show", "last")
    assert code == 0
    assert {"user", "surface", "host", "kernel", "saved", "needs"} <= told.keys()
    assert told["needs"]["by_step"] == {"a": []}


def test_cells_are_numbered_as_in_the_notebook_though_a_cell_sets_the_parameters(lab: Lab) -> None:
    lab.write({"md": "# Title", "parameters": "n = 1", "load": "x = n", "fit": "x / 0"})
    run = lab.run(params={"n": 2})
    assert run.added == 2
    assert step(run, "fit").cell == 4
    assert re.search(r"cell 4 failed", run.error or "")
    shape = lab.bench.history.shape(run)
    assert shape.cells == {"load": (3,), "fit": (4,)}
    assert shape.ids["4"] == "c3"
    assert step(lab.run(), "fit").cell == 4
