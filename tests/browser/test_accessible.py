"""axe finds no serious fault in what is ours, light and dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .conftest import run_command, write
from .lab import Lab
from .screen import Screen

AXE = Path(__file__).parents[2] / "labextension" / "node_modules" / "axe-core" / "axe.min.js"
OURS = (
    ".jp-MlopsPanel", ".jp-MlopsPage", ".jp-MlopsHead", ".jp-MlopsFoot", ".jp-MlopsEditor",
    ".jp-MlopsProposals", ".jp-MlopsStatus",
)  # fmt: skip
LOOK = """async ours => {
    const include = ours.filter(one => document.querySelector(one)).map(one => [one]);
    const found = await axe.run({ include }, { resultTypes: ['violations'] });
    return found.violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .flatMap(({ id, nodes }) => nodes.map(one => `${id}: ${one.html.slice(0, 200)}: ` +
            (one.any[0] ?? one.all[0] ?? one.none[0])?.message));
}"""
CELLS = [
    ("parameters", "rate = 0.5  # how fast it learns\nlimit = 'a'"),
    ("imports", "import math"),
    ("step:load", "print('three')\nxs = [1, 2, 3]"),
    ("step:train", "ys = [x * rate for x in xs]"),
    ("skip", "0"),
    ("step:report after:load", "print('before it')\nsum(ys) / 0"),
    ("step:rest", "print(math.pi)"),
]


def faults(page: Page) -> list[str]:
    """What axe says about what of ours can be seen."""
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(path=AXE)
    return list(page.evaluate(LOOK, list(OURS)))


def look(page: Page, themes: tuple[str, ...]) -> list[str]:
    """The same in each of some themes; the first of them stays."""
    found = []
    for theme in (*themes[1:], themes[0]):
        run_command(page, "apputils:change-theme", {"theme": theme})
        expect(page.locator(f"body[data-jp-theme-name='{theme}']")).to_be_attached()
        found += [f"{theme}: {fault}" for fault in faults(page)]
    return found


@pytest.mark.parametrize(
    "both", [("JupyterLab Light",), ("JupyterLab Dark", "JupyterLab Dark High Contrast")]
)
def test_nothing_of_ours_has_a_serious_fault(
    both: tuple[str, ...], page: Page, lab: Lab, folder: Path
) -> None:
    if not AXE.exists():
        pytest.skip("axe is not there; `make ready` installs it")
    screen = Screen.of(page, lab, write(folder, CELLS))
    alone = both[:1]
    found: dict[str, list[str]] = {}
    expect(screen.row("load")).to_be_visible()
    screen.choose(3)
    found["panel"] = look(page, alone)
    page.keyboard.press("t")
    expect(screen.editor).to_be_visible()
    found["editor"] = look(page, alone)
    page.keyboard.press("Escape")
    screen.run()
    screen.over(re.compile("^Failed in report"))
    found["panel after a run"] = look(page, both)
    run_command(page, "mlops:open-run")
    expect(screen.main.get_by_role("log")).to_contain_text("before it")
    found["page of a run"] = look(page, both)
    run_command(page, "mlops:show-runs")
    expect(screen.runs.get_by_role("listbox").get_by_role("option").first).to_be_visible()
    found["runs"] = look(page, alone)
    run_command(page, "mlops:explain-pipeline")
    expect(page.get_by_role("tab", selected=True).filter(visible=True).first).to_be_visible()
    expect(screen.main.get_by_text("xs", exact=True).filter(visible=True)).to_have_count(0)
    found["plan"] = look(page, alone)
    compare(screen)
    found["comparison"] = look(page, both)
    run_command(page, "apputils:change-theme", {"theme": "JupyterLab Light"})
    assert {place: said for place, said in found.items() if said} == {}


def compare(screen: Screen) -> None:
    """Mend the cell that failed, run again, and put both runs side by side."""
    page = screen.page
    screen.main.get_by_role("tab", name="nb.ipynb").click()
    run_command(page, "mlops:show-pipeline")
    screen.write(6, "print('before it')\nsum(ys) / 2")
    screen.button("Resume").click()
    screen.over(re.compile("steps? done in"))
    run_command(page, "mlops:show-runs")
    rows = screen.runs.get_by_role("listbox").get_by_role("option")
    expect(rows).to_have_count(2)
    for nth in (1, 0):
        rows.nth(nth).click(modifiers=["ControlOrMeta"])
    screen.runs.get_by_role("button", name="Compare").click()
    code = screen.main.get_by_role("textbox", name="report in B")
    expect(code).to_contain_text("sum(ys) / 2")
