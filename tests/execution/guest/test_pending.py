"""Names that are still to be made come when a scout's cell first uses them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from mlops_lab.interfaces import Message

from .scout import Scout, a_scout, play

THREADS = """
import threading
found = []
threads = [threading.Thread(target=lambda: found.append(x)) for _ in range(3)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


async def ends(cell: asyncio.Task[Message]) -> str:
    reply = await asyncio.wait_for(cell, 30)
    return str(reply.get("ename", reply["status"]))


async def alone(work: Callable[[Scout], Awaitable[None]], folder: Path) -> None:
    async with a_scout(folder) as scout:
        await work(scout)
        assert scout.events.empty()


def test_a_pending_name_is_waited_for_where_it_is_used(tmp_path: Path) -> None:
    async def work(scout: Scout) -> None:
        await scout.prepare(x=None)
        cell = scout.start("print('before', flush=True)\ny = x + [3]")
        assert await scout.event() == {"event": "wants", "name": "x"}
        assert scout.shown == "before\n"
        began = time.perf_counter()
        await asyncio.sleep(0.3)  # the cell waits: that is what is measured
        await scout.deliver(x=scout.keep([1, 2]))
        assert await ends(cell) == "ok"
        answer = await scout.observe("x", "y")
        assert 0.2 < answer["waited"] < time.perf_counter() - began + 1
        assert answer["demanded"] == ["x"]
        assert [unit["names"] for unit in answer["units"]] == [["x"], ["y"]]
        assert await scout.worker.ask("y") == [1, 2, 3]

    play(alone(work, tmp_path))


def test_several_threads_wait_for_one_name(tmp_path: Path) -> None:
    async def work(scout: Scout) -> None:
        await scout.prepare(x=None)
        cell = scout.start(THREADS)
        assert await scout.event() == {"event": "wants", "name": "x"}
        await scout.deliver(x=scout.keep([1]))
        assert await ends(cell) == "ok"
        assert await scout.worker.ask("found == [[1]] * 3 and len({id(f) for f in found}) == 1")

    play(alone(work, tmp_path))


def test_a_waiting_cell_can_be_interrupted(tmp_path: Path) -> None:
    async def work(scout: Scout) -> None:
        await scout.prepare(x=None)
        cell = scout.start("x")
        await scout.event()
        await scout.worker.interrupt()
        assert await ends(cell) == "KeyboardInterrupt"

    play(alone(work, tmp_path))


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("try: y = x\nexcept NameError as error: y = str(error)", "name 'x' is not defined"),
        ("def f(): return x\ntry: f()\nexcept NameError as error: y = error.name", "x"),
    ],
)
def test_a_name_that_turns_out_not_to_exist_is_a_name_error(
    tmp_path: Path, source: str, value: str
) -> None:
    async def work(scout: Scout) -> None:
        await scout.prepare(x=None)
        cell = scout.start(source)
        await scout.event()
        await scout.deliver("x")
        assert await ends(cell) == "ok"
        assert await scout.worker.ask("y") == value
        answer = await scout.observe("y")
        assert answer["demanded"] == ["x"]  # it was looked up, and was not there
        assert answer["deleted"] == []

    play(alone(work, tmp_path))


def test_a_pending_builtin_turns_out_to_be_pythons(tmp_path: Path) -> None:
    async def work(scout: Scout) -> None:
        await scout.prepare(sum=None)
        cell = scout.start("y = sum([1, 2])")
        assert await scout.event() == {"event": "wants", "name": "sum"}
        await scout.deliver("sum")
        assert await ends(cell) == "ok"
        assert await scout.worker.ask("y") == 3

    play(alone(work, tmp_path))


def test_what_the_cell_binds_itself_is_written_and_what_stays_pending_is_nothing(
    tmp_path: Path,
) -> None:
    async def work(scout: Scout) -> None:
        await scout.prepare(x=None, y=None)
        await scout.run("x = 1")
        answer = await scout.observe("x", "y")
        assert [unit["names"] for unit in answer["units"]] == [["x"]]
        assert (answer["fresh"], answer["deleted"], answer["lost"]) == (["x"], [], {})
        assert answer["waited"] == 0
        await scout.deliver(x=scout.keep(2))
        assert await scout.worker.ask("x") == 1

    play(alone(work, tmp_path))


def test_a_value_waits_for_the_definition_it_needs(tmp_path: Path) -> None:
    source = "class C:\n    def f(self): return 7\nc = C()"

    async def work() -> None:
        async with a_scout(tmp_path, scout=False) as home:
            await home.run(source)
            answer = await home.observe("C", "c")
            await home.visit.settle()
        made = {unit["names"][0]: unit["artifact"] for unit in answer["units"]}
        async with a_scout(tmp_path) as scout:
            await scout.prepare(c=made["c"], **{"@C#m.1": None})
            cell = scout.start("y = c.f()")
            assert await scout.event() == {"event": "wants", "name": "@C#m.1"}
            await scout.deliver(**{"@C#m.1": made["@C#m.1"]})
            assert await ends(cell) == "ok"
            assert await scout.worker.ask("y") == 7

    play(work())


def test_a_function_made_before_a_name_was_hidden_waits_for_it_too(tmp_path: Path) -> None:
    async def work(scout: Scout) -> None:
        await scout.prepare()
        await scout.run("def f(): return x")
        await scout.observe("f")
        await scout.prepare(x=None)
        cell = scout.start("y = f()")
        assert await scout.event() == {"event": "wants", "name": "x"}
        await scout.deliver(x=scout.keep(5))
        assert await ends(cell) == "ok"
        assert await scout.worker.ask("y") == 5

    play(alone(work, tmp_path))


@pytest.mark.parametrize(
    ("artifact", "source", "why"),
    [
        ("", "x", "kept in another kernel only"),
        ("0" * 32, "x", "gone"),
        ("", "globals()['x']", "globals() looks at all names"),
        (None, "dir()", "dir() looks at all names"),
        (None, "def f(): return locals()\nf()", "locals() looks at all names"),
    ],
    ids=["elsewhere", "lost", "globals", "dir", "locals"],
)
def test_what_cannot_be_had_ends_the_attempt(
    tmp_path: Path, artifact: str | None, source: str, why: str
) -> None:
    async def work(scout: Scout) -> None:
        await scout.prepare(x=artifact)
        cell = scout.start(source)
        assert await scout.event() == {"event": "stuck", "name": "x", "why": why}
        assert not cell.done()

    play(alone(work, tmp_path))


def test_who_looks_at_all_names_gets_all_that_there_are(tmp_path: Path) -> None:
    async def work(scout: Scout) -> None:
        await scout.prepare(x=scout.keep(1))
        await scout.run("y = 'x' in globals()")
        assert await scout.worker.ask("y") is True

    play(alone(work, tmp_path))


def test_memory_is_told_beside_a_running_cell(tmp_path: Path) -> None:
    async def work(scout: Scout) -> None:
        await scout.prepare(x=None)
        before = await scout.visit.ask("memory")
        cell = scout.start("big = bytearray(300_000_000)\nx")
        await scout.event()
        now = await scout.visit.ask("memory")
        assert 250_000_000 < now["own"] - before["own"] < 350_000_000
        assert now["free"] > 0
        await scout.deliver(x=scout.keep(5))
        assert await ends(cell) == "ok"

    play(alone(work, tmp_path))


def test_a_function_from_before_waits_for_a_name_that_is_pending_now(tmp_path: Path) -> None:
    async def work(scout: Scout) -> None:
        await scout.run("x = 1\ndef f(): return x\nf()")
        await scout.prepare(x=None)
        cell = scout.start("y = f()")
        assert await scout.event() == {"event": "wants", "name": "x"}
        await scout.deliver(x=scout.keep(2))
        assert await ends(cell) == "ok"
        assert await scout.worker.ask("y") == 2

    play(alone(work, tmp_path))
