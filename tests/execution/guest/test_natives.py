"""What raises no audit event: native writers, readers and connections."""

from __future__ import annotations

import inspect
import pickle
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mlops_lab.execution.guest.effects import CHANGED
from mlops_lab.execution.guest.landlock import known_version
from mlops_lab.execution.guest.natives import TABLE, Native, Natives
from mlops_lab.execution.guest.opens import OwnOpens

from .scout import Scout, a_scout, play

confined = pytest.mark.skipif(known_version() < 4, reason="there is no Landlock that knows TCP")


def _tells_opens(folder: Path) -> bool:
    return OwnOpens(str(folder), lambda _: False).works


told = pytest.mark.skipif(
    not _tells_opens(Path(__file__).parent), reason="the system does not tell who opens files"
)

LIBC = """
import ctypes, errno, socket, struct, threading
libc = ctypes.CDLL(None, use_errno=True)
def result(call, *args):
    ctypes.set_errno(0)
    return errno.errorcode.get(ctypes.get_errno()) if call(*args) < 0 else "done"
address = struct.pack("=HH4s8x", socket.AF_INET, socket.htons(9), bytes([127, 0, 0, 1]))
made = socket.socket()
inside = [result(libc.fopen and libc.open, b"fresh", 0o101, 0o600),
          result(libc.unlink, b"old"), result(libc.truncate, b"old", 0),
          result(libc.rename, b"old", b"new"), result(libc.mkdir, b"folder", 0o700)]
net = result(libc.connect, made.fileno(), address, len(address))
thread = threading.Thread(target=lambda: inside.append(result(libc.open, b"fresh", 0o101, 0o600)))
thread.start(); thread.join()
ours = [result(libc.open, b"/dev/null", 1), result(libc.open, b"old", 0)]
"""


@confined
def test_native_code_is_kept_from_writing_and_connecting(tmp_path: Path) -> None:
    async def work() -> None:
        (tmp_path / "old").write_text("old")
        async with a_scout(tmp_path) as scout:
            await scout.prepare()
            await scout.run(LIBC)
            assert await scout.worker.ask("[inside, net, ours]") == [
                ["EACCES"] * 6,
                "EACCES",
                ["done", "done"],
            ]
            answer = await scout.observe("inside")  # the guest's own store is writable
            await scout.visit.settle()
            artifact = answer["units"][0]["artifact"]
            assert scout.store.has(artifact)
            assert (tmp_path / "old").read_text() == "old"

    play(work())


ACTS = {
    "parquet": ("pq.write_table(table, 'f')", "file f"),
    "parquet writer": ("pq.ParquetWriter('f', table.schema)", "file f"),
    "data set": ("pyarrow.dataset.write_dataset(table, 'f', format='parquet')", "file f"),
    "feather": ("pyarrow.feather.write_feather(table, dest='f')", "file f"),
    "csv": ("pyarrow.csv.write_csv(table, 'f')", "file f"),
    "stream": ("pyarrow.output_stream('f')", "file f"),
    "map": ("pyarrow.memory_map('old', 'r+')", "file old"),
    "url": ("pq.read_table('s3://bucket/f?key=1')", "connection s3://bucket/f"),
    "pandas": ("import pandas; pandas.DataFrame({'a': [1]}).to_parquet('f')", "file f"),
    "spawned": (
        "import multiprocessing as m; m.get_context('spawn').Process(target=print).start()", None,
    ),
    "workers": (
        "from joblib import Parallel, delayed; Parallel(n_jobs=2)(delayed(abs)(i) for i in [1])",
        "process",
    ),
    "pipe": ("import os; os.mkfifo('f')", "file f"),
    "dbm": ("import shelve; shelve.open('f')", "file f"),
}  # fmt: skip


@pytest.mark.parametrize(("source", "what"), ACTS.values(), ids=ACTS.keys())
def test_a_native_act_is_told_and_does_not_happen(
    tmp_path: Path, source: str, what: str | None
) -> None:
    async def work() -> None:
        (tmp_path / "old").write_text("old")
        async with a_scout(tmp_path) as scout:
            await scout.prepare()
            await scout.run(
                "import pyarrow, pyarrow.csv, pyarrow.feather, pyarrow.dataset\n"
                "import pyarrow.parquet as pq\ntable = pyarrow.table({'a': [1]})"
            )
            scout.start(f"try:\n    {source}\nexcept BaseException: pass")
            event = await scout.event()
            assert event["event"] == "acts"
            assert what is None or event["what"] == what
            assert not (tmp_path / "f").exists()

    play(work())


def test_a_file_read_by_native_code_is_known_as_it_was(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    parts = tmp_path / "parts"
    parts.mkdir()
    for name in ("a", "b"):
        pq.write_table(pa.table({"x": [1]}), parts / f"{name}.parquet")
    read = ["pq.read_table('parts/a.parquet')", "pq.ParquetFile('parts/a.parquet')",
            "pd.read_parquet('parts/a.parquet')", "pq.read_table('parts')"]  # fmt: skip

    async def files(scout: Scout, source: str) -> dict[str, str]:
        await scout.run(source)
        found: dict[str, str] = (await scout.observe())["files"]
        return {str(Path(path).relative_to(tmp_path)): mark for path, mark in found.items()}

    async def work() -> None:
        async with a_scout(tmp_path) as scout:
            await scout.prepare()
            await files(scout, "import pyarrow.parquet as pq, pandas as pd")
            *single, whole = [await files(scout, source) for source in read]
            assert all("parts/a.parquet" in found for found in single)
            assert {"parts", "parts/a.parquet", "parts/b.parquet"} <= whole.keys()
            assert len({found["parts/a.parquet"] for found in (*single, whole)}) == 1
            await scout.run(read[0])
            pq.write_table(pa.table({"x": [2]}), parts / "a.parquet")
            answer = await scout.observe()
            assert answer["files"][str(parts / "a.parquet")] == whole["parts/a.parquet"]

    play(work())


class Heard:
    """In the place of a kernel's effects."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    @contextmanager
    def paused(self) -> Iterator[None]:
        yield

    def announce(self, what: str) -> None:
        self.heard.append(what)

    def announce_file(self, path: str, flags: int) -> None:
        self.heard.append((path, "writes" if flags else "reads"))


SOURCE = """
def load(path, *, size: int = 3):
    "Loads."
    return path, size

def save(value, path=None): return value
def connect(): return 1

class File:
    def __init__(self, name, mode="r"): self.name = name
    @classmethod
    def at(cls, name): return cls(name)
"""


def test_an_entry_point_tells_first_and_looks_like_itself() -> None:
    module = types.ModuleType("_some_native")
    exec(SOURCE, vars(module))
    sys.modules["_some_native"] = module
    heard = Heard()
    before = inspect.signature(module.load)
    table = {
        "_some_native": {
            "load": Native(at=0, name="path"),
            "save": Native(at=1, name="path", flags=1),
            "connect": Native(what="connection to it"),
            "File.__init__": Native(at=1, name="name", mode=(2, "mode", "r")),
            "File.at": Native(at=1, name="name"),
            "of another version": Native(),
        }
    }
    try:
        natives = Natives(heard, table)  # type: ignore[arg-type]
        assert natives.modules == {"_some_native"}
        assert module.load("a", size=4) == ("a", 4)
        assert module.save(1, path="b") == 1
        assert module.save(2) == 2
        assert module.save(3, object()) == 3
        assert module.connect() == 1
        assert module.File("c").name == "c"
        module.File("d", mode="r+")
        module.File("e", "w")
        module.File.at("f")
        module.load("https://host/x?secret")
        assert heard.heard == [
            ("a", "reads"), ("b", "writes"), "connection to it", ("c", "reads"), ("d", "writes"),
            ("e", "writes"), ("f", "reads"), ("f", "reads"), "connection https://host/x",
        ]  # fmt: skip
        assert inspect.signature(module.load) == before
        assert (module.load.__name__, module.load.__doc__) == ("load", "Loads.")
        assert not hasattr(module.load, "__wrapped__")
        assert pickle.loads(pickle.dumps(module.load)) is module.load
    finally:
        del sys.modules["_some_native"]


@pytest.mark.parametrize("module", ["pyarrow", "pyarrow.parquet.core", "pyarrow.dataset",
                                    "pyarrow.feather", "pyarrow.csv", "pyarrow.json",
                                    "pyarrow.orc", "pyarrow.ipc",
                                    "pandas.io.parquet", "pandas.io.feather_format",
                                    "pandas.io.orc"])  # fmt: skip
def test_the_table_names_what_there_is(module: str) -> None:
    found = __import__(module, fromlist=["x"])
    for path, native in TABLE[module].items():
        entry: Any = found
        for part in path.split("."):
            entry = getattr(entry, part)
        try:
            known = list(inspect.signature(entry).parameters)
        except ValueError:
            continue
        assert native.at < 0 or known[native.at] == native.name, path


@told
def test_what_no_entry_point_tells_is_seen_and_others_reads_are_not(tmp_path: Path) -> None:
    for name in ("mine", "both", "others"):
        (tmp_path / name).write_text(name)
    source = "import ctypes; libc = ctypes.CDLL(None)\nfor n in (b'mine', b'both'): libc.open(n, 0)"

    async def work() -> None:
        async with a_scout(tmp_path) as scout:
            await scout.prepare()
            await scout.run(source)
            (tmp_path / "both").write_text("changed")
            (tmp_path / "others").read_text()
            files = (await scout.observe())["files"]
            assert {Path(path).name for path in files} == {"mine", "both"}
            assert files[str(tmp_path / "both")] == CHANGED
            await scout.run("1")
            assert (await scout.observe())["files"] == {}

    play(work())
