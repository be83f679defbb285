"""Where kernelspecs lie, found without importing jupyter_client or IPython: 0.2 s."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path


def folders() -> list[str]:
    """The folders that kernelspecs are looked for in, the first one first, as Jupyter has them."""
    from jupyter_core.paths import jupyter_path

    ipython = Path(os.environ.get("IPYTHONDIR") or "~/.ipython").expanduser()
    return [*jupyter_path("kernels"), str(ipython / "kernels")]


def command_of(kernel: str) -> list[str]:
    """How a kernel is started; empty where there is none of that name."""
    for folder in map(Path, folders()):
        for own in folder.iterdir() if folder.is_dir() else ():
            path = own / "kernel.json"
            if own.name.lower() == kernel.lower() and path.is_file():
                command: list[str] = json.loads(path.read_text("utf-8"))["argv"]
                return command
    return [sys.executable] if kernel == "python3" else []
