"""A kernel and its driver."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from mlops_lab.backends.executors.death import Exit
from mlops_lab.backends.executors.environment import on_ray
from mlops_lab.backends.executors.local import LocalExecutor
from mlops_lab.interfaces import Launch, Message

DRIVER = """
import asyncio, pathlib, sys
from mlops_lab.backends.executors.local import LocalExecutor
from mlops_lab.interfaces import Launch

async def main():
    kernel = await LocalExecutor().start(Launch(kernel="python3", cwd=pathlib.Path.cwd()))
    print(kernel.pid, flush=True)
    await kernel.run("while True: pass", lambda message: None)

asyncio.run(main())
"""


def test_a_busy_kernel_ends_when_its_driver_is_killed(tmp_path: Path) -> None:
    driver = subprocess.Popen([sys.executable, "-c", DRIVER], stdout=subprocess.PIPE, cwd=tmp_path)
    with driver:
        assert driver.stdout is not None
        kernel = psutil.Process(int(driver.stdout.readline()))
        driver.kill()
    _, alive = psutil.wait_procs([kernel], timeout=10)
    assert alive == []


def test_an_output_widget_captures_what_is_printed_into_it(tmp_path: Path) -> None:
    cell = (
        "import ipywidgets\nout = ipywidgets.Output()\nwith out:\n    print('inside')\nprint('out')"
    )

    async def work() -> list[Message]:
        executor = LocalExecutor()
        kernel = await executor.start(Launch(kernel="python3", cwd=tmp_path))
        try:
            messages: list[Message] = []
            await kernel.run(cell, messages.append)
            return messages
        finally:
            await executor.stop(kernel)

    messages = asyncio.run(work())
    printed = [m["content"]["text"] for m in messages if m["msg_type"] == "stream"]
    assert printed == ["out\n"]
    updates = [m["content"]["data"] for m in messages if m["msg_type"] == "comm_msg"]
    states = [u["state"]["outputs"] for u in updates if "outputs" in u.get("state", {})]
    assert states[-1] == [{"output_type": "stream", "name": "stdout", "text": "inside\n"}]


@pytest.mark.parametrize(
    ("status", "number", "words"),
    [
        (-11, 11, "died of SIGSEGV (segmentation fault)"),
        (139, 11, "died of SIGSEGV (segmentation fault)"),
        (-12, 12, "died of SIGUSR2"),
        (1, None, "ended by itself with status 1"),
        (0, None, "ended by itself with status 0"),
    ],
)
def test_an_exit_is_said_in_words(status: int, number: int | None, words: str) -> None:
    assert (Exit(status).signal, str(Exit(status))) == (number, words)


@pytest.mark.parametrize(
    ("same", "seen"),
    [
        (True, {"PATH": "driver", "MINE": "1", "CUDA_VISIBLE_DEVICES": "3"}),
        (False, {"PATH": "node", "MINE": "1", "CUDA_VISIBLE_DEVICES": "3"}),
    ],
)
def test_a_node_keeps_what_is_its_own(same: bool, seen: dict[str, str]) -> None:
    driver = {"PATH": "driver", "MINE": "1", "CUDA_VISIBLE_DEVICES": "0"}
    node = {"PATH": "node", "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "3", "RAY_JOB_ID": "7"}
    env = on_ray(driver, node, {"ASKED": "for"}, same_machine=same)
    assert {"PATH", "MINE", "CUDA_VISIBLE_DEVICES"} & env.keys() == seen.keys()
    assert {name: env[name] for name in seen} == seen
    assert env["ASKED"] == "for"
    assert not {"OMP_NUM_THREADS", "RAY_JOB_ID"} & env.keys()
