"""What every executor promises of its workers."""

from __future__ import annotations

import asyncio
import os
import stat
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from mlops_lab.errors import BackendError
from mlops_lab.interfaces import Executor, KernelDied, Launch, Message, Worker
from mlops_lab.ir.step import Resources


@asynccontextmanager
async def a_worker(executor: Executor, folder: Path, **launch: Any) -> AsyncIterator[Worker]:
    worker = await executor.start(Launch(kernel="python3", cwd=folder, **launch))
    try:
        yield worker
    finally:
        await executor.stop(worker)


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 90))


def text(messages: list[Message]) -> str:
    return "".join(m["content"]["text"] for m in messages if m["msg_type"] == "stream")


def ignore(_: Message) -> None:
    """Nobody listens."""


def lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def heard(word: str, then: Callable[[], None]) -> Callable[[Message], None]:
    """Calls `then` once the word was printed."""

    def listen(message: Message) -> None:
        if word in text([message]):
            then()

    return listen


def test_a_cell_answers_and_its_namespace_lives_on(executor: Executor, folder: Path) -> None:
    async def work() -> None:
        async with a_worker(executor, folder) as worker:
            messages: list[Message] = []
            first = await worker.run("print('a')\nx = 20", messages.append)
            second = await worker.run("x + 1", messages.append)
            assert [first["status"], second["status"]] == ["ok", "ok"]
            assert [first["execution_count"], second["execution_count"]] == [1, 2]
            kinds = [m["msg_type"] for m in messages]
            around = ["status", "execute_input", "{}", "status"]
            assert kinds == [k.format("stream") for k in around] + [
                k.format("execute_result") for k in around
            ]
            assert messages[-2]["content"]["data"] == {"text/plain": "21"}

    run(work())


def test_outputs_arrive_in_order_while_the_cell_runs(executor: Executor, folder: Path) -> None:
    async def work() -> None:
        gate = folder / "gate"
        async with a_worker(executor, folder) as worker:
            messages: list[Message] = []
            seen = heard("0", gate.touch)
            cell = (
                "import os, time\nprint(0, flush=True)\n"
                "while not os.path.exists('gate'): time.sleep(0.01)\n"
                "for i in range(1, 300): display(i)"
            )

            def listen(message: Message) -> None:
                messages.append(message)
                seen(message)

            await asyncio.wait_for(worker.run(cell, listen), 30)
            shown = [m for m in messages if m["msg_type"] == "display_data"]
            numbers = [int(m["content"]["data"]["text/plain"]) for m in shown]
            assert numbers == list(range(1, 300))

    run(work())


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("x + 1", 8),
        ("{'a': [1, None, 'ü\\n', True]}", {"a": [1, None, "ü\n", True]}),
        ("[n for n in globals() if 'mlops' in n]", []),
        ("'y' * 100_000", "y" * 100_000),
    ],
    ids=["a name", "a structure", "no name of ours", "long"],
)
def test_a_question_is_answered_outside_of_history(
    executor: Executor, folder: Path, expression: str, value: object
) -> None:
    async def work() -> None:
        async with a_worker(executor, folder) as worker:
            await worker.run("x = 7", ignore)
            assert await worker.ask(expression) == value
            assert (await worker.run("x", ignore))["execution_count"] == 2

    run(work())


def test_a_question_that_fails_brings_the_traceback(executor: Executor, folder: Path) -> None:
    async def work() -> None:
        async with a_worker(executor, folder) as worker:
            await worker.run("def f(): return 1 / 0", ignore)
            with pytest.raises(BackendError, match=r"(?s)in f.*ZeroDivisionError"):
                await worker.ask("f()")
            with pytest.raises(BackendError, match="JSON serializable"):
                await worker.ask("object()")
            with pytest.raises(BackendError, match="SyntaxError"):
                await worker.ask("1 +")

    run(work())


def test_a_question_beside_a_running_cell_is_answered_at_once(
    executor: Executor, folder: Path
) -> None:
    async def work() -> None:
        async with a_worker(executor, folder) as worker:
            started = asyncio.Event()
            cell = (
                "import threading\nopen_, threads = threading.Event(), []\n"
                "def here(n): threads.append(threading.current_thread()); return n\n"
                "print('go', flush=True)\nopen_.wait()\nprint('done')"
            )
            messages: list[Message] = []
            seen = heard("go", started.set)

            def listen(message: Message) -> None:
                messages.append(message)
                seen(message)

            task = asyncio.create_task(worker.run(cell, listen))
            await asyncio.wait_for(started.wait(), 20)
            answers = await asyncio.gather(*(worker.ask(f"here({n})") for n in range(5)))
            assert answers == [0, 1, 2, 3, 4]
            with pytest.raises(BackendError, match="ZeroDivisionError"):
                await worker.ask("1 / 0")
            assert await worker.ask("open_.set()") is None
            assert (await task)["status"] == "ok"
            assert text(messages) == "go\ndone\n"
            assert await worker.ask("threading.main_thread() in threads") is False
            assert await worker.ask("here(0) or threads[-1] is threading.main_thread()") is True
            assert (await worker.run("1", ignore))["execution_count"] == 2

    run(work())


def test_a_question_beside_a_cell_that_kills_its_kernel_ends(
    executor: Executor, folder: Path
) -> None:
    async def work() -> None:
        async with a_worker(executor, folder) as worker:
            started = asyncio.Event()
            cell = "import os, time\nprint('go', flush=True)\ntime.sleep(60)"
            task = asyncio.create_task(worker.run(cell, heard("go", started.set)))
            await asyncio.wait_for(started.wait(), 20)
            with pytest.raises(KernelDied):
                await worker.ask("os._exit(3)")
            with pytest.raises(KernelDied):
                await task

    run(work())


def test_an_error_is_a_reply_and_the_kernel_goes_on(executor: Executor, folder: Path) -> None:
    async def work() -> None:
        async with a_worker(executor, folder) as worker:
            reply = await worker.run("1 / 0", ignore)
            assert (reply["status"], reply["ename"]) == ("error", "ZeroDivisionError")
            refused = await worker.run("input()", ignore)
            assert refused["ename"] == "StdinNotImplementedError"
            assert (await worker.run("1", ignore))["status"] == "ok"

    run(work())


@pytest.mark.parametrize(
    ("end", "number", "words"),
    [
        ("os.kill(os.getpid(), 9)", 9, "SIGKILL"),
        ("ctypes.string_at(0)", 11, "segmentation fault"),
        ("os._exit(3)", None, "status 3"),
    ],
    ids=["kill", "segfault", "exit"],
)
def test_a_death_is_told_at_once_with_what_came_before(
    executor: Executor, folder: Path, end: str, number: int | None, words: str
) -> None:
    async def work() -> None:
        async with a_worker(executor, folder) as worker:
            messages: list[Message] = []
            cell = f"import ctypes, os, time\nprint('before', flush=True)\ntime.sleep(0.2)\n{end}"
            began = time.monotonic()
            with pytest.raises(KernelDied, match=words) as death:
                await worker.run(cell, messages.append)
            assert death.value.signal == number
            assert text(messages) == "before\n"
            assert time.monotonic() - began < 15
            with pytest.raises(KernelDied, match=words):
                await worker.run("1", ignore)
            with pytest.raises(KernelDied, match=words):
                await worker.ask("1")

    run(work())


def test_an_interrupt_ends_the_cell_only(executor: Executor, folder: Path) -> None:
    async def work() -> None:
        async with a_worker(executor, folder) as worker:
            tasks: list[asyncio.Task[None]] = []
            interrupt = heard("go", lambda: tasks.append(asyncio.create_task(worker.interrupt())))
            cell = "x = 1\nprint('go', flush=True)\nwhile True: pass"
            reply = await asyncio.wait_for(worker.run(cell, interrupt), 20)
            await asyncio.gather(*tasks)
            assert reply["ename"] == "KeyboardInterrupt"
            assert await worker.ask("x") == 1

    run(work())


def test_a_cell_that_takes_too_long_is_interrupted(executor: Executor, folder: Path) -> None:
    async def work() -> None:
        async with a_worker(executor, folder) as worker:
            with pytest.raises(TimeoutError, match=r"after 0\.5 s"):
                await worker.run("while True: pass", ignore, timeout=0.5)
            assert await worker.ask("1") == 1

    run(work())


def test_stop_leaves_no_process_not_even_a_detached_one(executor: Executor, folder: Path) -> None:
    async def work() -> None:
        async with a_worker(executor, folder) as worker:
            cell = (
                "import os, subprocess, sys\n"
                "deaf = 'import signal, time; signal.signal(15, signal.SIG_IGN); "
                "print(1, flush=True); time.sleep(999)'\n"
                "child = subprocess.Popen([sys.executable, '-c', deaf], stdout=-1)\n"
                "child.stdout.readline()\n"
                'code = \'import subprocess; p = subprocess.Popen(["sleep", "999"], '
                "start_new_session=True, stdout=-3); print(p.pid)'\n"
                "orphan = int(subprocess.check_output([sys.executable, '-c', code]))"
            )
            assert (await worker.run(cell, ignore))["status"] == "ok"
            pids = await worker.ask("[os.getpid(), child.pid, orphan]")
            assert all(lives(pid) for pid in pids)
            began = time.monotonic()
            await executor.stop(worker)
            assert time.monotonic() - began < 15
            assert not any(lives(pid) for pid in pids)

    run(work())


def test_stop_lets_the_kernel_close_its_files(executor: Executor, folder: Path) -> None:
    async def work() -> None:
        async with a_worker(executor, folder) as worker:
            cell = (
                "import atexit, pathlib\n"
                "atexit.register(lambda: pathlib.Path('exit').write_text('ran'))\n"
                "file = open('open', 'w')\nfile.write('kept')"
            )
            await worker.run(cell, ignore)
        assert (folder / "exit").read_text() == "ran"
        assert (folder / "open").read_text() == "kept"

    run(work())


def test_a_busy_kernel_is_stopped_in_time(executor: Executor, folder: Path) -> None:
    async def work() -> None:
        async with a_worker(executor, folder) as worker:
            started = asyncio.Event()
            cell = "print('go', flush=True)\nwhile True:\n  try: [0 for _ in iter(int, 1)]\n  "
            cell += "except BaseException: pass"
            task = asyncio.create_task(worker.run(cell, heard("go", started.set)))
            await asyncio.wait_for(started.wait(), 20)
            began = time.monotonic()
            await executor.stop(worker)
            assert time.monotonic() - began < 15
            with pytest.raises(KernelDied):
                await task

    run(work())


def test_a_kernel_stopped_now_has_no_time_for_anything(executor: Executor, folder: Path) -> None:
    async def work() -> None:
        async with a_worker(executor, folder) as worker:
            started = asyncio.Event()
            cell = (
                "import atexit, pathlib, signal\n"
                "atexit.register(lambda: pathlib.Path('exit').write_text('ran'))\n"
                "for number in (signal.SIGTERM, signal.SIGINT):\n"
                "    signal.signal(number, lambda *_: pathlib.Path('told').touch())\n"
                "print('go', flush=True)\nwhile True: pass"
            )
            pid = await worker.ask("__import__('os').getpid()")
            task = asyncio.create_task(worker.run(cell, heard("go", started.set)))
            await asyncio.wait_for(started.wait(), 20)
            began = time.monotonic()
            await executor.stop(worker, now=True)
            assert time.monotonic() - began < 10
            assert not lives(pid)
            with pytest.raises(KernelDied):
                await task
        assert list(folder.iterdir()) == []

    run(work())


def test_a_kernel_sees_the_launch_and_its_drivers_environment(
    executor: Executor, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OF_THE_DRIVER", "yes")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)

    async def work() -> None:
        resources = Resources(cpus=1)
        env = {"OF_THE_LAUNCH": "too"}
        async with a_worker(executor, folder, env=env, resources=resources) as worker:
            names = ["OF_THE_DRIVER", "OF_THE_LAUNCH", "PYTHONPATH", "PYTHONHASHSEED"]
            names += ["OMP_NUM_THREADS", "MLFLOW_DISABLE_TELEMETRY", "PATH"]
            seen = await worker.ask(f"[__import__('os').environ.get(n) for n in {names}]")
            assert seen == ["yes", "too", str(folder), "0", None, "true", os.environ["PATH"]]
            assert await worker.ask("__import__('os').getcwd()") == str(folder)

    run(work())


def test_sockets_are_private_and_go_with_the_kernel(executor: Executor, folder: Path) -> None:
    async def work() -> None:
        async with a_worker(executor, folder) as worker:
            file = Path(await worker.ask("__import__('ipykernel').get_connection_file()"))
            assert stat.S_IMODE(file.parent.stat().st_mode) & 0o777 == 0o700
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
            pid = await worker.ask("__import__('os').getpid()")
            listening = [c for c in psutil.Process(pid).net_connections() if c.status == "LISTEN"]
            # ipykernel's pipe for what forked children print; a secret guards it.
            assert [c.laddr.ip for c in listening] in ([], ["127.0.0.1"])
        assert not file.parent.exists()

    run(work())


def test_a_kernel_that_cannot_be_had_is_an_error_with_a_reason(
    executor: Executor, folder: Path
) -> None:
    async def work() -> None:
        with pytest.raises(BackendError, match=r"no kernel 'cobol'.*python3"):
            await executor.start(Launch(kernel="cobol", cwd=folder))
        with pytest.raises(BackendError, match="gone"):
            await executor.start(Launch(kernel="python3", cwd=folder / "gone"))

    run(work())


def test_a_flood_of_updates_comes_through_whole(executor: Executor, folder: Path) -> None:
    async def work() -> None:
        async with a_worker(executor, folder) as worker:
            seen: list[str] = []

            def listen(message: Message) -> None:
                if message["msg_type"] == "update_display_data":
                    seen.append(message["content"]["data"]["text/plain"])

            await worker.run(
                "h = display(display_id=True)\nfor i in range(4000): h.update(i)", listen
            )
            assert seen == [str(i) for i in range(4000)]

    run(work())


def test_what_there_is_to_give_is_said(executor: Executor) -> None:
    offer = executor.offer()
    assert all(node.cpus >= 1 and node.memory > 0 for node in offer.nodes)
    assert len(offer.nodes) == 1
    assert not offer.scales
