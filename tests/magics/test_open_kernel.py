"""The magics in a real kernel, as a notebook's cells and its Tab key use them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

CELLS = {
    "load": "x = [1, 2]",
    "train": "y = sum(x)",
}


@dataclass
class Said:
    """What a cell made the kernel say."""

    out: str = ""
    err: str = ""
    data: list[dict[str, str]] = field(default_factory=list)
    error: str = ""
    count: int = 0


class Kernel:
    def __init__(self, client: BlockingKernelClient, notebook: Path) -> None:
        self.client = client
        self.notebook = notebook

    def run(self, source: str) -> Said:
        said = Said()

        def listen(message: dict[str, Any]) -> None:
            content = message["content"]
            match message["msg_type"]:
                case "stream":
                    name = "out" if content["name"] == "stdout" else "err"
                    setattr(said, name, getattr(said, name) + content["text"])
                case "execute_result" | "display_data":
                    said.data.append(content["data"])
                case "error":
                    said.error = "\n".join(content["traceback"])

        reply = self.client.execute_interactive(source, output_hook=listen, timeout=60)
        said.count = reply["content"]["execution_count"]
        return said

    def tab(self, line: str) -> list[str]:
        matches: list[str] = self.client.complete(line, reply=True, timeout=60)["content"][
            "matches"
        ]
        return matches


def kernel_in(folder: Path, **environment: str) -> Iterator[Kernel]:
    notebook = folder / "churn.ipynb"
    cells = [
        nbformat.v4.new_code_cell(source, metadata={"tags": [f"step:{name}"]})
        for name, source in CELLS.items()
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), notebook)
    manager = KernelManager(transport="ipc", ip=str(folder / "k"))
    manager.start_kernel(cwd=str(folder), env={**os.environ, **environment})
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        kernel = Kernel(client, notebook)
        assert kernel.run("%load_ext mlops_lab") == Said(count=1)
        yield kernel
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()


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
