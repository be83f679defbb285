"""The stream where records are in PostgreSQL: what other machines do is told at once, too."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from mlops_lab.backends.records.sql import SqlRecords
from mlops_lab.server import watch
from mlops_lab.server.site import KEY
from tests.postgresql import Postgresql

from . import story
from .client import told, told_after

ONE, TWO = "20261121-100000-aaaa", "20261121-100001-bbbb"
ELSEWHERE = """
import sys
sys.path.insert(0, sys.argv[2])
from mlops_lab.backends.records.sql import SqlRecords
from tests.server import story
records = SqlRecords.open(sys.argv[1])
records.append(sys.argv[3], story.whole(sys.argv[3], host="elsewhere"))
records.close()
"""


@pytest.fixture
def records(project: Path, postgresql: Postgresql) -> Iterator[SqlRecords]:
    """The project's records in PostgreSQL, as a driver of another machine has them open."""
    postgresql.clear()
    with (project / "mlops.toml").open("a") as file:
        file.write(f'records = "{postgresql.url}"\n')
    records = SqlRecords.open(postgresql.url)
    yield records
    records.close()


@pytest.fixture
def told_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """The watcher never looks by itself."""
    monkeypatch.setattr(watch, "ROUND", 600.0)
    monkeypatch.setattr(watch, "FIRST", 600.0)


async def test_what_another_process_commits_is_told(
    stream: Any, records: SqlRecords, told_only: None, postgresql: Postgresql, project: Path
) -> None:
    async with stream(path="cars/train.ipynb") as client:
        records.append(ONE, story.begun(ONE))
        await client.until(lambda: ONE in client.known)
        here = str(Path(__file__).parents[2])
        words = [sys.executable, "-c", ELSEWHERE, postgresql.url, here, TWO]
        assert await asyncio.to_thread(subprocess.call, words) == 0
        await client.until(lambda: told(client, TWO)["head"]["status"] == "succeeded")
        records.remove(TWO)
        await client.until(lambda: TWO not in client.known)
    assert not (project / ".mlops").exists(), "it is not on this machine"


async def test_it_is_told_within_a_blink(stream: Any, records: SqlRecords, told_only: None) -> None:
    async with stream() as client:
        took = await told_after(client, records, ONE)
    print(f"commit to client, PostgreSQL: median {median(took) * 1000:.0f} ms")
    assert min(took) < 0.1, took


async def test_a_database_that_starts_anew_costs_no_news(
    stream: Any, records: SqlRecords, postgresql: Postgresql, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "FIRST", 0.2)
    monkeypatch.setattr(watch, "ROUND", 600.0)
    async with stream() as client:
        records.append(ONE, story.begun(ONE))
        await client.until(lambda: ONE in client.known)
        await asyncio.to_thread(postgresql.stop)
        await asyncio.sleep(1.0)  # it has looked, and there was nothing to look at
        await asyncio.to_thread(postgresql.start)
        # It may be on the line again by now or not: it hears of all.
        now = time.time()
        records.append(TWO, story.whole(TWO, now))
        records.append(ONE, [*story.step("load", 3), *story.step("sum", 4), *story.over()])
        await client.until(lambda: told(client, ONE)["head"]["status"] == "succeeded")
        await client.until(lambda: told(client, TWO)["head"]["status"] == "succeeded")


async def test_what_happened_unheard_is_looked_for(
    stream: Any, records: SqlRecords, jp_serverapp: Any, project: Path
) -> None:
    watching = jp_serverapp.web_app.settings[KEY].projects.watch(project)
    async with stream() as client:
        records.append(ONE, story.begun(ONE))
        await client.until(lambda: ONE in client.known)
        async with watching._turn:
            watching._ears.close()
            now = time.time()
            records.append(TWO, story.whole(TWO, now))
        await client.until(lambda: told(client, TWO)["head"]["status"] == "succeeded")
        async with watching._turn:
            watching._ears.close()
            records.remove(TWO)
        await client.until(lambda: TWO not in client.known)


async def test_who_comes_while_the_database_is_away_comes_back_later(
    records: SqlRecords, postgresql: Postgresql, jp_ws_fetch: Any, jp_serverapp: Any, project: Path
) -> None:
    watching = jp_serverapp.web_app.settings[KEY].projects.watch(project)
    await asyncio.to_thread(postgresql.stop)
    try:
        socket = await jp_ws_fetch("mlops-lab", "events", params={"path": ""})
        await socket.write_message('{"kind": "follow"}')
        said = await socket.read_message()
        assert "not reachable" in str(said)
        assert await socket.read_message() is None
        assert socket.close_code == 1013
        assert not watching._clients
        socket.close()
    finally:
        await asyncio.to_thread(postgresql.start)
