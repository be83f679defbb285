"""What is cached stands for running it, until something that it depends on has changed."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from blake3 import blake3

from .lab import Lab, step, steps

CELLS = {
    "parameters": "n = 3",
    "load": "import rules\ndata = open('data.txt').read().strip()\nprint('loaded', data)",
    "work": "made = [data] * n\nmade.append(rules.rule())\nprint(made)",
    "show": "print(len(made))",
}
LIBRARY = "def rule():\n    return 'a'\n"


def project(folder: Path) -> Lab:
    lab = Lab(folder, CELLS)
    (folder / "data.txt").write_text("one\n")
    (folder / "rules.py").write_text(LIBRARY)
    return lab


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """A project that ran once, and is left as it was by each test."""
    lab = project(tmp_path_factory.mktemp("reuse"))
    assert [*steps(lab.run()).values()] == ["succeeded"] * 3
    return lab


def test_nothing_changed_and_nothing_runs(lab: Lab) -> None:
    first = lab.text()
    run = lab.run()
    assert steps(run) == {"load": "cached", "work": "cached", "show": "cached"}
    assert lab.text(run) == first
    assert lab.why("work") == ["cached"]
    assert [s.attempts for s in run.steps] == [0, 0, 0]


def changed(**cells: str) -> Callable[[Lab], None]:
    return lambda lab: lab.write(CELLS | cells)


def file(name: str, text: str) -> Callable[[Lab], None]:
    return lambda lab: (lab.folder / name).write_text(text) and None


def older(lab: Lab) -> None:
    """As if another version of blake3 had been there when the entry was made."""
    for entry in lab.entries():
        if entry.step == "work":
            lab.keep(replace(entry, packages=entry.packages | {"blake3": "0.0.1"}))


@pytest.mark.parametrize(
    ("change", "name", "expected"),
    [
        (changed(load=CELLS["load"] + "  # read it"), "load", ["cached"]),
        (changed(load="\n" + CELLS["load"] + "\n\n"), "load", ["cached"]),
        (changed(work="made = [data]"), "work", ["run", "code changed"]),
        (changed(parameters="n = 4"), "work", ["run", "parameter n changed: 3 → 4"]),
        (file("data.txt", "two\n"), "load", ["run", "file data.txt changed"]),
        (file("data.txt", "two\n"), "work", ["may-run", "'load' runs above it"]),
        (file("rules.py", LIBRARY.replace("a", "b")), "work", ["run", "file rules.py changed"]),
        (older, "work", ["run", "package blake3 changed: 0.0.1 → "]),
        (changed(tuned="import pandas as pd"), "tuned", ["run", "has no result"]),
    ],
    ids=["comment", "layout", "code", "parameter", "file", "above", "module", "package", "new"],
)
def test_what_changed_is_said_before_anything_runs(
    lab: Lab, change: Callable[[Lab], None], name: str, expected: list[str]
) -> None:
    before = lab.entries()
    runs = len(lab.bench.history.list())
    try:
        change(lab)
        fate, *reasons = lab.why(name)
        assert fate == expected[0]
        for reason, start in zip(reasons, expected[1:], strict=False):
            assert reason.startswith(start)
        assert len(reasons) >= len(expected) - 1
        assert len(lab.bench.history.list()) == runs
    finally:
        project(lab.folder)
        lab.keep(*before)


def test_a_setting_is_something_that_every_step_reads(tmp_path: Path) -> None:
    lab = Lab(tmp_path, {"one": "import decimal", "two": "print(decimal.Decimal(1) / 3)"})
    lab.run()
    lab.write(
        {
            "one": "import decimal\ndecimal.getcontext().prec = 5",
            "two": "print(decimal.Decimal(1) / 3)",
        }
    )
    run = lab.run()
    assert lab.text(run)["c1"] == "0.33333\n"
    assert any("setting" in why for why in step(run, "two").why), step(run, "two").why


@pytest.mark.parametrize(
    ("tags", "code", "expected"),
    [
        ("one cache:off", "x = 1", "tagged cache:off"),
        ("one", "import sqlite3\nsqlite3.connect('a.db').close()", "reaches outside"),
        ("one", "import subprocess\nsubprocess.run(['true'])", "reaches outside"),
    ],
)
def test_some_steps_are_not_cached(tmp_path: Path, tags: str, code: str, expected: str) -> None:
    lab = Lab(tmp_path, {tags: code, "two": "print(2)"})
    lab.run()
    fate, *reasons = lab.why("one")
    assert fate == "run"
    assert any(reason.startswith(expected) for reason in reasons), reasons
    assert steps(lab.run()) == {"one": "succeeded", "two": "cached"}


@pytest.mark.parametrize("tag", ["cache:on", "cache:1d"])
def test_a_step_that_reaches_outside_is_cached_if_it_says_so(tmp_path: Path, tag: str) -> None:
    lab = Lab(tmp_path, {f"one {tag}": "import subprocess\nsubprocess.run(['true'])\nx = 1"})
    lab.run()
    assert lab.why("one") == ["cached"]
    if tag == "cache:1d":
        lab.keep(*(replace(e, created=e.created - 90_000) for e in lab.entries()))
        assert lab.why("one") == ["run", "its cached result is older than its tag allows"]


def test_a_step_that_gave_the_same_again_leaves_its_followers_cached(lab: Lab) -> None:
    try:
        lab.write(CELLS | {"load": CELLS["load"].replace("print", "1; print")})
        assert steps(lab.run()) == {"load": "succeeded", "work": "cached", "show": "cached"}
    finally:
        project(lab.folder)


def test_what_was_written_is_there_again(tmp_path: Path) -> None:
    lab = Lab(tmp_path, {"one": "import os\nos.makedirs('out')\nopen('out/f', 'w').write('text')"})
    lab.run()
    (tmp_path / "out" / "f").unlink()
    (tmp_path / "out").rmdir()
    assert steps(lab.run()) == {"one": "cached"}
    assert (tmp_path / "out" / "f").read_text() == "text"


WIDE = {
    "one": "import numpy as np\nbig = np.arange(50_000.0)\n"
    "open('f', 'w').write('kept')\nprint(big[1])",
    "two": "print(big.sum())",
}


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) * 3 // 4] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    path.write_bytes(b"")


class Payload:
    def __init__(self, mark: str) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, (f"touch {self.mark}",)


def forge(path: Path) -> None:
    """A pickle that runs a command, behind a digest made without the project's key."""
    body = (2).to_bytes(4, "little") + b"[]" + pickle.dumps(Payload(str(path) + ".executed"))
    path.write_bytes(blake3(body).digest() + body)


@pytest.mark.parametrize("suffix", ["value", "blob"])
@pytest.mark.parametrize("damage", [flip, cut, empty, Path.unlink, forge])
def test_damage_is_found_mended_and_said(
    tmp_path: Path, damage: Callable[[Path], None], suffix: str
) -> None:
    lab = Lab(tmp_path, WIDE)
    first = lab.text(lab.run())
    for path in lab.artifacts(suffix):
        damage(path)
    run = lab.run(refresh=("two",))
    assert run.status == "succeeded"
    assert lab.text(run) == first
    assert steps(run) == {"one": "succeeded", "two": "succeeded"}
    told = [*run.notes, *(why for s in run.steps for why in s.why)]
    assert any("damaged" in text or "gone" in text for text in told), told
    assert not list(tmp_path.rglob("*.executed"))
    assert (tmp_path / "f").read_text() == "kept"
    # What nobody has looked at may still be damaged.
    assert lab.text(lab.run()) == lab.text(lab.run(refresh=("two",))) == first
    again = lab.run(refresh=("two",))
    assert (steps(again), again.notes) == ({"one": "cached", "two": "succeeded"}, ())


def test_two_runs_at_once_are_both_right(tmp_path: Path) -> None:
    cells = {
        "parameters": "n = 1",
        "one": "import time\nbig = bytes(200_000) * n\ntime.sleep(0.3)\nprint(n)",
        "two": "same = bytes(300_000)\nprint(len(big), len(same))",
    }
    lab = Lab(tmp_path, cells)
    going = [lab.start("run", "lab.ipynb", f"out{n}.ipynb", "-p", "n", str(n)) for n in (2, 3)]
    for process in going:
        out, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, ""), out
    runs = {run.params["n"]: run for run in lab.bench.history.list()}
    for n in (2, 3):
        assert lab.text(runs[n])["c2"] == f"{200_000 * n} 300000\n"
        assert lab.run(params={"n": n}).steps[-1].cached
