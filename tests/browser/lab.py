"""A real JupyterLab over a folder, as a process of its own."""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

BASE = "/user/a%20b/"
"""As JupyterHub makes it for a user 'a b'."""
ADDRESS = re.compile(r"//127\.0\.0\.1:(\d+)/")
NEWS = "@jupyterlab/apputils-extension:announcements"
SWITCH = "@jupyter-notebook/lab-extension:interface-switcher"
"""A button that Notebook 7 puts into JupyterLab's toolbars, where it is installed."""


@dataclass(slots=True, kw_only=True)
class Lab:
    """JupyterLab at work. `root` is its folder, `home` where its own settings are kept."""

    root: Path
    home: Path
    port: int = 0
    token: str = ""
    process: subprocess.Popen[str] | None = None
    _ear: threading.Thread = field(default_factory=threading.Thread)

    @property
    def url(self) -> str:
        """Where it is, with a slash at the end."""
        return f"http://127.0.0.1:{self.port}{BASE}"

    def page(self, path: str = "") -> str:
        """The address that opens a notebook in a fresh workspace."""
        place = f"tree/{quote(path)}" if path else ""
        return f"{self.url}lab/workspaces/{secrets.token_hex(4)}/{place}?token={self.token}"

    def notebook(self, path: str) -> str:
        """The address of a notebook in Notebook 7, which the same server shows."""
        return f"{self.url}notebooks/{quote(path)}?token={self.token}"

    def start(self) -> None:
        """Let it start, on the port that it had before; returns when it answers."""
        self.token = self.token or secrets.token_hex(16)
        _write_settings(self.home)
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
                f"--ServerApp.root_dir={self.root}",
                f"--ServerApp.base_url={BASE}",
                f"--ServerApp.port={self.port}",
                "--ServerApp.port_retries=0",
                "--LabApp.expose_app_in_browser=True",
                "--JupyterNotebookApp.expose_app_in_browser=True",
                f"--IdentityProvider.token={self.token}",
            ],
            cwd=self.root,
            env=_environment(self.home),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        ready = threading.Event()
        self._ear = threading.Thread(target=self._listen, args=(self.process, ready), daemon=True)
        self._ear.start()
        assert ready.wait(90), f"JupyterLab did not start; see {self.log}"
        # It says so some milliseconds before it lets anybody in, and nothing tells when it does.
        while not _lets_in(self.port):
            time.sleep(0.02)

    def stop(self) -> None:
        """End it, and wait until it is gone."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=30)
            self.process = None
            self._ear.join()

    @property
    def log(self) -> Path:
        """What it says."""
        return self.home / "lab.log"

    def _listen(self, process: subprocess.Popen[str], ready: threading.Event) -> None:
        assert process.stderr is not None
        with process.stderr, self.log.open("a") as log:
            for line in process.stderr:
                log.write(line)
                log.flush()
                if found := ADDRESS.search(line):
                    self.port = int(found[1])
                    ready.set()


def _lets_in(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _environment(home: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER_", "MLOPS_", "JPY_"))}
    return kept | {
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
    }


def _write_settings(home: Path) -> None:
    config = home / "config" / "labconfig"
    config.mkdir(parents=True, exist_ok=True)
    (config / "page_config.json").write_text(
        json.dumps({"disabledExtensions": {NEWS: True, SWITCH: True}})
    )
