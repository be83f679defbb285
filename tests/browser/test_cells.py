"""What stands at the cells of a notebook, and how it is edited there."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from .conftest import opened, run_command, write
from .lab import Lab

STORY = [
    ("step:load", "rows = [1, 2]"),
    ("", "more = rows * 2"),
    ("block:train prev:load limit:cpu:1 mine", "model = sum(more)"),
    ("skip", "extra = 1"),
    ("step:show", "print(model, extra)"),
]
TAGS = """() => window.jupyterapp.shell.currentWidget.content.widgets
    .map(cell => (cell.model.getMetadata('tags') ?? []).join(' '))"""


def shown(page: Page, lab: Lab, folder: Path, story: list[tuple[str, str]]) -> Page:
    opened(page, lab, write(folder, story))
    page.wait_for_selector(".jp-MlopsChip")
    return page


def test_a_step_is_renamed_from_the_keyboard_and_one_undo_takes_it_back(
    page: Page, lab: Lab, folder: Path
) -> None:
    shown(page, lab, folder, STORY)
    before = page.evaluate(TAGS)
    page.locator(".jp-MlopsChip", has_text="load").click()
    page.keyboard.press("t")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    page.keyboard.type("fetch")
    page.keyboard.press("Enter")
    expect(page.locator(".jp-MlopsChip", has_text="fetch")).to_be_visible()
    assert page.evaluate(TAGS) == [
        "step:fetch", "", "block:train prev:fetch limit:cpu:1 mine", "skip", "step:show"
    ]  # fmt: skip
    page.keyboard.press("z")
    expect(page.locator(".jp-MlopsChip", has_text="load")).to_be_visible()
    assert page.evaluate(TAGS) == before


def test_escape_leaves_all_as_it_is_and_goes_back_to_the_cell(
    page: Page, lab: Lab, folder: Path
) -> None:
    shown(page, lab, folder, STORY)
    before = page.evaluate(TAGS)
    page.locator(".jp-MlopsChip", has_text="train").dblclick()
    page.keyboard.type("other")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".jp-Cell.jp-mod-active")).to_be_focused()
    assert page.evaluate(TAGS) == before


def test_suggested_steps_are_looked_at_changed_and_taken_with_one_undo(
    page: Page, lab: Lab, folder: Path
) -> None:
    story = [("", "import json"), ("", "n = 3"), ("", "rows = read_csv(n)"), ("", "rows[:2]"),
             ("", "model = other.fit(rows)")]  # fmt: skip
    opened(page, lab, write(folder, story))
    expect(page.locator(".jp-CodeCell")).to_have_count(5)
    run_command(page, "mlops:suggest-steps")
    proposed = page.locator(".jp-MlopsChip.jp-mod-proposed")
    expect(proposed).to_have_count(4)
    assert page.evaluate(TAGS) == [""] * 5
    proposed.nth(2).get_by_label("Name").fill("fetch")
    proposed.nth(3).get_by_role("button").click()
    page.get_by_role("button", name="Accept").click()
    expect(proposed).to_have_count(0)
    assert page.evaluate(TAGS) == ["imports", "parameters", "step:fetch", "", ""]
    page.locator(".jp-MlopsChip", has_text="fetch").click()
    page.keyboard.press("z")
    expect(page.locator(".jp-MlopsChip")).to_have_count(0)
    assert page.evaluate(TAGS) == [""] * 5
