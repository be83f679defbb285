"""Whatever a notebook says is shown as text: nothing in it is drawn, followed or run."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from .conftest import run_command, write
from .lab import Lab
from .screen import Screen

MARK = '<b data-evil>bold</b><img src=x onerror="window.evil=1"><script>window.evil=2</script>'
LINK = '<a data-evil href="javascript:window.evil=3">click</a>'
SHORT = "<img data-evil src=x onerror=window.evil=1>"
OSC = "\\x1b]8;;javascript:window.evil=4\\x07linked\\x1b]8;;\\x07 \\x1b[31mred\\x1b[0m"
CELLS = [
    ("parameters", f"label = {MARK!r}  # help {LINK}"),
    ("step:load", f"# {MARK}{LINK}\nprint(label); print('{OSC}')"),
    ("step:train after:load", f"raise ValueError({MARK + LINK!r} + '{OSC}')"),
]
DRAWN = """() => ({
    marked: document.querySelectorAll('[data-evil]').length,
    images: document.querySelectorAll('img[src="x"]').length,
    links: document.querySelectorAll('a[href^="javascript" i]').length,
    frames: document.querySelectorAll('iframe').length,
    hit: window.evil ?? null,
})"""
NOTHING = {"marked": 0, "images": 0, "links": 0, "frames": 0, "hit": None}


def test_what_a_run_says_is_text(page: Page, lab: Lab, folder: Path) -> None:
    screen = Screen.of(page, lab, write(folder, CELLS))
    expect(screen.panel.get_by_role("textbox", name="label")).to_have_value(re.compile("data-evil"))
    expect(screen.panel.get_by_text(f"help {LINK}")).to_be_visible()
    screen.run()
    screen.over(re.compile("^Failed in train"))
    assert page.evaluate(DRAWN) == NOTHING
    run_command(page, "mlops:open-run")
    alert = screen.main.get_by_role("alert")
    expect(alert).to_contain_text("<b data-evil>bold</b>")
    log = screen.main.get_by_role("log", name="Output of train")
    expect(log).to_contain_text("<img src=x")
    screen.main.get_by_role("option", name=re.compile("^load")).click()
    printed = screen.main.get_by_role("log", name="Output of load")
    expect(printed).to_contain_text(MARK)
    expect(printed).to_contain_text("linked red")
    expect(printed.locator(".ansi-red-fg")).to_have_text("red")
    assert page.evaluate(DRAWN) == NOTHING


def test_tags_and_names_are_text(page: Page, lab: Lab, folder: Path) -> None:
    tag = '<img/src=x/onerror="window.evil=1"/data-evil>'
    cells = [
        ("step:load", "x = 1"),
        (f"step:train after:{tag} {tag}", "y = x"),
        (f"step:{tag}", "z = y"),
        ("", f"%%mlops step {tag}\nw = z"),
    ]
    screen = Screen.of(page, lab, write(folder, cells))
    expect(screen.cell(2).get_by_role("note")).to_contain_text(tag)
    expect(screen.panel.get_by_text(tag).first).to_be_visible()
    screen.cell(2).locator(".jp-InputPrompt").click()
    page.keyboard.press("t")
    expect(screen.editor).to_be_visible()
    assert page.evaluate(DRAWN) == NOTHING


def test_what_differs_between_runs_is_text(page: Page, lab: Lab, folder: Path) -> None:
    cells = [("parameters", "label = 'a'"), ("step:load", f"# {MARK}\nx = label")]
    screen = Screen.of(page, lab, write(folder, cells))
    screen.run()
    screen.over(re.compile("^1 step done"))
    screen.panel.get_by_role("textbox", name="label").fill(SHORT)
    screen.says("load", "parameter changed")
    run_command(page, "mlops:explain-pipeline")
    expect(
        screen.main.get_by_text(re.compile("data-evil")).filter(visible=True).first
    ).to_be_visible()
    assert page.evaluate(DRAWN) == NOTHING
    screen.main.get_by_role("tab", name="nb.ipynb").click()
    screen.write(2, f"x = label + {LINK!r}")
    screen.run()
    screen.over(re.compile("^1 step done"))
    run_command(page, "mlops:show-runs")
    rows = screen.runs.get_by_role("option", name=re.compile("^nb, .*"))
    expect(rows).to_have_count(2)
    rows.nth(1).click(modifiers=["ControlOrMeta"])
    rows.nth(0).click(modifiers=["ControlOrMeta"])
    screen.runs.get_by_role("button", name="Compare").click()
    expect(screen.main.get_by_text(SHORT).filter(visible=True).first).to_be_visible()
    code = screen.main.get_by_role("textbox", name="load in A")
    expect(code).to_contain_text(MARK)
    expect(screen.main.get_by_role("textbox", name="load in B")).to_contain_text(LINK)
    assert page.evaluate(DRAWN) == NOTHING
    code.focus()
    page.keyboard.press("x")
    expect(code).to_contain_text(f"# {MARK}")
    assert code.evaluate("node => node === document.activeElement") is True


def test_the_output_notebook_of_a_run_is_not_trusted(page: Page, lab: Lab, folder: Path) -> None:
    html = f"from IPython.display import HTML, Javascript, display\ndisplay(HTML({MARK + LINK!r}))"
    source = f"{html}\ndisplay(Javascript('window.evil = 5'))\nprint('all shown')"
    screen = Screen.of(page, lab, write(folder, [("step:load", source)]))
    screen.run()
    screen.over(re.compile("^1 step done"))
    run_command(page, "mlops:open-run-output")
    expect(screen.main.get_by_text("all shown").filter(visible=True).first).to_be_visible()
    expect(screen.main.get_by_text("bold", exact=True).filter(visible=True).first).to_be_visible()
    found = page.evaluate(DRAWN)
    assert (found["hit"], found["links"]) == (None, 0)
