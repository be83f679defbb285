"""What the server refuses, or can't do just now, is said where she looks, with a second try."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from .conftest import run_command, write
from .lab import Lab
from .screen import Screen

BUSY = {"kind": "BackendError", "message": "the records are busy; wait a moment", "notes": []}


def refuse(page: Page, address: str) -> None:
    """From here on the server answers there that it is busy."""

    def answer(route: Route) -> None:
        route.fulfill(status=503, content_type="application/json", body=json.dumps(BUSY))

    page.route(address, answer)


def tried_again(page: Page, place: Locator, address: str) -> None:
    """It is said there, and no longer once it was tried again."""
    message = place.get_by_text(BUSY["message"])
    expect(message).to_be_visible()
    page.unroute(address)
    place.get_by_role("button", name="Try again").click()
    expect(message).to_be_hidden()


@pytest.fixture
def screen(page: Page, lab: Lab, folder: Path) -> Screen:
    return Screen.of(page, lab, write(folder, [("step:load", "x = 1")]))


def test_a_plan(page: Page, screen: Screen) -> None:
    refuse(page, "**/mlops-lab/pipeline/explain*")
    run_command(page, "mlops:explain-pipeline")
    plan = screen.main.locator(".jp-MlopsPage")
    expect(screen.panel.get_by_text(BUSY["message"])).to_be_visible()
    tried_again(page, plan, "**/mlops-lab/pipeline/explain*")
    expect(plan.get_by_role("heading", name="1 step will run")).to_be_visible()
    expect(screen.panel.get_by_text(BUSY["message"])).to_be_hidden()


def test_a_start(page: Page, screen: Screen) -> None:
    refuse(page, "**/mlops-lab/runs*")
    screen.button("Run").click()
    tried_again(page, screen.panel, "**/mlops-lab/runs*")
    screen.over("1 step done")


def test_the_list_of_runs(page: Page, screen: Screen) -> None:
    refuse(page, "**/mlops-lab/runs?*")
    run_command(page, "mlops:show-runs")
    tried_again(page, screen.runs, "**/mlops-lab/runs?*")
    expect(screen.runs.get_by_text("No runs yet")).to_be_visible()


def test_a_run_and_a_comparison(page: Page, screen: Screen, folder: Path) -> None:
    screen.button("Run").click()
    screen.over("1 step done")
    first = next((folder / ".mlops" / "runs").iterdir()).name
    screen.button("Run").click()
    screen.says("load", "cached")
    shown = screen.main.locator(".jp-MlopsPage:visible")
    one, two = f"**/mlops-lab/runs/{first}?*", f"**/mlops-lab/runs/{first}/diff/*"
    named = {"path": f"{folder.name}/nb.ipynb", "run_id": first}
    refuse(page, one)
    run_command(page, "mlops:open-run", named)
    tried_again(page, shown, one)
    refuse(page, two)
    run_command(page, "mlops:open-comparison", named | {"a": first, "b": first})
    tried_again(page, shown, two)
    expect(shown.get_by_role("heading", name="nb")).to_be_visible()
