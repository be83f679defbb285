"""A real kernel beside a notebook, used as cells and the Tab key use it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

CELLS = {
    "load": "x = [1, 2]",
    "train": "y = sum(x)",
}


@dataclass
class Said:
    """What a cell made the kernel say."""

    out: str = ""
    err: str = ""
    data: list[dict[str, str]] = field(default_factory=list)
    error: str = ""
    count: int = 0


class Kernel:
    def __init__(self, client: BlockingKernelClient, notebook: Path) -> None:
        self.client = client
        self.notebook = notebook

    def run(self, source: str) -> Said:
        said = Said()

        def listen(message: dict[str, Any]) -> None:
            content = message["content"]
            match message["msg_type"]:
                case "stream":
                    name = "out" if content["name"] == "stdout" else "err"
                    setattr(said, name, getattr(said, name) + content["text"])
                case "execute_result" | "display_data":
                    said.data.append(content["data"])
                case "error":
                    said.error = "\n".join(content["traceback"])

        reply = self.client.execute_interactive(source, output_hook=listen, timeout=60)
        said.count = reply["content"]["execution_count"]
        return said

    def tab(self, line: str) -> list[str]:
        matches: list[str] = self.client.complete(line, reply=True, timeout=60)["content"][
            "matches"
        ]
        return matches


def kernel_in(folder: Path, **environment: str) -> Iterator[Kernel]:
    notebook = folder / "churn.ipynb"
    cells = [
        nbformat.v4.new_code_cell(source, metadata={"tags": [f"step:{name}"]})
        for name, source in CELLS.items()
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), notebook)
    manager = KernelManager(transport="ipc", ip=str(folder / "k"))
    manager.start_kernel(cwd=str(folder), env={**os.environ, **environment})
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        kernel = Kernel(client, notebook)
        assert kernel.run("%load_ext mlops_lab") == Said(count=1)
        yield kernel
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()
