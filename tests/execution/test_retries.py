"""Another attempt begins in a fresh kernel from stored inputs, or the error says why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_lab.records.events import Event, StepStarted

from .lab import Lab, step, steps


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


FLAKY = """
import os
x.append(3)
if not os.path.exists('go'):
    raise OSError('flaky')
print(x)
"""


def test_a_step_is_tried_again_in_a_fresh_kernel_from_what_it_began_with(lab: Lab) -> None:
    lab.write({"one": "x = [1, 2]\nprint('once')", "two retries:2": FLAKY})

    def help_the_third(event: Event) -> None:
        if isinstance(event, StepStarted) and event.attempt == 3:
            (lab.folder / "go").touch()

    run = lab.run(help_the_third)
    assert run.status == "succeeded", run.error
    assert steps(run) == {"one": "succeeded", "two": "succeeded"}
    assert step(run, "two").attempts == 3
    assert lab.text(run) == {"c0": "once\n", "c1": "[1, 2, 3]\n"}
    assert sum("in a fresh kernel" in note for note in run.notes) == 2
    cells = [c.metadata.papermill for c in lab.output(run).cells]
    assert [(c.status, c.exception) for c in cells] == [("completed", False)] * 2
    assert lab.output(run).metadata.papermill.exception is None


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"one retries:1": "open('f', 'w').write('x')\n1 / 0"}, "acted on the outside"),
        ({"one retries:1": "import os; os.system('true')\n1 / 0"}, "acted on the outside"),
        ({"one": "g = (i for i in [1, 2])", "two retries:1": "next(g)\n1 / 0"}, "can't be stored"),
    ],
    ids=["wrote a file", "ran a process", "reads a generator"],
)
def test_a_step_that_cannot_begin_anew_is_not_tried_again(
    lab: Lab, cells: dict[str, str], says: str
) -> None:
    lab.write(cells)
    run = lab.run()
    assert run.status == "failed"
    assert "not tried again" in (run.error or "")
    assert says in (run.error or "")
    assert run.steps[-1].attempts == 1


def test_all_attempts_may_fail(lab: Lab) -> None:
    lab.write({"one retries:1": "1 / 0"})
    run = lab.run()
    assert (run.status, step(run, "one").attempts) == ("failed", 2)
    assert run.error == "step 'one', cell 1 failed: ZeroDivisionError: division by zero"


def test_a_kernels_death_is_worth_another_attempt(lab: Lab) -> None:
    lab.write({"one": "x = 1", "two retries:1": "import ctypes; ctypes.string_at(x - 1)"})
    run = lab.run()
    assert step(run, "two").attempts == 2
    assert "SIGSEGV" in (run.error or "")


def test_retries_work_with_the_cache_off(lab: Lab) -> None:
    lab.write({"one": "x = 1\nprint('once')", "two retries:1": "1 / 0"})
    run = lab.run(cache=False)
    assert step(run, "two").attempts == 2
    assert steps(lab.run(cache=False)) == {"one": "succeeded", "two": "failed"}


@pytest.mark.parametrize("stubborn", [False, True])
def test_a_step_that_takes_too_long_is_interrupted(lab: Lab, stubborn: bool) -> None:
    sleep = "import time\ntime.sleep(60)"
    if stubborn:
        sleep = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n" + sleep
    lab.write({"one timeout:1s": sleep, "two": "2"})
    run = lab.run()
    assert run.status == "failed"
    assert "TimeoutError" in (run.error or "")
    assert "after 1 s" in (run.error or "")
    assert steps(run) == {"one": "failed", "two": "skipped"}
    assert [
        c.metadata.papermill.status for c in lab.output(run).cells if c.cell_type == "code"
    ] == [
        "failed",
        "pending",
    ]
