"""A failed step's kernel stays for a look at its variables, and for no longer than it may."""

from __future__ import annotations

import asyncio
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from jupyter_client.blocking import BlockingKernelClient

from mlops_lab.errors import UsageError
from mlops_lab.records.run import Run
from mlops_lab.server.drivers import Drivers
from tests.execution.lab import Lab
from tests.execution.test_turns import pretend

CELLS = {"load": "x = [1, 2]", "train": "y = len(x)\nraise ValueError(y)"}


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path / "kept", CELLS)


def until(found: Callable[[], Any], patience: float = 30.0) -> Any:
    """What is found, once it is there."""
    deadline = time.monotonic() + patience
    while not (there := found()):
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)
    return there


def failed(lab: Lab) -> Run | None:
    runs = lab.bench.history.list(limit=1)
    return runs[0] if runs and runs[0].status == "failed" else None


def said_by(connection: Path, code: str) -> str:
    """What the kernel prints when it runs the code."""
    client = BlockingKernelClient(connection_file=str(connection))
    client.load_connection_file()
    client.start_channels()
    printed: list[str] = []
    try:
        client.wait_for_ready(timeout=20)
        client.execute_interactive(
            code,
            timeout=20,
            output_hook=lambda m: printed.append(m["content"].get("text", "")),
        )
    finally:
        client.stop_channels()
    return "".join(printed)


def test_its_variables_can_be_looked_at_until_it_is_released(lab: Lab) -> None:
    process = lab.start("run", "lab.ipynb", "--keep-failed", "30m", "--events")
    run = until(lambda: failed(lab))
    connection = until(lab.bench.history.kept)
    assert connection == lab.folder / ".mlops" / "runs" / run.run_id / "kernel.json"
    assert stat.S_IMODE(connection.stat().st_mode) == 0o600
    assert run.kept_until == pytest.approx(run.started + 1800, abs=60)
    assert said_by(connection, "print(x, y)") == "[1, 2] 2\n"
    assert said_by(connection, "print('z' * 10**6)").count("z") == 10**6
    code, told, _ = lab.call("runs", "console")
    assert (code, told["connection"]) == (0, str(connection))
    kernels = psutil.Process(run.pid).children()
    assert kernels
    assert lab.call("runs", "release", run.run_id)[0] == 0
    assert process.wait(20) == 1
    process.communicate()
    assert not any(kernel.is_running() for kernel in kernels)
    assert not connection.exists()
    assert lab.bench.history.kept() is None
    with pytest.raises(UsageError, match="keeps no kernel"):
        lab.bench.history.release(run.run_id)


def test_it_goes_when_its_time_is_up(lab: Lab) -> None:
    code, told, _ = lab.call("run", "lab.ipynb", MLOPS_KEEP_FAILED="1s")
    assert code == 1
    assert any("its kernel stays until" in note for note in told["error"]["notes"])
    assert lab.bench.history.kept() is None


def test_it_goes_when_it_is_told_to_exit(lab: Lab) -> None:
    process = lab.start("run", "lab.ipynb", "--keep-failed", "30m")
    until(lambda: failed(lab))
    connection = until(lab.bench.history.kept)
    client = BlockingKernelClient(connection_file=str(connection))
    client.load_connection_file()
    client.start_channels()
    client.wait_for_ready(timeout=20)
    client.shutdown()
    client.stop_channels()
    assert "its kernel stays until" in process.communicate(timeout=20)[1]
    assert lab.bench.history.kept() is None


@pytest.mark.parametrize("ready", [False, True])
def test_a_detached_driver_keeps_it_too(lab: Lab, ready: bool) -> None:
    (lab.folder / "mlops.toml").write_text('tracking = "off"\nkeep_failed = "30m"\n')

    async def work() -> None:
        drivers = Drivers(calm=lambda: True)
        if ready:
            drivers.expect(lab.notebook)
        await drivers.run(["run", "lab.ipynb"], lab.folder)
        await drivers.close()

    asyncio.run(work())
    run = until(lambda: failed(lab))
    connection = until(lab.bench.history.kept)
    assert said_by(connection, "print(y)") == "2\n"
    lab.bench.history.release(run.run_id)
    assert not psutil.pid_exists(run.pid) or not psutil.Process(run.pid).is_running()


def test_by_default_none_stays(lab: Lab) -> None:
    assert lab.call("run", "lab.ipynb")[0] == 1
    assert lab.last.kept is None
    assert lab.call("runs", "console")[0] == 2


def test_a_run_that_goes_on_keeps_it_as_the_run_did(lab: Lab) -> None:
    process = lab.start("run", "lab.ipynb", "--keep-failed", "30m", "--events")
    first = until(lambda: failed(lab))
    until(lab.bench.history.kept)
    lab.bench.history.release(first.run_id)
    process.communicate()
    process = lab.start("runs", "resume", first.run_id, "--events")
    connection = until(lab.bench.history.kept)
    assert first.run_id not in str(connection)
    lab.bench.history.release(lab.bench.history.show().run_id)
    process.communicate()


APART = {"load": "x = [1, 2]", "train gpus:1 retries:1": "y = len(x)\nraise ValueError(y)"}


def test_of_a_step_that_ran_apart_for_its_resources_the_kernel_is_its_own(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(1, tmp_path, monkeypatch)
    lab.write(APART | {"more gpus:1": "z = 1"})
    process = lab.start("run", "lab.ipynb", "--keep-failed", "30m", "--workers", "2")
    run = until(lambda: failed(lab))
    connection = until(lab.bench.history.kept)
    load, train = run.steps[:2]
    assert load.worker != train.worker
    assert said_by(connection, "import os; print(x, y)") == "[1, 2] 2\n"
    (kernel,) = psutil.Process(run.pid).children()
    assert train.worker == f"kernel {kernel.pid}"
    lab.bench.history.release(run.run_id)
    process.communicate()
    assert not kernel.is_running()


DEAD = {"here": "train", "apart": "train gpus:1"}


@pytest.mark.parametrize("where", DEAD)
def test_one_that_has_died_leaves_a_note(
    lab: Lab, where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(1, tmp_path, monkeypatch)
    lab.write({"load": "x = [1, 2]", DEAD[where]: "import os\nos.kill(os.getpid(), 9)"})
    code, _, _ = lab.call("run", "lab.ipynb", "--keep-failed", "30m", "--workers", "2")
    assert code == 1
    assert lab.last.kept is None
    (note,) = [note for note in lab.last.notes if "kept" in note]
    assert "the kernel of step 'train' could not be kept: it is gone" in note
