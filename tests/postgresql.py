"""A PostgreSQL server of our own on a Unix socket, where this machine has one to start."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from mlops_lab.backends.records.engine import connect


class Postgresql:
    """The server; `url` leads to a database of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._data = str(folder / "data")
        self._user: dict[str, str] = {}
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
            self._user = {"user": "postgres"}
        self._call("initdb", "-D", self._data, "-U", "postgres", "-A", "trust", "--no-sync")
        self.start()
        self.url = f"postgresql://postgres@/postgres?host={folder}"

    def start(self) -> None:
        """Let it run."""
        options = f"-c listen_addresses='' -c unix_socket_directories={self._folder} -c fsync=off"
        self._call("pg_ctl", "-D", self._data, "-w", "-o", options, "start")

    def stop(self) -> None:
        """End it at once, and with it all connections."""
        self._call("pg_ctl", "-D", self._data, "-m", "immediate", "stop")

    def clear(self) -> None:
        """Forget what it holds."""
        engine, _ = connect(self.url)
        with engine.begin() as connection:
            connection.execute(sa.text("DROP SCHEMA public CASCADE"))
            connection.execute(sa.text("CREATE SCHEMA public"))
        engine.dispose()

    def _call(self, *words: str) -> None:
        quiet = subprocess.DEVNULL
        subprocess.run(
            words, check=True, cwd=self._folder, stdout=quiet, stderr=quiet, **self._user
        )


@contextmanager
def served() -> Iterator[Postgresql]:
    """The server, for as long as it is needed."""
    if shutil.which("initdb") is None or shutil.which("pg_ctl") is None:
        pytest.skip("PostgreSQL is not installed")
    pytest.importorskip("psycopg")
    folder = Path(tempfile.mkdtemp(prefix="mlops-pg-", dir="/tmp"))
    server = Postgresql(folder)
    yield server
    server.stop()
    shutil.rmtree(folder)
