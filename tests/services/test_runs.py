"""Runs as a library: what a step left comes into the calling process; resuming has its limits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlops_lab.errors import NotFound
from mlops_lab.services.executors import executor_names, find_executor
from tests.execution.lab import Lab, flip_all, steps

CELLS = {
    "base": "import numpy as np\n"
    "class Model:\n    '''A line.'''\n    def __init__(self, k): self.k = k\n"
    "    def at(self, x): return self.k * x + offset\n"
    "offset = 10\na = [1]\nb = a",
    "fit": "model = Model(3)\nview = np.arange(30_000.0)\ntail = view[-2:]\n"
    "lazy = (i for i in [9])\na.append(2)\nanswer = model.at(2)",
    "use": "print(answer, a)",
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    lab = Lab(tmp_path_factory.mktemp("values"), CELLS)
    assert lab.run().status == "succeeded"
    return lab


def load(lab: Lab, step: str, *names: str, inputs: bool = False) -> dict[str, Any]:
    return lab.bench.runs.values(lab.notebook, step, names, inputs)


def test_values_come_with_what_they_share_and_what_they_are(lab: Lab) -> None:
    with pytest.warns(UserWarning, match="'lazy' is left out: it lives in the run's kernel only"):
        values = load(lab, "fit")
    assert sorted(values) == ["a", "answer", "b", "model", "tail", "view"]
    assert values["answer"] == 16
    assert values["a"] == [1, 2]
    assert values["a"] is values["b"]
    assert type(values["model"]).__name__ == "Model"
    assert values["model"].k == 3
    values["view"][-1] = -1
    assert values["tail"][-1] == -1


def test_inputs_are_what_a_step_began_with(lab: Lab) -> None:
    values = load(lab, "fit", "a", "b", inputs=True)
    assert values == {"a": [1], "b": [1]}
    assert values["a"] is values["b"]


def test_a_class_is_the_same_however_often_it_comes(lab: Lab) -> None:
    (one,) = load(lab, "fit", "model").values()
    (two,) = load(lab, "fit", "model").values()
    (cls,) = load(lab, "base", "Model").values()
    assert isinstance(one, cls)
    assert isinstance(two, cls)


@pytest.mark.parametrize(
    ("step", "names", "says"),
    [
        ("nope", (), "no step 'nope' in the notebook; its steps are: base, fit, use"),
        ("fit", ("nope",), "step 'fit' wrote no 'nope'; it wrote: a, answer"),
        ("fit", ("lazy",), "'lazy' of step 'fit' lives in the run's kernel only"),
    ],
)
def test_what_cannot_be_had_is_named(
    lab: Lab, step: str, names: tuple[str, ...], says: str
) -> None:
    with pytest.raises(NotFound, match=says):
        load(lab, step, *names)


def test_a_step_that_never_ran_says_how_to_run_it(tmp_path: Path) -> None:
    lab = Lab(tmp_path, {"one": "x = 1"})
    with pytest.raises(NotFound, match=r"nothing is stored of step 'one'.*--upto one"):
        load(lab, "one")


def test_values_of_then_come_with_a_warning_once_the_code_above_has_changed(tmp_path: Path) -> None:
    lab = Lab(tmp_path, {"parameters": "n = 1", "one": "x = [n]"})
    lab.run()
    lab.write({"parameters": "n = 2", "one": "x = [n]"})
    with pytest.warns(UserWarning, match="step 'one' has changed since it last ran"):
        assert load(lab, "one") == {"x": [1]}


def test_damaged_values_are_never_loaded(tmp_path: Path) -> None:
    lab = Lab(tmp_path, {"one": "x = [1]"})
    lab.run()
    flip_all(lab.artifacts("value"))
    with pytest.raises(NotFound, match=r"'x' can't be loaded: artifact .* is damaged"):
        load(lab, "one")


def test_a_failed_run_goes_on_when_the_notebook_is_mended(tmp_path: Path) -> None:
    cells = {"one cache:off": "open('count', 'a').write('1')\nx = 1", "two": "x / 0"}
    lab = Lab(tmp_path, cells)
    failed = lab.run()
    lab.write(cells | {"two": "print(x)"})
    run = lab.bench.runs.resume(failed.run_id[:-2])
    assert steps(run) == {"one": "cached", "two": "succeeded"}
    assert (tmp_path / "count").read_text() == "1"
    assert steps(lab.run()) == {"one": "succeeded", "two": "cached"}


def test_a_run_that_nobody_knows_cannot_go_on(lab: Lab) -> None:
    with pytest.raises(NotFound, match="no run '2000'"):
        lab.bench.runs.resume("2000")


@pytest.mark.parametrize("name", ["local", "ray"])
def test_executors_are_found_by_name(name: str) -> None:
    assert find_executor(name).name == name


def test_an_executor_of_anyones_is_offered_and_none_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = tmp_path / "theirs-1.0.dist-info"
    theirs.mkdir()
    (theirs / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n")
    (theirs / "entry_points.txt").write_text("[mlops_lab.executors]\nbatch = no_such_module:X\n")
    monkeypatch.syspath_prepend(tmp_path)
    executor_names.cache_clear()
    assert executor_names() == ("local", "batch", "ray")
    executor_names.cache_clear()


def test_inputs_of_a_step_that_failed_are_what_its_code_looks_up(tmp_path: Path) -> None:
    cells = {
        "base": "xs = [1, 2]\nother = 3\ndef total(): return sum(xs)",
        "fit": "ys = xs\nprint(ys, len(xs))\nraise ValueError",
        "use": "print(ys, other)",
        "call": "total()",
    }
    lab = Lab(tmp_path / "failed", cells)
    assert lab.call("run", "lab.ipynb")[0] == 1
    assert load(lab, "fit", inputs=True) == {"xs": [1, 2]}
    assert sorted(load(lab, "call", inputs=True)) == ["total", "xs"]
    with pytest.raises(NotFound, match="nothing is stored of step 'fit'"):
        load(lab, "use", inputs=True)
    with pytest.raises(NotFound, match="nothing is stored of step 'fit'"):
        load(lab, "fit")
