"""The magics in a real kernel, as a notebook's cells and its Tab key use them."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.magics.kernels import Kernel, kernel_in


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    folder = tmp_path_factory.mktemp("k")
    yield from kernel_in(folder, JPY_SESSION_NAME=str(folder / "churn.ipynb"))


@pytest.mark.parametrize(
    ("cell", "data"),
    [
        ("41 + 1", ["42"]),
        ("41 + 1;", []),
        ("import asyncio\nawait asyncio.sleep(0, 7)", ["7"]),
        ("%precision 2\n3.14159", ["'%.2f'", "3.14"]),
        ("for i in range(2):\n    pass\ni", ["1"]),
    ],
)
def test_a_step_line_leaves_the_cell_as_it_is(kernel: Kernel, cell: str, data: list[str]) -> None:
    said = kernel.run(f"%%mlops step train --after load\n{cell}")
    shown = [bundle["text/plain"] for bundle in said.data]
    assert shown == data[-1:] or shown == data
    if data:
        before = said.count
        again = kernel.run("_")
        assert ([b["text/plain"] for b in again.data], again.count) == (data[-1:], before + 1)


def test_an_error_under_a_step_line_is_the_cells_own(kernel: Kernel) -> None:
    plain, stepped = kernel.run("1 / 0"), kernel.run("%%mlops step train\n1 / 0")
    count = f"In[{plain.count}]", f"In[{stepped.count}]"
    assert stepped.error.replace(count[1], count[0]) == plain.error


def test_errors_are_told_without_our_frames(kernel: Kernel) -> None:
    assert (
        "no notebook 'nope.ipynb'; there is: churn.ipynb"
        in kernel.run("%mlops compile nope.ipynb").error
    )
    for line in ("%mlops runn", "%mlops run --nope", "%%mlops foo\n1", "%mlops 'open"):
        error = kernel.run(line).error
        assert error.startswith("mlops: ")
        assert "File " not in error


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("%mlops ", ["run", "compile", "runs", "load", "cache", "cluster", "init", "completion"]),
        ("%mlops runs l", ["list", "logs"]),
        ("%mlops run --refr", ["--refresh"]),
        ("%mlops run --refresh ", ["load", "train"]),
        ("live = %mlops run --upto t", ["train"]),
        ("%mlops load ", ["load", "train"]),
        ("%mlops load train ", ["y"]),
        ("%mlops load train --inputs ", ["x"]),
        ("%%mlops s", ["step"]),
        ("%%mlops step x --after l", ["load"]),
        ("%%mlops step x --ser", ["--serial"]),
    ],
)
def test_tab_offers_words_steps_and_names(kernel: Kernel, line: str, offered: list[str]) -> None:
    assert [
        word for word in kernel.tab(line) if word.startswith(line.rsplit(" ", maxsplit=1)[-1])
    ] == offered


def test_a_command_means_this_notebook_and_its_answer_is_rich(kernel: Kernel) -> None:
    (shown,) = kernel.run("%mlops compile").data
    assert "train" in shown["text/plain"]
    assert shown["text/html"].startswith('<div class="mlops">')
    (data,) = kernel.run("import json\nprinted = json.dumps(_.data)\nprinted").data
    assert "train" in json.loads(data["text/plain"].strip("'"))["steps"][1]["name"]


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ({}, "which notebook is this? name it, as in: %mlops run --notebook train.ipynb"),
        ({"JPY_SESSION_NAME": "gone.ipynb"}, "renamed since its kernel started"),
        ({"MLOPS_NOTEBOOK": "gone.ipynb"}, "as MLOPS_NOTEBOOK says"),
    ],
)
def test_a_notebook_that_cannot_be_known_says_how_to_name_it(
    kernel: Kernel, setting: dict[str, str], says: str
) -> None:
    kernel.run("import os; kept = os.environ.pop('JPY_SESSION_NAME')")
    try:
        assert says in kernel.run(f"os.environ.update({setting})\n%mlops compile").error
    finally:
        kernel.run("os.environ.pop('MLOPS_NOTEBOOK', 0); os.environ['JPY_SESSION_NAME'] = kept")


def test_vs_code_tells_the_notebook_by_a_variable(kernel: Kernel) -> None:
    path = repr(str(kernel.notebook))
    kernel.run(f"__vsc_ipynb_file__ = {path}; kept = os.environ.pop('JPY_SESSION_NAME')")
    try:
        assert kernel.run("%mlops compile").error == ""
    finally:
        kernel.run("del __vsc_ipynb_file__; os.environ['JPY_SESSION_NAME'] = kept")
