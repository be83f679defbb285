"""A run that a server tracks is looked at there, in a browser tab of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from mlops_lab.backends.records.sql import SqlRecords
from mlops_lab.records.events import Tracked
from tests.server import story

from .conftest import run_command, write
from .lab import Lab
from .screen import Screen

ONE = "20261121-100000-aaaa"


class Pages(BaseHTTPRequestHandler):
    """What stands for a tracking server's pages: they say who has sent for them."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(f"from {self.headers.get('Referer')}".encode())

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def tracking() -> Iterator[str]:
    """A tracking server, as host and port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    serving.join()
    server.server_close()


def test_its_page_opens_in_a_browser_tab_and_no_password_is_shown(
    page: Page, lab: Lab, folder: Path, tracking: str
) -> None:
    path = write(folder, [("step:load", "x = 1")])
    records = SqlRecords.open(folder / ".mlops" / "records.db")
    records.append(ONE, [*story.whole(ONE), Tracked(at=1010.0, mlflow_run_id="abc")])
    records.close()
    kept = folder / ".mlops" / "runs" / ONE
    kept.mkdir(parents=True)
    (kept / "mlflow_uri").write_text(f"http://me:hunter7@{tracking}/sub")
    screen = Screen.of(page, lab, path)
    run_command(page, "mlops:open-run", {"path": path, "run_id": ONE})
    with page.expect_popup() as opened:
        screen.main.get_by_role("button", name="MLflow").click()
    there = opened.value
    expect(there.get_by_text("from None")).to_be_visible()
    assert there.url == f"http://{tracking}/sub/#/runs/abc"
    assert there.evaluate("window.opener") is None
    assert "hunter7" not in page.content()
