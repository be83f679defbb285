"""The README's pictures of JupyterLab, from real runs: python -m tests.browser.pictures."""

from __future__ import annotations

import io
import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from .conftest import BROWSERS, run_command
from .lab import Lab
from .screen import Screen

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
SCREENS = NOTEBOOKS / "screens"
SIZE = (1440, 900)
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
PATIENCE = 180_000
# What comes and goes by itself is in no picture.
CALM = (
    "#jupyterlab-splash, .Toastify, .jp-Notebook-footer { display: none !important; }"
    "* { caret-color: transparent; }"
)


def main() -> None:
    """Run the tour's first notebook, change a cell, run it again; take a picture of each page."""
    browser = next(filter(None, map(shutil.which, BROWSERS)))
    expect.set_options(timeout=PATIENCE)
    with (
        TemporaryDirectory() as root,
        TemporaryDirectory() as home,
        sync_playwright() as playwright,
    ):
        folder = Path(root) / "digits"
        folder.mkdir()
        (folder / "mlops.toml").write_text('tracking = "off"\n')
        shutil.copy(NOTEBOOKS / "01-first-pipeline.ipynb", folder / "digits.ipynb")
        lab = Lab(root=Path(root), home=Path(home))
        lab.start()
        try:
            page = playwright.chromium.launch(executable_path=browser).new_page(
                viewport={"width": SIZE[0], "height": SIZE[1]}
            )
            page.set_default_timeout(PATIENCE)
            screen = Screen.of(page, lab, "digits/digits.ipynb")
            page.add_style_tag(content=CALM)
            tell(screen)
        finally:
            lab.stop()


def tell(screen: Screen) -> None:
    """The story, picture by picture."""
    page = screen.page
    screen.panel.get_by_role("textbox", name="folds").fill("20")
    screen.row("margin").click()
    screen.run()
    screen.says("forest", "running")
    picture(page, "running")
    screen.over(re.compile("steps done in "))
    picture(page, "notebook")
    screen.chip("margin").click()
    page.keyboard.press("t")
    expect(screen.editor).to_be_visible()
    picture(page, "editor")
    page.keyboard.press("Escape")
    run_command(page, "mlops:open-run")
    expect(screen.main.get_by_role("tree", name="Graph")).to_be_visible()
    screen.main.get_by_role("option", name=re.compile("^margin")).click()
    expect(screen.main.get_by_role("log")).to_contain_text("support vectors")
    picture(page, "run")
    screen.main.get_by_role("tab", name="digits.ipynb").click()
    change(page, "min_samples_leaf=1", "min_samples_leaf=2")
    screen.says("forest", "code changed")
    run_command(page, "mlops:explain-pipeline")
    expect(screen.main.get_by_text("Nothing has run")).to_be_visible()
    picture(page, "explain")
    screen.main.get_by_role("tab", name="digits.ipynb").click()
    screen.run()
    screen.over(re.compile("steps done in "))
    run_command(page, "mlops:show-runs")
    rows = screen.runs.get_by_role("listbox").get_by_role("option")
    expect(rows).to_have_count(2)
    for nth in (1, 0):
        rows.nth(nth).click(modifiers=["ControlOrMeta"])
    screen.runs.get_by_role("button", name="Compare").click()
    code = screen.main.get_by_role("group", name="Code of forest in both runs")
    expect(code).to_contain_text("min_samples_leaf=2")
    picture(page, "compare")


def change(page: Page, old: str, new: str) -> None:
    """Change the code of a cell, and save."""
    page.evaluate(
        """async ([old, now]) => {
            const { content, context } = window.jupyterapp.shell.currentWidget;
            for (const { model: { sharedModel } } of content.widgets) {
                sharedModel.setSource(sharedModel.getSource().replace(old, now));
            }
            await context.save();
        }""",
        [old, new],
    )


def picture(page: Page, name: str) -> None:
    """The page as it is now, in each theme."""
    for kind, theme in THEMES.items():
        run_command(page, "apputils:change-theme", {"theme": theme})
        light = str(kind == "light").lower()
        expect(page.locator(f'body[data-jp-theme-light="{light}"]')).to_be_attached()
        expect(page.locator("#jupyterlab-splash")).to_be_hidden()
        page.mouse.move(SIZE[0] - 1, SIZE[1] // 2)
        expect(page.locator(".jp-MlopsSkeleton:visible")).to_have_count(0)
        for log in page.get_by_role("log").filter(visible=True).all():
            expect(log).not_to_be_empty()
        keep(page.screenshot(), SCREENS / f"{name}-{kind}.png")
    run_command(page, "apputils:change-theme", {"theme": THEMES["light"]})


def keep(shot: bytes, path: Path) -> None:
    """A picture in 256 colours, the steps' own among them."""
    path.parent.mkdir(exist_ok=True)
    image = Image.open(io.BytesIO(shot)).convert("RGB")
    image.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
        path, optimize=True
    )
    print(f"wrote {path} ({path.stat().st_size // 1024} kB)", flush=True)


if __name__ == "__main__":
    main()
