"""MLflow's pages come through the Jupyter Server, and by no other way."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path
from typing import Any

import psutil
import pytest
from simpervisor import SupervisedProcess

from mlops_lab.backends.cluster import ClusterStatus, credentials
from mlops_lab.server import dashboard, proxies


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    return {"ServerApp": {"jpserver_extensions": {"jupyter_server_proxy": True}}}


def family() -> list[psutil.Process]:
    """What listens or works for MLflow below this process."""
    return [p for p in psutil.Process().children(recursive=True) if "mlflow" in str(p.cmdline())]


def supervised() -> list[Any]:
    """What jupyter-server-proxy has started, of this test and of those before it."""
    return [o for o in gc.get_objects() if isinstance(o, SupervisedProcess)]


async def test_mlflow_answers_who_has_the_token_and_nobody_else(
    jp_fetch: Any, project: Path, http_server_client: Any, jp_base_url: str
) -> None:
    refused = await http_server_client.fetch(
        f"{jp_base_url}mlflow/", raise_error=False, follow_redirects=False
    )
    assert refused.code in {302, 403}
    assert family() == []  # nobody has started it by asking

    page = await jp_fetch("mlflow/", request_timeout=150)
    assert page.code == 200
    assert b"MLflow" in page.body
    found = await jp_fetch(
        "mlflow", "api", "2.0", "mlflow", "experiments", "search",
        method="POST",
        body='{"max_results": 5}',
        headers={"Content-Type": "application/json", "Origin": "https://hub.example.org"},
        request_timeout=60,
    )  # fmt: skip
    assert b"Default" in found.body
    assert (project / ".mlops" / "mlflow.db").is_file()

    kin = family()
    assert kin
    assert [c for p in kin for c in p.net_connections("tcp") if c.status == "LISTEN"] == []
    (place,) = {  # of the folder only the owner can enter
        Path(c.laddr)
        for p in kin
        for c in p.net_connections("unix")
        if str(c.laddr)[-7:] == "/socket"
    }
    assert place.parent.stat().st_mode & 0o777 == 0o700
    assert not any(".mlops" in word for p in kin for word in p.cmdline())

    refused = await http_server_client.fetch(
        f"{jp_base_url}mlflow/", raise_error=False, follow_redirects=False
    )
    assert refused.code in {302, 403}
    (started,) = [o for o in supervised() if o.running]
    await started.terminate()  # as the server does when it stops
    assert psutil.wait_procs(kin, timeout=20)[1] == []


@pytest.fixture
def tracked_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are tracked on a server, to which a password leads."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://me:secret@tracking.example:5000/{lab}&co")


@pytest.fixture
def jp_server_elsewhere(tracked_elsewhere: None, jp_serverapp: Any) -> Any:
    return jp_serverapp


async def test_where_a_server_tracks_the_tab_leads_to_its_pages(
    jp_server_elsewhere: Any, jp_fetch: Any
) -> None:
    page = await jp_fetch("mlflow/", request_timeout=60)
    body = page.body.decode()
    address = "http://tracking.example:5000/{lab}&amp;co/"
    assert f'<a href="{address}" target="_blank" rel="noopener noreferrer">{address}</a>' in body
    assert "secret" not in body
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    (started,) = [o for o in supervised() if o.running]
    await started.terminate()


async def read(connection: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> bytes:
    reader, writer = connection
    writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    return answer


@pytest.mark.parametrize("there", [True, False])
async def test_the_dashboards_socket_leads_to_the_warm_ray(
    there: bool, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\nthe dashboard" + b"!" * 10**6)
        await writer.drain()
        writer.close()

    far = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = far.sockets[0].getsockname()[1] if there else 1
    known = ClusterStatus(running=True, dashboard=f"http://127.0.0.1:{port}")
    monkeypatch.setattr(dashboard.cluster, "status", lambda: known)
    socket = tmp_path_factory.mktemp("s") / "socket"
    serving = asyncio.ensure_future(dashboard.serve(str(socket)))
    async with asyncio.timeout(10):
        while not socket.exists():
            await asyncio.sleep(0.01)
        said = await read(await asyncio.open_unix_connection(str(socket)))
    assert said.startswith(b"HTTP/1.1 200" if there else b"HTTP/1.1 503")
    assert said.endswith(b"!" * 10**6) == there
    far.close()
    serving.cancel()
    await asyncio.wait({serving})


def test_rays_token_goes_with_each_request_and_is_its_owners_alone() -> None:
    (override,) = [proxies.ray_dashboard()["request_headers_override"]]
    token = Path(credentials()["RAY_AUTH_TOKEN_PATH"])
    assert override()["Authorization"] == f"Bearer {token.read_text()}"
    assert token.stat().st_mode & 0o777 == 0o600
    assert token.read_text() not in str(proxies.ray_dashboard()["command"])
