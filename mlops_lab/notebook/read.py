"""Read a notebook's file."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from mlops_lab.errors import NotebookError, NotFound
from mlops_lab.ir.problem import Problem

if TYPE_CHECKING:
    from nbformat import NotebookNode

_T = TypeVar("_T")
_CONFLICT = (b"<<<<<<< ", b">>>>>>> ")


def read(path: str | Path) -> NotebookNode:
    """The notebook in a local file, in nbformat 4.

    One of an older format is upgraded; `metadata.orig_nbformat` then says from which. Raises
    NotFound; NotebookError, naming file and offset, where the file is broken.
    """
    return _read(Path(path), _notebook)


def look(path: str | Path) -> Mapping[str, Any]:
    """The notebook in a local file, to be compiled and not run. Raises as `read` does.

    Where it is in nbformat 4 the package of that name isn't needed: importing it takes longer than
    all the rest in a kernel that has just started.
    """
    return _read(Path(path), _looked)


def _read(path: Path, parse: Callable[[bytes], _T]) -> _T:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise NotFound(f"no notebook '{path}'") from None
    except IsADirectoryError:
        raise NotFound(f"'{path}' is a folder, not a notebook") from None
    try:
        return parse(content)
    except _Broken as broken:
        message = f"'{path}' is not a notebook: {broken}"
        way_out = broken.way_out or _older(path)
        raise NotebookError([Problem(message=message, way_out=way_out)]) from None


def edited(body: dict[str, Any], path: str | Path) -> dict[str, Any]:
    """A notebook as it is being edited, if it is one that can be compiled. Raises NotebookError."""
    try:
        _check(body, 4)
    except _Broken as broken:
        raise NotebookError([Problem(message=f"'{path}' is not a notebook: {broken}")]) from None
    return body


class _Broken(ValueError):
    def __init__(self, message: str, way_out: str = "") -> None:
        super().__init__(message)
        self.way_out = way_out


def _looked(content: bytes) -> Mapping[str, Any]:
    body = _json(content)
    if not isinstance(body, dict) or body.get("nbformat") != 4:
        older: Mapping[str, Any] = _notebook(content)
        return older
    _check(body, 4)
    return body


def _notebook(content: bytes) -> NotebookNode:
    import nbformat

    body = _json(content)
    if not isinstance(body, dict) or not isinstance(body.get("nbformat", 1), int):
        raise _Broken("it is JSON, but holds no notebook")
    major = body.get("nbformat", 1)
    if major not in (3, 4):
        raise _Broken(f"it has nbformat {major}", "Save it anew in JupyterLab (nbformat 4)")
    _check(body, major)
    try:
        node: NotebookNode = nbformat.reader.reads(content.decode("utf-8"))
        return node if major == 4 else nbformat.convert(node, 4)
    except Exception as error:  # noqa: BLE001  # nbformat lets all its upgrades' errors out
        raise _Broken(f"nbformat can't read it: {type(error).__name__}: {error}") from None


def _json(content: bytes) -> Any:
    if not content.strip():
        raise _Broken(f"it is empty ({len(content)} bytes)")
    for number, line in enumerate(content.splitlines(), start=1):
        if line.startswith(_CONFLICT):
            offset = content.index(line)
            where = f"at line {number} (offset {offset})"
            raise _Broken(f"it holds a merge conflict {where}", "Resolve it first (git mergetool)")
    try:
        return json.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise _Broken(f"it is not UTF-8 at offset {error.start}") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno} (offset {error.pos})"
        ends = not error.doc[error.pos :].strip() or error.msg.startswith("Unterminated")
        raise _Broken(f"it {'breaks off' if ends else 'is not JSON'} at {where}") from None


def _check(body: dict[str, Any], major: int) -> None:
    cells = body.get("cells") if major == 4 else body.get("worksheets")
    if not isinstance(cells, list):
        raise _Broken("it has no list of cells")
    if major == 3:
        return
    for number, cell in enumerate(cells, start=1):
        if not isinstance(cell, dict) or not isinstance(cell.get("cell_type"), str):
            raise _Broken(f"its cell {number} has no type")
        if not isinstance(cell.get("source"), str | list):
            raise _Broken(f"its cell {number} has no source")
        if not isinstance(cell.get("metadata", {}), dict):
            raise _Broken(f"its cell {number} has broken metadata")


def _older(path: Path) -> str:
    """Jupyter leaves a copy where it was interrupted in writing, and it keeps checkpoints."""
    checkpoint = path.with_name(".ipynb_checkpoints") / f"{path.stem}-checkpoint{path.suffix}"
    for copy in (path.with_name(f".~{path.name}"), checkpoint):
        try:
            _notebook(copy.read_bytes())
        except (OSError, _Broken):
            continue
        return f"Jupyter kept the version before: cp '{copy}' '{path}'"
    return "Take an older version of it, from git or a backup"
