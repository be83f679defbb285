"""Cells become steps, by mouse and by keyboard."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import Page, expect

from .conftest import write
from .lab import Lab
from .screen import Screen

PLAIN = [("", "x = 1"), ("", "y = x + 1"), ("", "print(y)")]


def test_a_cell_becomes_a_step_without_the_mouse_and_undo_takes_it_back(
    page: Page, lab: Lab, folder: Path
) -> None:
    screen = Screen.of(page, lab, write(folder, PLAIN))
    keys = page.keyboard
    screen.choose(1)
    keys.press("t")
    expect(screen.editor.get_by_label("Name")).to_be_focused()
    keys.type("load")
    keys.press("Enter")
    expect(screen.editor).to_be_hidden()
    expect(screen.chip("load")).to_be_visible()
    expect(screen.row("load")).to_be_visible()
    assert screen.tags(1) == ["step:load"]
    keys.press("z")
    expect(screen.chip("load")).to_be_hidden()
    assert screen.tags(1) == []
    keys.press("t")
    expect(screen.editor.get_by_label("Name")).to_be_focused()
    keys.press("Escape")
    expect(screen.editor).to_be_hidden()
    expect(page.locator(".jp-Notebook.jp-mod-commandMode")).to_be_visible()


def test_a_cell_becomes_a_step_by_the_mouse_and_its_tags_are_what_the_file_says(
    page: Page, lab: Lab, folder: Path
) -> None:
    cells = [("step:load", "x = 1"), *PLAIN[1:]]
    screen = Screen.of(page, lab, write(folder, cells))
    screen.choose(3)
    screen.cell(3).get_by_role("button", name="Make the selected cells a step").click()
    form = screen.editor
    form.get_by_label("Name").fill("report")
    form.get_by_label("After").fill("load")
    form.get_by_label("After").press(",")
    form.get_by_label("CPU cores").fill("2")
    form.get_by_label("Accelerator").fill("A100")
    form.get_by_label("Retries").fill("1")
    form.get_by_label("Timeout").fill("10")
    form.get_by_label("Data").fill("raw/a.csv, b.csv")
    form.get_by_label("Only when all above has finished").check()
    form.get_by_role("combobox", name="Cache").select_option("Off")
    form.get_by_role("button", name="Apply").click()
    expect(screen.chip("report")).to_be_visible()
    page.keyboard.press("ControlOrMeta+s")
    expect(page.locator(".jp-mod-dirty")).to_have_count(0)
    saved = json.loads((folder / "nb.ipynb").read_text())["cells"][2]["metadata"]["tags"]
    wanted = {"step:report", "after:load", "cpus:2", "retries:1", "timeout:10m", "cache:off"}
    wanted |= {"accelerator:A100", "serial", "data:raw/a.csv", "data:b.csv"}
    assert {tag.replace("prev:", "after:") for tag in saved} == wanted
    screen.chip("report").dblclick()
    expect(form.get_by_label("Timeout")).to_have_value("10")
    form.get_by_role("button", name="Remove step").click()
    expect(screen.chip("report")).to_be_hidden()
    assert screen.tags(3) == []


def test_selected_cells_are_tagged_at_once(page: Page, lab: Lab, folder: Path) -> None:
    cells = [("step:a", "x = 1"), ("step:b", "y = x"), ("step:c", "print(y)")]
    screen = Screen.of(page, lab, write(folder, cells))
    screen.choose(1)
    page.keyboard.press("Shift+j")
    page.keyboard.press("t")
    expect(screen.editor.get_by_text("2 cells")).to_be_visible()
    page.keyboard.type("prepare")
    page.keyboard.press("Enter")
    expect(screen.row("prepare")).to_be_visible()
    expect(screen.row("b")).to_be_hidden()
    expect(screen.row("c")).to_be_visible()
    assert screen.tags(2) in ([], ["step:prepare"])


def test_a_step_line_is_shown_as_what_it_is_and_edited_where_it_stands(
    page: Page, lab: Lab, folder: Path
) -> None:
    line = "%%mlops step train --after load\ny = x"
    screen = Screen.of(page, lab, write(folder, [("step:load", "x = 1"), ("", line)]))
    expect(screen.chip("train")).to_be_visible()
    screen.chip("train").dblclick()
    expect(screen.editor.get_by_text("Written in the cell’s first line")).to_be_visible()
    screen.editor.get_by_label("GPUs").fill("1")
    screen.editor.get_by_label("GPUs").press("Enter")
    first = screen.cell(2).locator(".cm-line").first
    expect(first).to_have_text("%%mlops step train --after load --gpus 1")
    assert screen.tags(2) == []


def test_a_problem_stands_at_its_cell_and_a_button_mends_it(
    page: Page, lab: Lab, folder: Path
) -> None:
    cells = [("step:load", "x = 1"), ("step:train after:lod", "y = x")]
    screen = Screen.of(page, lab, write(folder, cells))
    strip = screen.cell(2).get_by_role("note")
    expect(strip).to_contain_text("lod")
    strip.get_by_role("button").first.click()
    expect(strip).to_be_hidden()
    assert screen.tags(2) == ["step:train", "after:load"]


def test_steps_are_suggested_for_a_notebook_without_any(page: Page, lab: Lab, folder: Path) -> None:
    screen = Screen.of(page, lab, write(folder, PLAIN))
    screen.choose(1)
    page.evaluate("window.jupyterapp.commands.execute('mlops:suggest-steps').then(() => null)")
    bar = page.get_by_role("region", name="Suggested steps")
    bar.get_by_role("button", name="Accept").click()
    expect(bar).to_be_hidden()
    page.wait_for_function(
        "window.jupyterapp.shell.currentWidget.content.widgets.some(cell =>"
        " (cell.model.sharedModel.getMetadata().tags ?? []).some(tag => tag.startsWith('step:')))"
    )
