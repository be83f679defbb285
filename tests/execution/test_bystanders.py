"""What others do to a project's files while a step runs is theirs."""

from __future__ import annotations

import json
import sqlite3
import threading
from pathlib import Path

import pytest

from .lab import Lab, steps

WAIT = """
from pathlib import Path
import time
Path("begun").touch()
while not Path("go").exists():
    time.sleep(0.02)
"""


def entries(folder: Path) -> dict[str, dict[str, object]]:
    """What the cache remembers of each step."""
    records = sqlite3.connect(folder / ".mlops" / "records.db")
    bodies = [json.loads(body) for (body,) in records.execute("SELECT body FROM entries")]
    records.close()
    return {body["step"]: body for body in bodies}


def meanwhile(lab: Lab, folder: Path) -> None:
    """Run; while the first step runs, somebody saves the notebook and writes and reads files."""

    def bystander() -> None:
        while not (folder / "begun").exists():
            pause.wait(0.02)
        (folder / "new.csv").write_text("theirs")
        (folder / "made").mkdir()
        (folder / "made" / "inside.csv").write_text("theirs")
        (folder / "there.csv").read_text()
        saved = folder / "saved"
        saved.write_bytes((folder / "lab.ipynb").read_bytes())
        saved.replace(folder / "lab.ipynb")
        (folder / "go").touch()

    pause = threading.Event()
    somebody = threading.Thread(target=bystander)
    somebody.start()
    assert lab.run().status == "succeeded"
    somebody.join()


@pytest.mark.parametrize("child", ["", "import multiprocessing as m; m.Pool(1).map(abs, [1])\n"])
def test_a_cached_step_writes_over_nothing_that_others_wrote(tmp_path: Path, child: str) -> None:
    (tmp_path / "there.csv").write_text("1")
    cells = {"wait cache:on": child + WAIT + "x = 1", "use": "print(x)"}
    lab = Lab(tmp_path, cells)
    meanwhile(lab, tmp_path)
    for name in ("new.csv", "made/inside.csv"):
        (tmp_path / name).write_text("theirs again")
    lab.write(cells | {"use": "print(x + 1)"})
    before = (tmp_path / "lab.ipynb").read_bytes()
    lab.run()
    assert (tmp_path / "lab.ipynb").read_bytes() == before
    for name in ("new.csv", "made/inside.csv"):
        assert (tmp_path / name).read_text() == "theirs again"


def test_what_others_touch_is_no_reason_to_run_again(tmp_path: Path) -> None:
    (tmp_path / "there.csv").write_text("1")
    lab = Lab(tmp_path, {"wait cache:on": WAIT + "x = 1", "use": "print(x)"})
    meanwhile(lab, tmp_path)
    told = entries(tmp_path)["wait"]
    assert not {"there.csv", "lab.ipynb", "new.csv"} & {*told["files"], *told["files_written"]}  # type: ignore[misc]


def test_what_native_code_writes_into_a_folder_it_made_comes_back(tmp_path: Path) -> None:
    frame = "import os, pandas\nframe = pandas.DataFrame({'a': [1]})\nos.makedirs('deep/er')\n"
    lab = Lab(tmp_path, {"keep": frame + "frame.to_parquet('deep/er/a.parquet')", "use": "1"})
    lab.run()
    kept = (tmp_path / "deep" / "er" / "a.parquet").read_bytes()
    (tmp_path / "deep" / "er" / "a.parquet").unlink()
    (tmp_path / "deep" / "er").rmdir()
    (tmp_path / "deep").rmdir()
    assert steps(lab.run())["keep"] == "cached"
    assert (tmp_path / "deep" / "er" / "a.parquet").read_bytes() == kept
