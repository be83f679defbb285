"""Runs as the server starts them: in processes that stand ready, and outlive it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from mlops_lab.errors import (
    BackendError,
    MlopsError,
    NotebookError,
    NotFound,
    ParameterError,
    UsageError,
)
from mlops_lab.records.run import Run
from mlops_lab.server.drivers import Driver, Drivers
from tests.execution.lab import Lab

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
LOOK = """
import json, os, sys
print(json.dumps([sorted(sys.modules), sys.path, list(os.environ.items()), os.getcwd(),
    sys.argv[:1], sys.flags.hash_randomization, sorted(globals()),
    [type(f).__name__ for f in sys.meta_path]]))
"""
OWN = {"MLOPS_RUN_ID", "MLOPS_WORKER_ID", "JPY_PARENT_PID", "MLOPS_RECORD"}
"""What differs from kernel to kernel."""


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    lab = Lab(tmp_path / "project")
    lab.write({"step:one": "print('so far')"}, KERNEL)
    return lab


@asynccontextmanager
async def drivers(*expected: Path) -> AsyncIterator[Drivers]:
    made = Drivers(calm=lambda: True)
    for notebook in expected:
        made.expect(notebook)
    try:
        yield made
    finally:
        await made.close()


def warm(made: Drivers) -> list[Driver]:
    return list(made._warm.values())


async def until(found: Callable[[], Any], patience: float = 40.0) -> Any:
    """What is found, once it is there: it happens in processes that have no way to tell."""
    deadline = time.monotonic() + patience
    while not (there := found()):
        assert time.monotonic() < deadline, "it never came"
        await asyncio.sleep(0.05)
    return there


async def ended(lab: Lab, run_id: str) -> Run:
    def over() -> Run | None:
        run = lab.bench.history.show(run_id)
        return None if run.status == "running" else run

    run: Run = await until(over)
    return run


def do(work: Callable[[], Awaitable[Any]]) -> Any:
    async def whole() -> Any:
        return await work()

    return asyncio.run(whole())


def warmed(process: psutil.Process) -> bool:
    return any("ipykernel_launcher" in child.cmdline() for child in process.children())


@pytest.mark.parametrize("ready", [False, True])
def test_a_run_begins_and_its_id_is_in_the_records(lab: Lab, ready: bool) -> None:
    async def work() -> None:
        async with drivers(*([lab.notebook] if ready else [])) as made:
            run_id = await made.run(["run", "lab.ipynb"], lab.folder)
            run = await ended(lab, run_id)
            assert (run.run_id, run.status) == (run_id, "succeeded")
            assert list(lab.bench.history.logs(run_id)) == ["so far\n"]

    do(work)


WRONG: dict[str, tuple[list[str], type[MlopsError], str]] = {
    "no file": (["run", "none.ipynb"], NotFound, "no notebook 'none.ipynb'; there is: lab.ipynb"),
    "parameter": (["run", "lab.ipynb", "-p", "nope", "1"], ParameterError, "nope"),
    "word": (["run", "lab.ipynb", "--nope"], UsageError, "No such option"),
    "executor": (["run", "lab.ipynb", "--executor", "moon"], UsageError, "no executor 'moon'"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_keeps_a_run_from_beginning_is_raised_as_it_was_there(lab: Lab, case: str) -> None:
    words, kind, says = WRONG[case]

    async def work() -> None:
        async with drivers(lab.notebook) as made:
            with pytest.raises(kind, match=says):
                await made.run(words, lab.folder)

    do(work)


def test_a_wrong_notebook_comes_with_its_problems(lab: Lab) -> None:
    lab.write({"step:one after:nope": "x = 1", "step:two after:no": "y = 2"}, KERNEL)

    async def work() -> None:
        async with drivers() as made:
            with pytest.raises(NotebookError) as caught:
                await made.run(["run", "lab.ipynb"], lab.folder)
            assert {problem.cell for problem in caught.value.problems} == {1, 2}

    do(work)


def test_a_question_is_answered_by_one_that_goes_on_waiting(lab: Lab) -> None:
    async def work() -> None:
        async with drivers(lab.notebook) as made:
            (standing,) = warm(made)
            for _ in range(2):
                told = await made.ask(["run", "lab.ipynb", "--explain"], lab.folder)
                assert told["steps"][0]["name"] == "one"
            with pytest.raises(NotFound):
                await made.ask(["run", "none.ipynb", "--explain"], lab.folder)
            assert warm(made) == [standing]
            await made.run(["run", "lab.ipynb"], lab.folder)
            assert standing not in warm(made)

    do(work)


def test_a_ready_kernel_is_the_one_that_a_cold_run_starts(lab: Lab) -> None:
    lab.write({"step:one": LOOK}, KERNEL)

    async def work() -> list[Any]:
        looks = []
        async with drivers() as made:
            for ready in (False, True):
                kernels = set()
                if ready:
                    made.expect(lab.notebook)
                    (standing,) = warm(made)
                    process = psutil.Process(standing._process.pid)
                    await until(partial(warmed, process))
                    kernels = {child.pid for child in process.children()}
                run_id = await made.run(["run", "lab.ipynb", "--no-cache"], lab.folder)
                run = await ended(lab, run_id)
                if ready:
                    assert run.steps[0].worker in {f"kernel {pid}" for pid in kernels}
                looks.append((run_id, json.loads("".join(lab.bench.history.logs(run_id)))))
        return looks

    (cold_id, cold), (warm_id, hot) = do(work)
    for run_id, look in ((cold_id, cold), (warm_id, hot)):
        assert dict(look[2])["MLOPS_RUN_ID"] == run_id
        look[2] = [(name, None if name in OWN else value) for name, value in look[2]]
    assert hot == cold


def test_a_question_is_asked_again_where_the_driver_breaks_down(lab: Lab) -> None:
    async def work() -> None:
        async with drivers(lab.notebook) as made:
            (standing,) = warm(made)
            asking = asyncio.ensure_future(made.ask(["run", "lab.ipynb", "--explain"], lab.folder))
            await asyncio.sleep(0)  # it is asked
            standing.kill()
            assert (await asking)["steps"][0]["name"] == "one"

    do(work)


def test_a_question_that_nobody_can_answer_comes_with_a_way_out(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each process that is asked is killed before it comes to that.
    (lab.folder / "sitecustomize.py").write_text("import os; os.kill(os.getpid(), 9)")
    monkeypatch.setenv("PYTHONPATH", str(lab.folder))

    async def work() -> None:
        async with drivers() as made:
            with pytest.raises(BackendError, match=r"no answer: .*; try again; `mlops run"):
                await made.ask(["run", "lab.ipynb", "--explain"], lab.folder)

    do(work)


@pytest.mark.parametrize("change", ["kernelspec", "folder", "module", "dead"])
def test_a_kernel_that_is_not_what_a_new_one_would_be_is_replaced(lab: Lab, change: str) -> None:
    async def work() -> None:
        async with drivers(lab.notebook) as made:
            (standing,) = warm(made)
            process = psutil.Process(standing._process.pid)
            await until(partial(warmed, process))
            await made.ask(["run", "lab.ipynb", "--explain"], lab.folder)  # it is all there
            (kernel,) = [c for c in process.children() if "ipykernel_launcher" in c.cmdline()]
            words = ["run", "lab.ipynb"]
            if change == "kernelspec":
                other = {**KERNEL["kernelspec"], "name": "other"}
                lab.write({"step:one": "x = 1"}, {"kernelspec": other})
                specs = Path(os.environ["IPYTHONDIR"]) / "kernels" / "other"
                specs.mkdir(parents=True, exist_ok=True)
                argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
                spec = {"argv": argv, "display_name": "Other", "language": "python"}
                (specs / "kernel.json").write_text(json.dumps(spec))
            elif change == "folder":
                (lab.folder / "deeper").mkdir()
                words += ["--cwd", "deeper"]
            elif change == "module":
                (lab.folder / "colorsys.py").touch()  # nothing has imported that
                (lab.folder / "platform.py").write_text("from os import *")
                words += ["--workers", "1"]
            else:
                kernel.kill()
            run_id = await made.run(words, lab.folder)
            run = await ended(lab, run_id)
            if change != "module":  # there the notebook has broken its own kernel
                assert run.status == "succeeded"
                assert run.steps[0].worker != f"kernel {kernel.pid}"
            await until(lambda: not kernel.is_running())

    do(work)


def test_a_run_outlives_the_server_that_started_it(lab: Lab, tmp_path: Path) -> None:
    lab.write(
        {
            "step:one": "import pathlib, time\nwhile not pathlib.Path('go').exists():"
            "\n    time.sleep(0.05)",
            "step:two": "print('done')",
        },
        KERNEL,
    )
    server = subprocess.Popen(
        [sys.executable, "-c", _SERVER, str(lab.notebook)], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    with server.stdout as said:
        run_id = said.readline().strip()
        standing = psutil.Process(int(said.readline()))
        server.kill()
        server.wait()
    (lab.folder / "go").touch()
    run = asyncio.run(ended(lab, run_id))
    assert run.status == "succeeded"
    assert list(lab.bench.history.logs(run_id)) == ["done\n"]
    psutil.wait_procs([standing], timeout=20)
    assert not standing.is_running()


_SERVER = """
import asyncio, pathlib, sys
from mlops_lab.server.drivers import Drivers

async def main(notebook):
    drivers = Drivers(calm=lambda: True)
    drivers.expect(notebook)
    print(await drivers.run(["run", notebook.name], notebook.parent), flush=True)
    drivers.expect(notebook)
    (standing,) = drivers._warm.values()
    print(standing._process.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main(pathlib.Path(sys.argv[1])))
"""


def test_a_run_is_cancelled_as_any_other(lab: Lab) -> None:
    lab.write({"step:one": "import time\ntime.sleep(600)"}, KERNEL)

    async def work() -> None:
        async with drivers(lab.notebook) as made:
            run_id = await made.run(["run", "lab.ipynb"], lab.folder)
            run = await asyncio.to_thread(lab.bench.history.cancel, run_id)
            assert run.status == "cancelled"

    do(work)


def test_a_run_goes_on_by_the_words_of_the_command_line(lab: Lab) -> None:
    async def work() -> None:
        async with drivers(lab.notebook) as made:
            first = await made.run(["run", "lab.ipynb"], lab.folder)
            await ended(lab, first)
            again = await made.run(["runs", "resume", first], lab.folder)
            assert (await ended(lab, again)).resumed == first

    do(work)


def test_one_that_nobody_uses_ends_by_itself(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLOPS_WARM_FOR", "0.2s")

    async def work() -> None:
        async with drivers(lab.notebook) as made:
            (standing,) = warm(made)
            async with asyncio.timeout(40):
                await standing.over.wait()
            assert warm(made) == []
            assert (await ended(lab, await made.run(["run", "lab.ipynb"], lab.folder))).steps

    do(work)


def test_never_more_than_two_stand_by_and_the_longest_unused_goes(lab: Lab) -> None:
    places = [lab.folder / f"{name}.ipynb" for name in "abc"]
    for place in places:
        place.write_bytes(lab.notebook.read_bytes())

    async def work() -> None:
        async with drivers(*places[:2]) as made:
            one, two = warm(made)
            made.expect(places[0])
            made.expect(places[2])
            assert warm(made)[0] is one
            assert two not in warm(made)
            async with asyncio.timeout(40):
                await two.over.wait()

    do(work)


def test_one_that_was_killed_is_replaced_by_another(lab: Lab) -> None:
    async def work() -> None:
        async with drivers(lab.notebook) as made:
            (standing,) = warm(made)
            standing.kill()
            run = await ended(lab, await made.run(["run", "lab.ipynb"], lab.folder))
            assert run.status == "succeeded"

    do(work)


def test_closing_ends_all_that_stand_by(lab: Lab) -> None:
    async def work() -> psutil.Process:
        async with drivers(lab.notebook) as made:
            (standing,) = warm(made)
            return psutil.Process(standing._process.pid)

    process = do(work)
    assert not process.is_running()
