"""What the caller chooses: which steps, which parameters, which kernel, what resources."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from mlops_lab.errors import BackendError, NotFound, ParameterError, ResourceError, UsageError
from mlops_lab.execution.fit import grant
from mlops_lab.interfaces import Node, Offer
from mlops_lab.ir.step import Resources, Step

from .lab import Lab, step, steps

CELLS = {
    "parameters": "n = 1  # how many",
    "load": "x = [n]\nprint('load', n)",
    "side": "print('side')",
    "train": "y = x + [2]",
    "show": "print(y)",
}
RAN, CACHED, SKIPPED = "succeeded", "cached", "skipped"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    lab = Lab(tmp_path_factory.mktemp("choices"), CELLS)
    run = lab.run(upto="load")
    assert [*steps(run).values()] == [RAN, SKIPPED, SKIPPED, SKIPPED]
    assert [c.metadata.papermill.status for c in lab.output(run).cells][1:] == [
        "completed",
        "pending",
        "pending",
        "pending",
    ]
    lab.run()
    return lab


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [CACHED, CACHED, CACHED, CACHED]),
        ({"refresh": ("load",)}, [RAN, CACHED, CACHED, CACHED]),
        ({"refresh": ("side", "show")}, [CACHED, RAN, CACHED, RAN]),
        ({"since": "train"}, [CACHED, CACHED, RAN, RAN]),
        ({"only": "train"}, [CACHED, CACHED, RAN, SKIPPED]),
        ({"upto": "side"}, [CACHED, CACHED, SKIPPED, SKIPPED]),
        ({"upto": "side", "refresh": ("side",)}, [CACHED, RAN, SKIPPED, SKIPPED]),
        ({"cache": False}, [RAN, RAN, RAN, RAN]),
    ],
    ids=str,
)
def test_chosen_steps_run_and_the_others_are_adopted(
    lab: Lab, options: dict[str, Any], expected: list[str]
) -> None:
    plan = lab.explain(**options)
    fates = {"succeeded": {"run", "may-run"}, "cached": {"cached"}, "skipped": {"left-out"}}
    for name, end in zip(("load", "side", "train", "show"), expected, strict=True):
        if "refresh" not in options:
            assert plan.fate(name).fate in fates[end]
    before = len(lab.entries())
    run = lab.run(**options)
    assert [*steps(run).values()] == expected
    if expected[-1] != SKIPPED:
        assert lab.text(run)["c4"] == "[1, 2]\n"
    if options == {"cache": False}:
        assert len(lab.entries()) == before


def test_parameters_reach_the_cells_behind_their_defaults(lab: Lab) -> None:
    run = lab.run(params={"n": 7})
    cells = lab.output(run).cells
    assert [c.metadata.tags for c in cells][:2] == [["parameters"], ["injected-parameters"]]
    assert lab.text(run)["c4"] == "[7, 2]\n"
    assert run.params == lab.output(run).metadata.papermill.parameters == {"n": 7}
    assert lab.why("load", params={"n": 8})[:2] == ["run", "parameter n changed: 7 → 8"]


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"params": {"m": 1}}, ParameterError, "no parameter 'm'. There are: n"),
        ({"params": {"n": "many"}}, ParameterError, "parameter 'n' takes int"),
        ({"params": {"n; import os": 1}}, ParameterError, "can't be a parameter's name"),
        ({"upto": "tarin"}, NotFound, "no step 'tarin'.*load, side, train, show"),
        ({"refresh": ("x",)}, NotFound, "no step 'x'"),
        ({"executor": "moon"}, UsageError, "no executor 'moon'; there are: .*local"),
    ],
)
def test_a_wrong_choice_is_told_before_anything_runs(
    lab: Lab, options: dict[str, Any], error: type[Exception], says: str
) -> None:
    runs = len(lab.bench.history.list())
    with pytest.raises(error, match=says):
        lab.run(**options)
    assert len(lab.bench.history.list()) == runs


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["run", "lab.ipynb"], 0),
        (["run", "lab.ipynb", "-p", "m", "1"], 2),
        (["run", "lab.ipynb", "-p", "n", "many"], 2),
        (["run", "gone.ipynb"], 2),
        (["run", "lab.ipynb", "-k", "no-such-kernel", "--no-cache"], 1),
    ],
)
def test_the_exit_code_says_how_it_went(lab: Lab, words: list[str], code: int) -> None:
    exit_code, answer, err = lab.call(*words)
    assert (exit_code, err) == (code, "")
    assert ("error" in answer) == (code != 0)


def test_a_failed_run_exits_with_1_and_names_cell_step_and_error(tmp_path: Path) -> None:
    lab = Lab(tmp_path, {"one": "1 / 0"})
    code, answer, _ = lab.call("run", "lab.ipynb")
    assert (code, answer["status"]) == (1, "failed")
    assert (
        answer["error"]["message"]
        == "step 'one', cell 1 failed: ZeroDivisionError: division by zero"
    )
    assert set(answer) - {"error"} == {
        "run_id", "status", "notebook", "output", "seconds", "params", "metrics", "mlflow_run_id",
        "steps", "timeline", "saved", "user", "surface", "kernel", "host",
        "git_commit", "git_dirty",
    }  # fmt: skip


def test_a_kernel_that_is_not_installed_is_told_with_those_there_are(lab: Lab) -> None:
    with pytest.raises(BackendError, match=r"no kernel 'no-such-kernel'.*there are: .*python3"):
        lab.run(kernel="no-such-kernel", cache=False)
    assert lab.last.status == "failed"


def test_cells_work_where_the_notebook_lies_or_where_they_are_told(tmp_path: Path) -> None:
    lab = Lab(tmp_path, {"one": "import os; print(os.getcwd())"})
    assert lab.text(lab.run())["c0"] == f"{tmp_path}\n"
    other = tmp_path / "other"
    other.mkdir()
    assert lab.text(lab.run(cwd=other, cache=False))["c0"] == f"{other}\n"


def test_a_notebook_needs_no_metadata_to_be_parameterized(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    cell = {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": "n = 1",
            "outputs": [], "execution_count": None}  # fmt: skip
    show = {**cell, "metadata": {}, "source": "print(n)"}
    body = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [cell, show]}
    lab.notebook.write_text(json.dumps(body))
    assert [*lab.text(lab.run(params={"n": 5})).values()][-1] == "5\n"
    nbformat.validate(lab.output())


def test_kales_parameters_are_set_behind_their_defaults(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.write({"md": "# Kale", "pipeline-parameters": "n = 1", "block:show": "print(n)"})
    nb = nbformat.read(lab.notebook, 4)
    nb.cells[1].metadata.tags = ["pipeline-parameters"]
    nbformat.write(nb, lab.notebook)
    assert lab.text(lab.run(params={"n": 5}))["c2"] == "5\n"


def test_a_notebook_in_another_language_is_one_uncached_step(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    spec = {"name": "bash", "display_name": "Bash", "language": "bash"}
    lab.write({"": "echo hello", "two": "ls"}, {"kernelspec": spec})
    plan = lab.explain()
    assert [s.name for s in plan.pipeline] == ["notebook"]
    assert plan.fate("notebook").fate == "run"
    assert "it runs whole, as one step, uncached" in str(plan.pipeline.notes[0])
    with pytest.raises(BackendError, match="no kernel 'bash'"):
        lab.run()


GREEDY = {"one gpus:64 accelerator:H900": "print('ran')"}


def test_this_machine_runs_with_what_there_is_and_says_so(tmp_path: Path) -> None:
    lab = Lab(tmp_path, GREEDY)
    run = lab.run()
    assert run.status == "succeeded"
    assert any(
        "needs 64 GPUs, a H900" in note and "with what there is" in note for note in run.notes
    )
    assert step(run, "one").resources == {"gpus": 64.0, "accelerator": "H900"}


def test_without_relax_what_nobody_can_give_is_told_first(tmp_path: Path) -> None:
    lab = Lab(tmp_path, GREEDY)
    with pytest.raises(ResourceError, match=r"step 'one' needs 64 GPUs.*the largest there is: "):
        lab.run(relax=False)
    assert not lab.bench.history.list()


@pytest.mark.parametrize(
    ("offer", "relax", "notes"),
    [
        (Offer(nodes=(Node(cpus=8, gpus=2),)), False, 0),
        (Offer(nodes=(Node(cpus=8), Node(cpus=1, gpus=2))), False, None),
        (Offer(nodes=(Node(cpus=1, gpus=1),)), False, None),
        (Offer(nodes=(Node(cpus=1, gpus=1),)), True, 2),
        (Offer(nodes=(Node(cpus=1, gpus=1),), scales=True), False, 2),
        (Offer(nodes=()), False, None),
    ],
)
def test_one_worker_needs_the_most_that_any_step_asks_for(
    offer: Offer, relax: bool, notes: int | None
) -> None:
    wide = Step(name="wide", segments=(0,), resources=Resources(cpus=4))
    deep = Step(name="deep", segments=(1,), resources=Resources(gpus=2))
    if notes is None:
        with pytest.raises(ResourceError, match="--relax"):
            grant((wide, deep), offer, relax=relax, executor="ray")
        return
    need, said = grant((wide, deep), offer, relax=relax, executor="ray")
    assert len(said) == notes
    assert need == (Resources() if relax else Resources(cpus=4, gpus=2))


def test_metrics_are_seen_with_the_cache_off_too(lab: Lab) -> None:
    lab.write({"one": "loss = 0.25", "pipeline-metrics": "print(loss)"})
    assert lab.run(cache=False).metrics == {"loss": 0.25}
