"""The stream: events come as they happen, from wherever the run was started."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from mlops_lab.backends.records.knock import LOG, knock, listeners
from mlops_lab.backends.records.sql import SqlRecords
from mlops_lab.records.events import Noted
from mlops_lab.records.run import Run, fold
from mlops_lab.server import watch
from mlops_lab.server.routes import stream as stream_route
from mlops_lab.server.site import KEY

from . import story
from .client import Client, told, told_after

ONE, TWO = "20261121-100000-aaaa", "20261121-100001-bbbb"


def step_states(run: Run) -> dict[str, str]:
    return {step.name: step.status for step in run.steps}


async def test_what_happens_is_told_as_it_happens(stream: Any, records: SqlRecords) -> None:
    async with stream(path="cars/train.ipynb") as client:
        records.append(ONE, story.begun(ONE))
        await client.until(lambda: told(client, ONE)["head"]["status"] == "running")
        assert set(told(client, ONE)["steps"]) == {"load", "sum"}
        records.append(ONE, story.step("load", 3))
        await client.until(lambda: told(client, ONE)["head"]["done"] == 1)
        assert [step["name"] for step in client.heard[-1]["steps"]] == ["load"]
        records.append(ONE, [*story.step("sum", 4), *story.over()])
        await client.until(lambda: told(client, ONE)["head"]["status"] == "succeeded")
        assert told(client, ONE)["head"]["path"] == "cars/train.ipynb"


async def test_it_is_told_within_a_blink(stream: Any, records: SqlRecords) -> None:
    async with stream() as client:
        took = await told_after(client, records, ONE)
    print(f"commit to client, SQLite: median {median(took) * 1000:.0f} ms")
    assert min(took) < 0.1, took


async def test_a_client_hears_of_a_run_ten_times_a_second_at_most(
    stream: Any, records: SqlRecords
) -> None:
    async with stream() as client:
        records.append(ONE, story.begun(ONE))
        began = time.monotonic()
        for number in range(60):
            records.append(ONE, story.step("load", 3, at=1001.0 + number))
            await asyncio.sleep(0.01)
        records.append(ONE, story.over())
        await client.until(lambda: told(client, ONE)["head"]["status"] == "succeeded")
        assert len(client.heard) <= (time.monotonic() - began) / watch.BREATH + 2


async def test_who_comes_back_misses_nothing(stream: Any, records: SqlRecords) -> None:
    records.append(ONE, story.begun(ONE))
    async with stream() as client:
        await client.until(lambda: ONE in client.known)
        seen = client.seen
    records.append(ONE, [*story.step("load", 3), *story.step("sum", 4), *story.over()])
    records.append(TWO, story.whole(TWO, 2000.0))
    async with stream(seen) as client:
        await client.until(lambda: {ONE, TWO} <= client.known.keys())
        run = fold((event for _, event in records.read(ONE)), ONE)
        assert {name: s["status"] for name, s in told(client, ONE)["steps"].items()} == (
            step_states(run)
        )
        seen = client.seen
    records.remove(TWO)
    async with stream(seen) as client:
        assert await client.hear() == {"kind": "deleted", "run_id": TWO}


async def test_who_breaks_off_at_any_moment_ends_up_knowing_all(
    stream: Any, records: SqlRecords
) -> None:
    async def write() -> None:
        records.append(ONE, story.begun(ONE))
        for number in range(40):
            records.append(ONE, story.step("load" if number % 2 else "sum", 3, 1001.0 + number))
            await asyncio.sleep(0.02)
        records.append(ONE, story.over(1100.0))

    writing = asyncio.create_task(write())
    known: dict[str, Any] = {}
    seen: dict[str, int] = {}
    while known.get(ONE, {"head": {"status": ""}})["head"]["status"] != "succeeded":
        async with stream(seen) as client:
            client.known = known
            await client.hear()
            known, seen = client.known, client.seen
    await writing
    last = records.read(ONE)
    run = fold((event for _, event in last), ONE)
    assert known[ONE]["seq"] == last[-1][0]
    assert {name: s["started"] for name, s in known[ONE]["steps"].items()} == {
        step.name: step.started for step in run.steps
    }


async def test_a_run_started_in_a_shell_shows_up_even_if_it_is_the_first(
    stream: Any, project: Path
) -> None:
    assert not (project / ".mlops").exists()
    async with stream(path="cars/train.ipynb") as client:
        words = ["run", "cars/train.ipynb", "--workers", "1", "-q"]
        driver = subprocess.Popen([sys.executable, "-m", "mlops_lab", *words], cwd=project)
        await client.until(
            lambda: any(run["head"]["status"] == "succeeded" for run in client.known.values())
        )
        assert await asyncio.to_thread(driver.wait, 30) == 0
        (run,) = client.known.values()
        assert {name: step["status"] for name, step in run["steps"].items()} == {
            "load": "succeeded", "sum": "succeeded"
        }  # fmt: skip


async def test_a_driver_that_dies_without_a_word_is_noticed(
    stream: Any, records: SqlRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "ROUND", 0.2)
    async with stream() as client:
        records.append(ONE, story.begun(ONE, pid_started=5.0))
        await client.until(lambda: told(client, ONE)["head"]["status"] == "interrupted")


async def test_a_log_is_followed_from_any_byte_until_no_more_is_wanted(
    stream: Any, project: Path, records: SqlRecords
) -> None:
    records.append(ONE, story.begun(ONE))
    place = listeners(project / ".mlops")
    story.log(project, ONE, "load", "first\n")
    async with stream() as client:
        await client.hear()
        await client.say(kind="tail", run_id=ONE, step="load", after=2)
        assert await client.hear() == {
            "kind": "log", "run_id": ONE, "step": "load", "after": 6, "text": "rst\n"
        }  # fmt: skip
        story.log(project, ONE, "load", "second\n")
        knock(place, LOG, ONE, "load")
        assert (await client.hear())["text"] == "second\n"
        await client.say(kind="untail", run_id=ONE, step="load")
        await client.say(kind="tail", run_id=ONE, step="sum")
        nothing = {"kind": "log", "run_id": ONE, "step": "sum", "after": 0, "text": ""}
        assert await client.hear() == nothing  # so that it needn't be guessed
        story.log(project, ONE, "load", "third\n")
        story.log(project, ONE, "sum", "3\n")
        knock(place, LOG, ONE, "sum")
        assert (await client.hear())["text"] == "3\n"


async def test_a_long_log_comes_in_parts(stream: Any, project: Path, records: SqlRecords) -> None:
    records.append(ONE, story.begun(ONE))
    text = "".join(f"line {number} ü\n" for number in range(60_000))
    story.log(project, ONE, "load", text)
    async with stream() as client:
        await client.hear()
        await client.say(kind="tail", run_id=ONE, step="load")
        parts: list[str] = []
        while sum(map(len, parts)) < len(text):
            parts.append((await client.hear())["text"])
        assert ("".join(parts), len(parts) > 2) == (text, True)


async def test_who_does_not_take_what_is_told_has_to_come_back_and_misses_nothing(
    stream: Any,
    jp_ws_fetch: Any,
    records: SqlRecords,
    project: Path,
    jp_serverapp: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stream_route, "MOST", 2**20)
    watching = jp_serverapp.web_app.settings[KEY].projects.watch(project)
    records.append(ONE, story.begun(ONE))
    socket = await jp_ws_fetch("mlops-lab", "events", params={"path": ""})
    slow = Client(socket)
    await slow.say(kind="follow", seen={})
    await slow.hear()
    (end,) = watching._clients
    most, told_so_far = 0, 0
    async with asyncio.timeout(60):
        while watching._clients:  # the other end of the socket takes its buffers' worth, no more
            told_so_far += 1
            records.append(ONE, [Noted(at=1001.0, text=f"{told_so_far} " + "x" * 2**20)])
            await asyncio.sleep(watch.BREATH / 2)
            most = max(most, end._waiting)
    assert 2**20 < most < 2**20 + 2**20 * (told_so_far + 1), "what waits is bounded"
    with pytest.raises(AssertionError, match="hung up"):
        await slow.until(lambda: False)
    assert socket.close_code == 1013
    socket.close()
    records.append(ONE, story.over())
    async with stream(slow.seen) as client:
        await client.until(lambda: told(client, ONE)["head"]["status"] == "succeeded")
        assert len(client.heard[-1]["notes"]) == told_so_far


async def test_a_long_log_waits_for_who_is_slow(
    jp_ws_fetch: Any,
    project: Path,
    records: SqlRecords,
    jp_serverapp: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stream_route, "BEHIND", 2**16)
    monkeypatch.setattr(watch, "BREATH", 0.001)
    watching = jp_serverapp.web_app.settings[KEY].projects.watch(project)
    records.append(ONE, story.begun(ONE))
    text = "x" * 100 + "\n"
    story.log(project, ONE, "load", text * 300_000)
    socket = await jp_ws_fetch("mlops-lab", "events", params={"path": ""})
    client = Client(socket)
    await client.say(kind="follow", seen={})
    await client.hear()
    (end,) = watching._clients
    await client.say(kind="tail", run_id=ONE, step="load")
    async with asyncio.timeout(30):
        while not end.behind:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.3)
    assert end._waiting < 2**20, "no more is read than one part"
    length = 0
    while length < len(text) * 300_000:
        length += len((await client.hear())["text"])
    socket.close()
    while await socket.read_message() is not None:
        pass


@pytest.mark.parametrize(
    "message",
    [
        "{",
        '{"kind": "run"}',
        '{"kind": "tail", "run_id": "x", "step": "load"}',
        '{"kind": "follow", "seen": {"x": "often"}}',
        "[]",
    ],
)
async def test_what_can_not_be_done_is_told_and_the_stream_stays_open(
    message: str, jp_ws_fetch: Any, records: SqlRecords
) -> None:
    socket = await jp_ws_fetch("mlops-lab", "events", params={"path": ""})
    await socket.write_message(message)
    assert json.loads(await socket.read_message())["kind"] == "failure"
    records.append(ONE, story.begun(ONE))
    await socket.write_message('{"kind": "follow"}')
    assert json.loads(await socket.read_message())["kind"] == "run"
    socket.close()


@pytest.mark.parametrize(
    ("run_id", "step"), [("../../x", "load"), (ONE, "../../../mlops"), (ONE, "/etc/passwd")]
)
async def test_no_log_is_followed_outside_of_a_run(
    run_id: str, step: str, stream: Any, project: Path, records: SqlRecords
) -> None:
    (project / "mlops.log").write_text("a secret")
    records.append(ONE, story.begun(ONE))
    async with stream() as client:
        await client.hear()
        await client.say(kind="tail", run_id=run_id, step=step)
        await client.say(kind="tail", run_id=ONE, step="load")
        story.log(project, ONE, "load", "ours")
        knock(listeners(project / ".mlops"), LOG)
        assert (await client.hear())["text"] == "ours"


async def test_nobody_watches_where_nobody_looks(
    stream: Any, project: Path, records: SqlRecords, jp_serverapp: Any
) -> None:
    watching = jp_serverapp.web_app.settings[KEY].projects.watch(project)
    ears = listeners(project / ".mlops")
    records.append(ONE, story.begun(ONE))
    async with stream() as one, stream() as two:
        await one.hear()
        await two.hear()
        assert len(list(ears.iterdir())) == 1
    async with asyncio.timeout(5):
        while watching._task is not None or list(ears.iterdir()) or watchers():
            await asyncio.sleep(0.01)


def watchers() -> list[str]:
    names = [task.get_name() for task in asyncio.all_tasks()]
    return [name for name in names if name.startswith("mlops-watch")]


async def test_records_that_were_thrown_away_are_found_anew(
    stream: Any, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    monkeypatch.setattr(watch, "ROUND", 0.2)
    monkeypatch.setattr(watch, "FIRST", 0.2)
    for name in (ONE, TWO):
        records = SqlRecords.open(project / ".mlops" / "records.db")
        records.append(name, story.begun(name))
        async with stream() as client:
            await client.until(lambda name=name: name in client.known)
            records.close()
            shutil.rmtree(project / ".mlops")
            await client.until(lambda name=name: name not in client.known)
