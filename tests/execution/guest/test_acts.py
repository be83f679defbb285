"""A scout is kept from its first act on the outside, before it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from .scout import Scout, a_scout, play

ACTS = {
    "write": ("open('f', 'w')", "file f"),
    "append": ("open('f', 'a')", "file f"),
    "pathlib": ("import pathlib; pathlib.Path('f').write_text('x')", "file f"),
    "descriptor": ("import os; os.open('f', os.O_CREAT | os.O_WRONLY)", "file f"),
    "thread": (
        "import threading as t; t = t.Thread(target=open, args=('f', 'w')); t.start(); t.join()",
        "file f",
    ),
    "remove": ("import os; os.remove('old')", "file old"),
    "rename": ("import os; os.rename('old', 'f')", "file f"),
    "folder": ("import os; os.makedirs('a/b', exist_ok=True)", "folder a"),
    "touch": ("import pathlib; pathlib.Path('old').touch()", "file old"),
    "chmod": ("import os; os.chmod('old', 0o777)", "file old"),
    "git": ("open('.git/f', 'w')", "file .git/f"),
    "records": ("open('.mlops/f', 'w')", "file .mlops/f"),
    "a temporary file": ("import tempfile; tempfile.TemporaryFile()", None),
    "process": ("import subprocess; subprocess.run(['true'])", "process true"),
    "shell": ("!true", None),
    "fork": ("import os; os.fork()", "process fork"),
    "pool": ("import multiprocessing; multiprocessing.Pool(1)", None),
    "kill": ("import os; os.kill(1, 15)", "signal to process 1"),
    "connect": (
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "connection 127.0.0.1:9",
    ),
    "listen": ("import socket; socket.socket().bind(('', 0))", "connection :0"),
    "database": ("import sqlite3; sqlite3.connect('d.db')", "database d.db"),
    "lock": ("import fcntl; fcntl.flock(open('old'), fcntl.LOCK_EX)", "file old"),
}


async def alone_with(folder: Path, work) -> None:  # type: ignore[no-untyped-def]
    (folder / "old").write_text("old")
    (folder / ".git").mkdir()
    async with a_scout(folder) as scout:
        await scout.prepare()
        await work(scout)


@pytest.mark.parametrize(("source", "what"), ACTS.values(), ids=ACTS.keys())
def test_an_act_is_told_and_does_not_happen(tmp_path: Path, source: str, what: str | None) -> None:
    async def work(scout: Scout) -> None:
        before = sorted(path.name for path in tmp_path.iterdir())
        cell = scout.start(f"try:\n    {source}\nexcept BaseException: pass")
        event = await scout.event()
        assert event["event"] == "acts"
        assert what is None or event["what"] == what
        assert await scout.visit.ask("memory")  # it still answers
        await asyncio.sleep(0.05)  # time enough for what must not happen
        assert not cell.done()
        assert sorted(path.name for path in tmp_path.iterdir()) == before
        assert (tmp_path / "old").read_text() == "old"

    play(alone_with(tmp_path, work))


QUIET = [
    "open('old').read()",
    "import os; os.listdir(); os.path.exists('nothing'); os.makedirs('.git', exist_ok=True)",
    "import os; os.kill(os.getpid(), 0); os.open('/dev/null', os.O_WRONLY)",
    "import sqlite3; sqlite3.connect(':memory:').execute('create table t (x)')",
    "import numpy, pandas, sklearn.linear_model, matplotlib.pyplot as plt, seaborn; plt.plot([1])",
    "from sklearn.ensemble import RandomForestClassifier as R; R(n_jobs=2).fit([[0], [1]], [0, 1])",
    "import asyncio; await asyncio.to_thread(print, 1)",
    "import platform, socket; platform.platform(); socket.gethostname()",
    "try: input()\nexcept Exception as e: assert type(e).__name__ == 'StdinNotImplementedError'",
    "import tempfile; tempfile.gettempdir()",
]


@pytest.mark.parametrize("source", QUIET)
def test_what_reaches_nobody_is_no_act(tmp_path: Path, source: str) -> None:
    async def work(scout: Scout) -> None:
        await scout.run(source)
        assert scout.events.empty()
        answer = await scout.observe()
        assert (answer["written"], answer["outside"]) == ({}, [])

    play(alone_with(tmp_path, work))


def test_a_file_counts_as_it_was_when_it_was_read(tmp_path: Path) -> None:
    async def work(scout: Scout) -> None:
        await scout.run("text = open('old').read()")
        (tmp_path / "old").write_text("new")
        (tmp_path / "other").write_text("home's own")
        answer = await scout.observe()
        await scout.run("text = open('old').read()")
        again = await scout.observe()
        old = str(tmp_path / "old")
        assert answer["files"][old] != again["files"][old]
        assert list(answer["files"]) == [old]
        assert answer["written"] == {}

    play(alone_with(tmp_path, work))


def test_an_attempt_that_an_interrupt_lets_go_is_still_over(tmp_path: Path) -> None:
    async def work(scout: Scout) -> None:
        cell = scout.start("try: open('f', 'w')\nexcept BaseException: pass")
        await scout.event()
        await scout.worker.interrupt()
        await cell
        assert not (tmp_path / "f").exists()
        with pytest.raises(Exception, match="had to end: file f"):
            await scout.observe()

    play(alone_with(tmp_path, work))
