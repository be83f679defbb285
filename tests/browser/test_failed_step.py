"""At the step that failed: its variables in a console, its inputs in the notebook's kernel."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from .conftest import run_command, write
from .lab import Lab
from .screen import Screen

CELLS = [
    ("step:load", "x = [1, 2]"),
    ("step:train", "y = len(x)\nz = y / 0"),
    ("step:report", "print(z)"),
]


def failed(page: Page, lab: Lab, folder: Path, *, kept: bool) -> Screen:
    """A notebook whose run has failed in train."""
    screen = Screen.of(page, lab, write(folder, CELLS))
    if kept:
        screen.panel.get_by_role("button", name=re.compile("^Options")).click()
        box = screen.panel.get_by_role("checkbox", name="Failed step")
        box.click()
        expect(box).to_be_checked()
    screen.button("Run").click()
    screen.over(re.compile("^Failed in train"))
    screen.says("train", "failed")
    return screen


def connections(folder: Path) -> list[Path]:
    """Where kept kernels can be reached."""
    return list((folder / ".mlops" / "runs").glob("*/kernel.json"))


def console(page: Page) -> Locator:
    return page.locator(".jp-ConsolePanel").filter(visible=True)


def ask(page: Page, code: str) -> None:
    """Run code in the console that is open, once its kernel answers."""
    expect(console(page)).to_be_visible()
    page.evaluate(
        """async () => {
            const context = window.jupyterapp.shell.currentWidget.sessionContext;
            await context.ready;
            await context.session.kernel.info;
        }"""
    )
    prompt = console(page).locator(".jp-CodeConsole-promptCell .cm-content")
    prompt.click()
    page.keyboard.insert_text(code)
    page.keyboard.press("Shift+Enter")


def menu(page: Page, row: Locator, name: str) -> Locator:
    """An item in the menu of something."""
    row.click(button="right")
    return page.get_by_role("menuitem", name=name)


def test_a_console_on_the_failed_step_has_its_variables_and_ends_with_its_panel(
    page: Page, lab: Lab, folder: Path
) -> None:
    screen = failed(page, lab, folder, kept=True)
    screen.panel.get_by_role("button", name=re.compile("^run of")).click()
    button = screen.main.get_by_role("button", name="Open console here")
    button.click()
    tab = page.get_by_role("tab", name="nb (failed)")
    expect(tab).to_be_visible()
    ask(page, "print(x, y)")
    expect(console(page).get_by_text("[1, 2] 2", exact=True)).to_be_visible()
    assert len(connections(folder)) == 1
    tab.locator(".jp-icon-hover, .lm-TabBar-tabCloseIcon").last.click()
    expect(page.get_by_text(re.compile("kernel is gone; it would have stayed"))).to_be_visible()
    assert connections(folder) == []
    expect(button).to_be_hidden()
    page.get_by_role("tab", name="nb.ipynb").click()
    screen.write(2, "y = len(x)\nz = y / 2")
    run_command(page, "mlops:resume-run")
    screen.over(re.compile(r"^3 steps done in "))
    screen.says("load", "cached")


def test_the_console_is_there_again_after_a_reload_on_the_same_kernel(
    page: Page, lab: Lab, folder: Path
) -> None:
    screen = failed(page, lab, folder, kept=True)
    # JupyterLab saves its layout when it has been quiet for a while.
    with page.expect_response(
        lambda answer: "api/workspaces" in answer.url and "console" in str(answer.request.post_data)
    ):
        menu(page, screen.row("train"), "Open Console Here").click()
        ask(page, "seen = y; print('now', seen)")
        expect(console(page).get_by_text("now 2", exact=True)).to_be_visible()
    page.reload()
    expect(console(page)).to_be_visible()
    ask(page, "print('still', seen)")
    expect(console(page).get_by_text("still 2", exact=True)).to_be_visible()
    page.evaluate("window.jupyterapp.shell.currentWidget.close()")
    expect(page.get_by_text(re.compile("it would have stayed"))).to_be_visible()
    assert connections(folder) == []


def test_the_console_goes_on_by_itself_when_the_server_was_started_anew(
    page: Page, lab: Lab, folder: Path
) -> None:
    screen = failed(page, lab, folder, kept=True)
    menu(page, screen.row("train"), "Open Console Here").click()
    ask(page, "seen = y; print('now', seen)")
    expect(console(page).get_by_text("now 2", exact=True)).to_be_visible()
    page.add_locator_handler(
        page.get_by_role("dialog", name=re.compile("^Server Connection Error")),
        lambda dialog: dialog.get_by_role("button").last.click(),
    )
    lab.stop()
    lab.start()
    # JupyterLab looks for what runs there every ten seconds; then the console begins afresh.
    expect(console(page).get_by_text("now 2", exact=True)).to_be_hidden(timeout=60_000)
    page.wait_for_function(
        "window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'"
    )
    ask(page, "print('still', seen)")
    expect(console(page).get_by_text("still 2", exact=True)).to_be_visible()
    page.evaluate("window.jupyterapp.shell.currentWidget.close()")
    expect(page.get_by_text(re.compile("it would have stayed"))).to_be_visible()
    assert connections(folder) == []


def test_a_console_whose_kernel_she_shut_down_is_not_joined_to_it_again(
    page: Page, lab: Lab, folder: Path
) -> None:
    screen = failed(page, lab, folder, kept=True)
    menu(page, screen.row("train"), "Open Console Here").click()
    ask(page, "print('now', y)")
    expect(console(page).get_by_text("now 2", exact=True)).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    run_command(page, "kernelmenu:shutdown")
    page.wait_for_function("window.jupyterapp.shell.currentWidget.sessionContext.session === null")
    # An answer that was asked for after the end comes after what the end led to was asked.
    page.evaluate("window.jupyterapp.serviceManager.sessions.refreshRunning()")
    assert not [url for url in asked if "/console" in url]


def test_without_a_kept_kernel_it_is_said_how_to_keep_one(
    page: Page, lab: Lab, folder: Path
) -> None:
    screen = failed(page, lab, folder, kept=False)
    expect(menu(page, screen.row("load"), "Open Console Here")).to_be_hidden()
    page.keyboard.press("Escape")
    menu(page, screen.row("train"), "Open Console Here").click()
    page.get_by_role("button", name="Keep it next time").click()
    screen.panel.get_by_role("button", name=re.compile("^Options")).click()
    expect(screen.panel.get_by_role("checkbox", name="Failed step")).to_be_checked()


def test_the_inputs_of_a_step_come_into_the_open_kernel_without_a_trace(
    page: Page, lab: Lab, folder: Path
) -> None:
    screen = failed(page, lab, folder, kept=False)
    menu(page, screen.chip("train"), "Load Inputs of “train”").click()
    # The first time the kernel has a lot to import.
    expect(page.get_by_text("Loaded for “train”: x")).to_be_visible(timeout=60_000)
    screen.write(3, "print('has', x)")
    page.keyboard.press("Shift+Enter")
    expect(screen.cell(3).get_by_text("has [1, 2]", exact=True)).to_be_visible()
    expect(screen.cell(3).locator(".jp-InputPrompt")).to_have_text("[1]:")
    menu(page, screen.row("report"), "Load Inputs of “report”").click()
    expect(page.get_by_role("alert").filter(has_text="train")).not_to_have_count(0)
