"""A failed step's kernel in Jupyter Server: talked to, let go, and left alone by the server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import pytest

from mlops_lab.errors import NotFound
from mlops_lab.workbench import Workbench

from . import story
from .test_runs import got, until

CELLS = {"load": "x = [1, 2]", "train": "y = len(x)\nraise ValueError(y)"}


@pytest.fixture
def failed(ask: Any, project: Path, jp_asyncio_loop: Any) -> Iterator[str]:
    """The id of a run that has failed, whose kernel is kept."""
    run_id = jp_asyncio_loop.run_until_complete(fail(ask, project))
    yield run_id
    bench = Workbench(project)
    with suppress(NotFound):
        if bench.history.kept(run_id):
            bench.history.release(run_id)
    bench.close()


async def fail(ask: Any, project: Path) -> str:
    story.book(project / "fails.ipynb", CELLS)
    body = {"path": "fails.ipynb", "options": {"workers": 1, "keep_failed": "30m"}}
    status, answer = await ask("POST", "runs", body=body)
    assert status == 202, answer
    run_id = str(answer["run_id"])
    assert (await until(ask, run_id, "failed", "succeeded"))["status"] == "failed"
    return run_id


@pytest.fixture
def driver(project: Path, failed: str) -> psutil.Process:
    """The process that keeps the kernel."""
    bench = Workbench(project)
    pid = bench.history.show(failed).pid
    bench.close()
    return psutil.Process(pid)


async def console(ask: Any, run_id: str) -> Any:
    status, answer = await ask("POST", "runs", run_id, "console", path="")
    assert status == 200, answer
    return answer


async def connected(jp_ws_fetch: Any, kernel_id: str) -> Any:
    place = ("api", "kernels", kernel_id, "channels")
    return await jp_ws_fetch(*place, params={"session_id": uuid4().hex})


async def said(jp_ws_fetch: Any, kernel_id: str, code: str) -> list[tuple[str, Any]]:
    """What the kernel publishes when it runs the code, asked as JupyterLab asks."""
    socket = await connected(jp_ws_fetch, kernel_id)
    try:
        header = {
            "msg_id": uuid4().hex,
            "msg_type": "execute_request",
            "session": uuid4().hex,
            "username": "",
            "version": "5.3",
        }
        content = {"code": code, "silent": False, "allow_stdin": False, "user_expressions": {}}
        message = {
            "channel": "shell",
            "header": header,
            "parent_header": {},
            "metadata": {},
            "content": content,
        }
        await socket.write_message(json.dumps(message))
        found = []
        async with asyncio.timeout(30):
            while True:
                heard = json.loads(await socket.read_message())
                if heard["parent_header"].get("msg_id") != header["msg_id"]:
                    continue
                if heard["channel"] == "iopub":
                    found.append((heard["msg_type"], heard["content"]))
                    if heard["content"].get("execution_state") == "idle":
                        return found
    finally:
        socket.close()


def printed(found: list[tuple[str, Any]]) -> str:
    return "".join(content["text"] for kind, content in found if kind == "stream")


async def test_its_variables_are_there_and_it_is_always_the_same_kernel(
    ask: Any, failed: str, jp_ws_fetch: Any, jp_fetch: Any
) -> None:
    answer = await console(ask, failed)
    assert (answer["step"], answer["kernel_id"]) == (
        "train", (await console(ask, failed))["kernel_id"]
    )  # fmt: skip
    kernels = json.loads((await jp_fetch("api", "kernels")).body)
    assert [kernel["id"] for kernel in kernels] == [answer["kernel_id"]]
    assert printed(await said(jp_ws_fetch, answer["kernel_id"], "print(x, y)")) == "[1, 2] 2\n"


async def test_released_it_is_gone(
    ask: Any, failed: str, driver: psutil.Process, jp_fetch: Any
) -> None:
    await console(ask, failed)
    kernels = driver.children()
    assert kernels
    status, answer = await ask("POST", "runs", failed, "release", path="")
    assert (status, 1700 < answer["seconds"] <= 1800) == (200, True)
    assert not any(process.is_running() for process in kernels)
    assert json.loads((await jp_fetch("api", "kernels")).body) == []
    assert (await got(ask, "runs", failed, path=""))["kernel"] is None
    for verb in ("console", "release"):
        status, answer = await ask("POST", "runs", failed, verb, path="")
        assert (status, "keeps no kernel" in answer["message"]) == (400, True)


async def test_shut_down_by_jupyter_it_is_released(
    ask: Any, failed: str, driver: psutil.Process, jp_fetch: Any
) -> None:
    kernel_id = (await console(ask, failed))["kernel_id"]
    kernels = driver.children()
    await jp_fetch("api", "kernels", kernel_id, method="DELETE")
    assert not any(process.is_running() for process in kernels)


async def test_deleted_with_its_run_it_is_gone(
    ask: Any, failed: str, driver: psutil.Process
) -> None:
    kernels = driver.children()
    assert (await ask("DELETE", "runs", failed, path=""))[0] == 204
    assert not any(process.is_running() for process in kernels)


async def test_a_cell_that_takes_too_long_is_interrupted(
    ask: Any, failed: str, jp_ws_fetch: Any, jp_fetch: Any
) -> None:
    kernel_id = (await console(ask, failed))["kernel_id"]
    code = "print('now', flush=True)\nimport time\nfor _ in range(600): time.sleep(0.1)"
    asking = asyncio.create_task(said(jp_ws_fetch, kernel_id, code))
    async with asyncio.timeout(20):
        while json.loads((await jp_fetch("api", "kernels", kernel_id)).body)["execution_state"] != (
            "busy"
        ):
            await asyncio.sleep(0.05)
    await jp_fetch("api", "kernels", kernel_id, "interrupt", method="POST", body="")
    errors = [content["ename"] for kind, content in await asking if kind == "error"]
    assert errors == ["KeyboardInterrupt"]
    assert printed(await said(jp_ws_fetch, kernel_id, "print(y)")) == "2\n"


async def test_the_server_neither_culls_nor_ends_it_and_finds_it_again(
    ask: Any, failed: str, jp_serverapp: Any, jp_ws_fetch: Any, jp_fetch: Any
) -> None:
    kernel_id = (await console(ask, failed))["kernel_id"]
    kernels = jp_serverapp.kernel_manager
    kernels.cull_idle_timeout = 0
    await kernels.cull_kernels()
    assert kernel_id in kernels
    await jp_serverapp.cleanup_extensions()
    assert list(kernels.list_kernel_ids()) == []
    for extension in jp_serverapp.extension_manager.extension_apps["mlops_lab"]:
        extension.initialize_handlers()
    assert (await console(ask, failed))["kernel_id"] == kernel_id
    # As a page does whose session went with the server.
    wanted = {"path": "a", "name": "a", "type": "console", "kernel": {"id": kernel_id}}
    answer = await jp_fetch("api", "sessions", method="POST", body=json.dumps(wanted))
    assert json.loads(answer.body)["kernel"]["id"] == kernel_id
    assert printed(await said(jp_ws_fetch, kernel_id, "print(y)")) == "2\n"


async def test_when_it_goes_by_itself_whoever_listens_is_told(
    ask: Any, failed: str, driver: psutil.Process, jp_ws_fetch: Any
) -> None:
    kernel_id = (await console(ask, failed))["kernel_id"]
    socket = await connected(jp_ws_fetch, kernel_id)
    driver.terminate()
    async with asyncio.timeout(30):
        while True:
            heard = json.loads(await socket.read_message())
            if heard["content"].get("execution_state") == "dead":
                break
    socket.close()
