"""The oracle: one kernel runs a row's notebook from top to bottom, and says what was seen."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import platform
import re
import sys
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from .rows import Row

HERE = Path(__file__).parent
PROBE = (
    f'print(__import__("runpy").run_path({str(HERE / "fingerprint.py")!r})'
    '["fingerprint"](globals()))'
)
VERSIONS = ("numpy", "pandas", "matplotlib", "scikit-learn", "scipy", "ipykernel", "ipython")


@dataclass(frozen=True, slots=True)
class Seen:
    """What a run showed: each cell's outputs, the final variables, the files it left."""

    cells: list[dict[str, Any]]
    variables: list[str]
    files: dict[str, str] = field(default_factory=dict)


def notebook(row: Row) -> nbformat.NotebookNode:
    """The row as a notebook; a last cell prints what the names then hold."""
    cells = [
        nbformat.v4.new_code_cell(cell.source, id=f"cell-{i}", metadata={"tags": list(cell.tags)})
        for i, cell in enumerate(row.cells)
    ]
    probe = nbformat.v4.new_code_cell(PROBE, id="probe", metadata={"tags": []})
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=[*cells, probe], metadata={"kernelspec": kernel})


def ask(row: Row, folder: Path) -> Seen:
    """What one kernel shows when it runs the row in this folder, which must be fresh."""
    folder.mkdir(parents=True)
    row.lay_out(folder)
    return asyncio.run(_ask(row, folder))


async def _ask(row: Row, folder: Path) -> Seen:
    nb = notebook(row)
    with TemporaryDirectory(prefix="k") as sockets:
        kernel = AsyncKernelManager(kernel_name="python3", transport="ipc", ip=f"{sockets}/k")
        client = NotebookClient(
            nb, km=kernel, timeout=120, shutdown_kernel="immediate",
            resources={"metadata": {"path": str(folder)}},
        )  # fmt: skip
        try:
            await client.async_execute(env={**os.environ, "PYTHONHASHSEED": "0"})
        except CellExecutionError:
            pass  # the row fails, and so must ours: its outputs say where
        finally:
            if client.kc is not None:
                client.kc.stop_channels()
            await kernel.shutdown_kernel(now=True)
    return seen(nb, folder)


def seen(nb: nbformat.NotebookNode, folder: Path) -> Seen:
    """What an executed notebook and the folder it ran in show, in comparable form."""
    *cells, probe = [cell for cell in nb.cells if cell.cell_type == "code"]
    printed = "".join(
        output.get("text") or "\n".join(output["traceback"]) for output in probe.outputs
    )
    return Seen(
        cells=[
            {
                "execution_count": cell.execution_count,
                "outputs": _outputs(cell.outputs, folder),
            }
            for cell in cells
        ],
        variables=_plain(printed, folder).splitlines(),
        files=files(folder),
    )


def _outputs(outputs: list[Any], folder: Path) -> list[dict[str, Any]]:
    """Outputs without what differs from run to run; neighbouring pieces of a stream joined."""
    told: list[dict[str, Any]] = []
    streams: dict[str, dict[str, Any]] = {}
    for output in json.loads(json.dumps(outputs)):
        match output["output_type"]:
            case "stream" if output["name"] in streams:
                streams[output["name"]]["text"] += output["text"]
                continue
            case "stream":
                streams[output["name"]] = output
            case "error":
                streams = {}
                output["traceback"] = "\n".join(output["traceback"])
            case _:
                streams = {}
                output.pop("transient", None)
                for mime, data in output["data"].items():
                    if mime.startswith("image/") and mime != "image/svg+xml":
                        output["data"][mime] = hashlib.sha1(str(data).strip().encode()).hexdigest()
        told.append(output)
    return [{k: _plain(v, folder) for k, v in output.items()} for output in told]


def _plain(x: Any, folder: Path) -> Any:
    if isinstance(x, dict):
        return {k: _plain(v, folder) for k, v in x.items()}
    if isinstance(x, list):
        return [_plain(v, folder) for v in x]
    if not isinstance(x, str):
        return x
    text = re.sub(r"\x1b\[[0-9;]*m", "", x).replace(str(folder), "FOLDER")
    text = re.sub(r"ipykernel_\d+/\d+\.py", "ipykernel/cell.py", text)
    text = re.sub(r"\S*/runpy\.py", "runpy.py", text)
    text = re.sub(r'id="[\w-]*?[0-9a-f]{8}[\w-]*"|sk-container-id-\d+', "id", text)
    return re.sub(r"0x[0-9a-f]{6,}", "0x…", text)


def files(folder: Path) -> dict[str, str]:
    """What lies in the folder now; of files that are no text, only that they do."""
    told = {}
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        ours = {".mlops", "__pycache__", ".ipynb_checkpoints", "row.ipynb", "mlops.toml"}
        if ours & set(inside.parts) or not path.is_file():
            continue
        try:
            told[str(inside)] = _plain(path.read_text(), folder)
        except UnicodeDecodeError:
            told[str(inside)] = "no text"
    return told


def remembered(row: Row, folder: Path, store: Path) -> Seen:
    """The oracle's answer, from the store where it was asked before in this environment."""
    path = store / f"{_key(row)}.json"
    if path.exists():
        return Seen(**json.loads(path.read_text()))
    answer = ask(row, folder)
    draft = path.with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(asdict(answer)))
    draft.replace(path)
    return answer


def _key(row: Row) -> str:
    sources = [(HERE / name).read_text() for name in ("fingerprint.py", "oracle.py")]
    versions = [metadata.version(name) for name in VERSIONS]
    parts = repr((asdict(row), sources, versions, sys.version, platform.machine()))
    return hashlib.sha1(parts.encode()).hexdigest()
