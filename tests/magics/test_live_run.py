"""A run that a notebook starts: in a process of its own, followed live."""

from __future__ import annotations

from collections.abc import Iterator

import nbformat
import pytest

from tests.magics.kernels import Kernel, kernel_in


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    folder = tmp_path_factory.mktemp("l")
    for name, source in {
        "fails": "print('so far')\n1 / 0",
        "sleeps": "import time\ntime.sleep(600)",
    }.items():
        cell = nbformat.v4.new_code_cell(source, metadata={"tags": ["step:only"]})
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), folder / f"{name}.ipynb")
    yield from kernel_in(folder, JPY_SESSION_NAME=str(folder / "churn.ipynb"))


def value(kernel: Kernel, expression: str) -> str:
    said = kernel.run(expression)
    assert not said.error, said.error
    return said.data[-1]["text/plain"]


def test_a_run_is_followed_to_its_end_in_a_view_of_its_own(kernel: Kernel) -> None:
    said = kernel.run("live = %mlops run --wait")
    assert (said.error, said.err) == ("", "")
    assert "application/vnd.jupyter.widget-view+json" in said.data[0]
    assert value(kernel, "live.run.status") == "'succeeded'"
    assert value(kernel, "live.over, [s.name for s in live.run.steps]") == (
        "(True, ['load', 'train'])"
    )
    assert "churn.ipynb succeeded" in value(kernel, "live")
    kernel.run("from mlops_lab.magics.view import picture")
    assert "<table>" in value(kernel, "picture(live)")


def test_a_steps_values_come_into_the_kernel(kernel: Kernel) -> None:
    kernel.run("%mlops run --wait")
    assert not kernel.run("%mlops load train").error
    assert value(kernel, "y") == "3"
    assert not kernel.run("%mlops load train x --inputs").error
    assert value(kernel, "x") == "[1, 2]"


def test_a_failed_run_shows_the_users_own_traceback(kernel: Kernel) -> None:
    error = kernel.run("%mlops run fails.ipynb --wait").error
    assert "ZeroDivisionError" in error
    assert "step 'only', cell 1 failed" in error
    assert "mlops_lab" not in error


def test_a_run_goes_on_in_the_background_until_it_is_cancelled(kernel: Kernel) -> None:
    kernel.run("import time\nlive = %mlops run sleeps.ipynb")
    kernel.run(
        "while not live.over and [s.status for s in live.run.steps] != ['running']:\n"
        "    time.sleep(0.01)"
    )
    assert value(kernel, "live.over") == "False"
    error = kernel.run("live.cancel()\nlive.wait(30)").error
    assert error.startswith("mlops: ")
    assert value(kernel, "live.run.status") == "'cancelled'"


def test_inside_a_run_it_does_nothing_but_says_so(kernel: Kernel) -> None:
    kernel.run("import os; os.environ['MLOPS_RUN_ID'] = '4c90'")
    said = value(kernel, "%mlops run")
    assert said == "this is run 4c90 already; %mlops run does nothing inside it"
    kernel.run("del os.environ['MLOPS_RUN_ID']")
