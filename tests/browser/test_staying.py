"""A server that goes, a second tab, a reload: what is seen comes back."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from .conftest import run_command, write
from .lab import Lab
from .screen import AWAIT, Screen


def test_a_run_goes_on_while_the_server_restarts_and_is_found_again(
    page: Page, lab: Lab, folder: Path
) -> None:
    cells = [("step:load", "x = 1"), ("step:wait", AWAIT), ("step:report", "print(x)")]
    screen = Screen.of(page, lab, write(folder, cells))
    screen.run()
    screen.says("wait", "running")
    lab.stop()
    expect(screen.panel.get_by_text("Server not reached")).to_be_visible()
    (folder / "go").touch()
    lab.start()
    screen.over(re.compile("^3 steps done in "))
    screen.says("report", r"\d s")
    expect(screen.panel.get_by_text("Server not reached")).to_be_hidden()


def test_two_tabs_see_the_same_run(page: Page, lab: Lab, folder: Path) -> None:
    path = write(folder, [("step:load", "x = 1"), ("step:wait", AWAIT)])
    one = Screen.of(page, lab, path)
    two = Screen.of(page.context.new_page(), lab, path)
    run = one.run()
    two.says("wait", "running")
    assert two.running() == run
    (folder / "go").touch()
    for tab in (one, two):
        tab.over(re.compile("^2 steps done in "))
        tab.says("wait", r"\d s")


def test_a_reload_shows_the_panel_and_the_page_of_the_run_again(
    page: Page, lab: Lab, folder: Path
) -> None:
    screen = Screen.of(page, lab, write(folder, [("step:load", "print('here')")]))
    screen.run()
    screen.over(re.compile("^1 step done in "))
    with page.expect_response(
        lambda answer: "api/workspaces" in answer.url and "run:" in str(answer.request.post_data)
    ):
        run_command(page, "mlops:open-run")
    expect(screen.main.get_by_role("log", name="Output of load")).to_contain_text("here")
    page.reload()
    expect(screen.main.get_by_role("log", name="Output of load")).to_contain_text("here")
    expect(screen.panel).to_be_visible()
    expect(screen.row("load")).to_be_visible()


def test_a_reload_keeps_what_was_typed_into_the_form_and_where_to_run(
    page: Page, lab: Lab, folder: Path
) -> None:
    cells = [("parameters", "trees = 100"), ("step:load", "print(trees)")]
    screen = Screen.of(page, lab, write(folder, cells))
    where = screen.panel.get_by_role("combobox", name="Where to run")
    where.select_option("ray")
    with page.expect_response(
        lambda answer: (
            "api/workspaces" in answer.url and "'200'" in str(answer.request.post_data_json)
        )
    ):
        screen.panel.get_by_role("textbox", name="trees").fill("200")
    page.reload()
    expect(screen.panel.get_by_role("textbox", name="trees")).to_have_value("200")
    expect(where).to_have_value("ray")
