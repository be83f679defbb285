"""The description of the routes, from which the front end's types are made."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from mlops_lab.server.extension import ROUTES
from mlops_lab.server.openapi import OPERATIONS, STREAM, description, text

from .test_security import methods

KEPT = Path(__file__).parents[2] / "labextension" / "src" / "api" / "openapi.json"
HEAVY = ("mlflow", "ray", "papermill", "pandas", "numpy", "sqlalchemy", "alembic", "dvc")


def test_the_description_in_the_repository_is_the_one_that_python_gives() -> None:
    """Else: python -m mlops_lab.server.openapi > labextension/src/api/openapi.json."""
    assert KEPT.read_text(encoding="utf-8") == text()


def test_every_route_is_described_and_nothing_else() -> None:
    described = {(one.method.upper(), one.path.count("{"), one.path[:5]) for one in OPERATIONS}
    offered = {
        (method, pattern.count("("), pattern.removeprefix("/mlops-lab")[:5])
        for pattern, handler in ROUTES
        for method in methods(handler)
    }
    extra = {("GET", 0, STREAM[:5]), ("GET", 0, "/open")}
    assert described | extra == offered
    assert len(OPERATIONS) + 2 == sum(len(methods(handler)) for _, handler in ROUTES)


async def test_a_server_describes_itself_under_its_own_address(ask: Any, project: Path) -> None:
    status, told = await ask("GET", "openapi.json")
    assert (status, told) == (200, description("/user/a%20b/"))
    assert told["servers"] == [{"url": "/user/a%20b/mlops-lab"}]


def test_what_is_sent_is_always_there() -> None:
    schemas = description()["components"]["schemas"]
    head = schemas["RunHead"]
    assert set(head["required"]) == set(head["properties"])
    assert schemas["RunRequest"]["required"] == ["path"]


def test_the_extension_loads_no_heavy_library() -> None:
    code = (
        "import sys, mlops_lab.server.extension;"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
