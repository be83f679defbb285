"""The same in Notebook 7, in the places that it has."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from .conftest import kernel_ready, write
from .lab import Lab
from .screen import Screen

OURS = "mlops-lab"


def test_a_notebook_is_tagged_and_run_in_notebook_7(page: Page, lab: Lab, folder: Path) -> None:
    faults: list[str] = []

    def note(told: str) -> None:
        if OURS in told:  # Notebook 7 has faults of its own
            faults.append(told)

    page.on(
        "console",
        lambda one: note(f"{one.text} {one.location['url']}") if one.type == "error" else None,
    )
    page.on("pageerror", lambda error: note(f"{error.message} {error.stack}"))
    path = write(folder, [("step:load", "x = 1"), ("", "x += 1"), ("step:report", "print(x)")])
    page.goto(lab.notebook(path))
    kernel_ready(page)
    screen = Screen(page=page)
    expect(screen.chip("load")).to_be_visible()
    expect(screen.chip("report")).to_be_visible()
    screen.choose(1)
    page.keyboard.press("ControlOrMeta+Alt+p")
    expect(screen.panel).to_be_visible()
    expect(screen.row("report")).to_be_visible()
    page.get_by_role("menubar").get_by_role("menuitem", name="Pipeline", exact=True).click()
    expect(page.get_by_role("menuitem", name=re.compile("^Suggest Steps"))).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Run as pipeline", exact=True).click()
    screen.over(re.compile(r"^2 steps done in "))
    screen.says("load", r"\d s")
    screen.turns(2, "done")
    screen.chip("report").dblclick()
    expect(screen.editor.get_by_label("Name")).to_have_value("report")
    page.keyboard.press("Escape")
    assert faults == []
