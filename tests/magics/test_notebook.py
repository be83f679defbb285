"""Whether a notebook's file is as it stands on the screen."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

from mlops_lab.magics.notebook import Seen

SAVED = ["x = 1\n", "%%mlops step train\ny = x"]


@pytest.mark.parametrize(
    ("ran", "saved_at", "unsaved"),
    [
        ({}, 0, False),
        ({"a": "x = 1"}, 0, False),
        ({"a": "x = 2"}, 0, True),
        ({"a": "x = 2"}, 4e9, False),  # saved since; whether it changed again, nobody can know
        ({"a": "x = 2", None: "y = x"}, 0, True),
        ({"a": "x = 1", "new": "z = 3"}, 0, True),
        ({"new": "%mlops run --wait"}, 0, False),
        ({"new": "%load_ext mlops_lab\nlive = %mlops run"}, 0, False),
        ({"b": SAVED[1]}, 0, False),
    ],
)
def test_a_cell_that_ran_otherwise_than_saved_tells(
    ran: dict[str | None, str], saved_at: float, unsaved: bool, tmp_path: Path
) -> None:
    path = tmp_path / "a.ipynb"
    cells = [nbformat.v4.new_code_cell(source) for source in SAVED]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    os.utime(path, (saved_at, saved_at))
    seen = Seen()
    for cell_id, source in ran.items():
        seen(SimpleNamespace(cell_id=cell_id, raw_cell=source))
    assert seen.unsaved(path) is unsaved


def test_a_file_that_cannot_be_read_tells_nothing(tmp_path: Path) -> None:
    seen = Seen()
    seen(SimpleNamespace(cell_id="a", raw_cell="x"))
    broken = tmp_path / "b.ipynb"
    broken.write_text("{")
    assert not seen.unsaved(broken)
    assert not seen.unsaved(tmp_path / "gone.ipynb")
