"""A notebook's file is read whole or refused by name, and written whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from mlops_lab.errors import NotebookError, NotFound
from mlops_lab.notebook.read import read
from mlops_lab.notebook.write import replace, write

CELL = {"cell_type": "code", "source": ["x = 1\n", "x"], "metadata": {}, "outputs": []}
WHOLE = json.dumps(
    {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{**CELL, "id": "a1"}]}, indent=1
)
OLD = json.dumps(
    {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": ""},
        "worksheets": [
            {
                "cells": [
                    {"cell_type": "code", "input": "x = 1", "outputs": [], "language": "python"}
                ]
            }
        ],
    }
)


def test_a_notebook_is_read_with_its_lines_joined(tmp_path: Path) -> None:
    (tmp_path / "nb.ipynb").write_text(WHOLE)
    nb = read(tmp_path / "nb.ipynb")
    assert nb.cells[0].source == "x = 1\nx"
    assert nb.cells[0].id == "a1"


def test_an_old_notebook_is_upgraded_and_says_from_what(tmp_path: Path) -> None:
    (tmp_path / "nb.ipynb").write_text(OLD)
    nb = read(tmp_path / "nb.ipynb")
    assert (nb.nbformat, nb.cells[0].source, nb.metadata.orig_nbformat) == (4, "x = 1", 3)


BROKEN = {
    "empty": (b"", "it is empty (0 bytes)"),
    "cut off": (WHOLE[:120].encode(), "it breaks off at line"),
    "cut in a string": (WHOLE[:37].encode(), "(offset "),
    "no JSON": (b"{\n 'cells': []\n}", "it is not JSON at line 2, column 2 (offset 3)"),
    "a list": (b"[]", "holds no notebook"),
    "no cells": (b'{"nbformat": 4, "nbformat_minor": 5}', "it has no list of cells"),
    "a cell without type": (
        b'{"nbformat": 4, "cells": [{"source": ""}]}',
        "its cell 1 has no type",
    ),
    "a cell without source": (
        b'{"nbformat": 4, "cells": [{"cell_type": "code"}]}',
        "its cell 1 has no source",
    ),
    "the future": (b'{"nbformat": 9, "cells": []}', "it has nbformat 9"),
    "not UTF-8": (b'{"nbformat": 4, "cells": ["\xff"]}', "it is not UTF-8 at offset 27"),
    "a merge conflict": (
        b'{\n<<<<<<< HEAD\n "nbformat": 4,\n=======\n>>>>>>> other\n}',
        "it holds a merge conflict at line 2 (offset 2)",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_notebook_is_named_with_the_place(what: str, tmp_path: Path) -> None:
    content, message = BROKEN[what]
    path = tmp_path / "nb.ipynb"
    path.write_bytes(content)
    with pytest.raises(NotebookError) as caught:
        read(path)
    assert f"'{path}' is not a notebook" in str(caught.value)
    assert message in str(caught.value)


def test_the_copy_that_jupyter_kept_is_offered(tmp_path: Path) -> None:
    path = tmp_path / "nb.ipynb"
    path.write_bytes(b"")
    (tmp_path / ".~nb.ipynb").write_text(WHOLE)
    with pytest.raises(NotebookError, match="Jupyter kept the version before: cp"):
        read(path)
    (tmp_path / ".~nb.ipynb").write_text("{")
    with pytest.raises(NotebookError) as caught:
        read(path)
    assert "Jupyter kept" not in str(caught.value)


def test_no_notebook_is_not_found(tmp_path: Path) -> None:
    for path in (tmp_path / "none.ipynb", tmp_path):
        with pytest.raises(NotFound):
            read(path)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "nb.ipynb"
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x = 'ö'\nx")])
    write(nb, path)
    assert read(path) == nb
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_write_leaves_the_file_before_and_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "nb.ipynb"
    path.write_text("before")
    with pytest.raises(TypeError):
        replace(path, "no bytes")  # type: ignore[arg-type]
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_mode_and_link_stay(tmp_path: Path) -> None:
    path = tmp_path / "real" / "nb.ipynb"
    path.parent.mkdir()
    path.write_text("before")
    path.chmod(0o600)
    link = tmp_path / "nb.ipynb"
    link.symlink_to(path)
    replace(link, b"after")
    assert link.is_symlink()
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("after", 0o600)
