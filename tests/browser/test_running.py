"""Run from the panel, watch, mend, go on, compare."""

from __future__ import annotations

import platform
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from .conftest import write
from .lab import Lab
from .screen import AWAIT, Screen


def test_states_change_while_it_runs_and_a_second_run_is_cached(
    page: Page, lab: Lab, folder: Path
) -> None:
    cells = [
        ("parameters", "rate = 0.5  # how fast it learns"),
        ("step:load", "xs = [1, 2, 3]\nprint('three')"),
        ("step:train", f"{AWAIT}\nys = [x * rate for x in xs]"),
        ("step:report", "print(sum(ys))"),
    ]
    screen = Screen.of(page, lab, write(folder, cells))
    screen.run()
    screen.says("load", r"\d s")
    screen.says("train", "running")
    screen.says("report", "waiting for train")
    expect(screen.panel.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "1")
    expect(screen.button("Cancel")).to_be_enabled()
    (folder / "go").touch()
    screen.over(re.compile(r"^3 steps done in "))
    for step in ("load", "train", "report"):
        screen.says(step, r"\d s")
    screen.run()
    screen.over(re.compile("2 cached"))  # what looked for a file is not
    screen.says("load", "cached")
    screen.says("report", "cached")


def test_each_cell_of_a_running_step_says_how_far_it_is(page: Page, lab: Lab, folder: Path) -> None:
    cells = [
        ("step:load", "x = 1"),
        ("step:train", "y = x"),
        ("", AWAIT),
        ("", "z = y / 0"),
        ("", "print(z)"),
        ("step:report", "print(y)"),
    ]
    screen = Screen.of(page, lab, write(folder, cells))
    places = [screen.cell(number).bounding_box() for number in range(1, 7)]
    screen.run()
    screen.turns(3, "running")
    for number, state in [(1, "done"), (2, "done"), (4, "waiting"), (6, "waiting")]:
        screen.turns(number, state)
    assert [screen.cell(number).bounding_box() for number in range(1, 7)] == places
    (folder / "go").touch()
    screen.turns(4, "failed")
    for number, state in [(3, "done"), (5, "not reached"), (6, "not reached")]:
        screen.turns(number, state)


def test_a_failed_cell_is_jumped_to_and_mended_and_the_run_goes_on(
    page: Page, lab: Lab, folder: Path
) -> None:
    cells = [("step:load", "x = 1"), ("step:train", "y = x / 0"), ("step:report", "print(y)")]
    screen = Screen.of(page, lab, write(folder, cells))
    screen.run()
    screen.says("train", "failed")
    screen.says("report", "not reached")
    toast = page.get_by_role("alert").filter(has_text="failed in train")
    expect(toast.get_by_role("button", name="Open run")).to_be_visible()
    toast.get_by_role("button", name="Go to cell").click()
    expect(screen.cell(2)).to_have_class(re.compile("jp-mod-active"))
    screen.write(2, "y = x / 2")
    screen.button("Resume").click()
    screen.over(re.compile(r"^3 steps done in "))
    screen.says("load", "cached")
    screen.says("train", r"\d s")


def test_the_page_of_a_run_says_what_broke_and_leads_to_the_cell(
    page: Page, lab: Lab, folder: Path
) -> None:
    cells = [
        ("step:load", "x = 1\nprint('before it')"),
        ("step:train", "print('just now')\ny = x / 0"),
        ("step:report", "print(y)"),
    ]
    screen = Screen.of(page, lab, write(folder, cells))
    screen.run()
    screen.over(re.compile("^Failed in train"))
    screen.panel.get_by_role("button", name=re.compile("^run of")).click()
    alert = screen.main.get_by_role("alert")
    expect(alert).to_contain_text("train stopped in cell 2")
    expect(alert).to_contain_text("ZeroDivisionError: division by zero")
    log = screen.main.get_by_role("log", name="Output of train")
    expect(log).to_contain_text("just now")
    graph = screen.main.get_by_role("tree", name="Graph")
    expect(graph.get_by_role("treeitem", name=re.compile("^report, not reached"))).to_be_visible()
    needed = screen.main.get_by_role("region", name="What it needed")
    expect(needed).to_contain_text(f"Python{platform.python_version()}")
    expect(needed).to_contain_text(re.compile("MB at most, in (load|train)"))
    place = screen.main.get_by_role("region", name="Where it ran")
    expect(place).to_contain_text(re.compile("Kernelpython3.*in JupyterLab"))
    times = screen.main.get_by_role("listbox", name="Timeline")
    times.get_by_role("option", name=re.compile("^load")).click()
    expect(screen.main.get_by_role("log", name="Output of load")).to_contain_text("before it")
    alert.get_by_role("button", name="Go to cell 2").click()
    expect(screen.cell(2)).to_have_class(re.compile("jp-mod-active"))


def test_two_runs_are_compared_side_by_side(page: Page, lab: Lab, folder: Path) -> None:
    cells = [
        ("parameters", "rate = 0.5"),
        ("step:train", "score = rate * 2"),
        ("pipeline-metrics", "print(score)"),
    ]
    screen = Screen.of(page, lab, write(folder, cells))
    screen.run()
    screen.over(re.compile("steps? done in "))
    screen.panel.get_by_role("textbox", name="rate").fill("0.75")
    screen.write(2, "score = rate * 3")
    screen.run()
    screen.over(re.compile("steps? done in "))
    page.evaluate("window.jupyterapp.commands.execute('mlops:show-runs')")
    rows = screen.runs.get_by_role("option", name=re.compile("^nb, .*done"))
    expect(rows).to_have_count(2)
    rows.nth(1).click(modifiers=["ControlOrMeta"])
    rows.nth(0).click(modifiers=["ControlOrMeta"])
    screen.runs.get_by_role("button", name="Compare").click()
    for text in ("0.75", "+1.25", "score = rate * 2", "score = rate * 3", "code changed"):
        expect(screen.main.get_by_text(text).filter(visible=True).first).to_be_visible()


def test_what_would_run_is_said_before_anything_runs(page: Page, lab: Lab, folder: Path) -> None:
    cells = [("step:load", "x = 1"), ("step:train", "y = x"), ("step:report", "print(y)")]
    screen = Screen.of(page, lab, write(folder, cells))
    screen.run()
    screen.over(re.compile("^3 steps done in "))
    screen.write(2, "y = x + 1")
    page.keyboard.press("ControlOrMeta+s")
    screen.says("train", "code changed")
    screen.says("load", "cached")
    screen.says("report", "may run")


def test_runs_are_cancelled_and_deleted(page: Page, lab: Lab, folder: Path) -> None:
    screen = Screen.of(page, lab, write(folder, [("step:wait", AWAIT)]))
    screen.run()
    screen.says("wait", "running")
    screen.button("Cancel").click()
    screen.over(re.compile("^Cancelled after "))
    page.evaluate("window.jupyterapp.commands.execute('mlops:show-runs')")
    row = screen.runs.get_by_role("option", name=re.compile("^nb, .*cancelled"))
    row.click(modifiers=["ControlOrMeta"])
    screen.runs.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("^Delete run")).click()
    expect(row).to_be_hidden()
    expect(screen.runs.get_by_text("No runs yet")).to_be_visible()
