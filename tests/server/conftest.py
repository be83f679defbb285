"""A Jupyter Server with the extension, below a prefix as JupyterHub makes them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from mlops_lab.backends.records.sql import SqlRecords

from .client import Client
from .story import book

# As a plugin its fixtures would reach every test there is, and one of them closes event loops.
from pytest_jupyter.jupyter_server import *  # noqa: F403 isort: skip

QUICK = {
    "load": "rows = list(range(3))\nprint('loaded')",
    "sum": "total = sum(rows)\nprint(total)",
}


@pytest.fixture
def jp_base_url() -> str:
    return "/user/a%20b/"


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    return {
        "ServerApp": {
            "jpserver_extensions": {"mlops_lab": True},
        }
    }


@pytest.fixture
def project(jp_root_dir: Path) -> Path:
    """A project in the server's root, with the notebook `cars/train.ipynb`; nothing has run."""
    (jp_root_dir / "mlops.toml").write_text('tracking = "off"\nwarm_for = "off"\n')
    book(jp_root_dir / "cars" / "train.ipynb", QUICK, "rate = 0.1  # how fast")
    return jp_root_dir


@pytest.fixture
def records(project: Path) -> Iterator[SqlRecords]:
    """The project's records, as a driver has them open."""
    records = SqlRecords.open(project / ".mlops" / "records.db")
    yield records
    records.close()


@pytest.fixture
def ask(jp_fetch: Any) -> Any:
    """Ask a route: `await ask("GET", "runs", path="")`; the status, and the answer's JSON."""

    async def ask(method: str, *parts: str, body: Any = None, **query: Any) -> tuple[int, Any]:
        words: dict[str, Any] = {"method": method, "params": query}
        if method == "POST":
            words["body"] = json.dumps(body) if body is not None else ""
            words["headers"] = {"Content-Type": "application/json"}
        answer = await jp_fetch("mlops-lab", *parts, request_timeout=60, raise_error=False, **words)
        return answer.code, json.loads(answer.body) if answer.body else None

    return ask


@pytest.fixture
def stream(jp_ws_fetch: Any) -> Any:
    @asynccontextmanager
    async def stream(seen: dict[str, int] | None = None, path: str = "") -> AsyncIterator[Client]:
        socket = await jp_ws_fetch("mlops-lab", "events", params={"path": path})
        client = Client(socket)
        await client.say(kind="follow", seen=seen or {})
        yield client
        socket.close()
        while await socket.read_message() is not None:
            pass

    return stream
