"""A browser, a JupyterLab and a notebook for the tests that look at the screen."""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from mlops_lab.backends.records.sql import SqlRecords
from mlops_lab.backends.records.stop import kept_by, release, stop
from mlops_lab.errors import UsageError

from .lab import Lab

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PICTURES = Path(__file__).parents[2] / "build" / "browser"
PATIENCE = 30_000
"""Milliseconds that a page gets to show what is expected of it."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One JupyterLab and one browser for all of these."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip("no Chromium is installed; `make test` installs Debian's where it may")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab over an empty folder, under a base URL with a space in it."""
    lab = Lab(root=tmp_path_factory.mktemp("root"), home=tmp_path_factory.mktemp("home"))
    lab.start()
    yield lab
    lab.stop()


@pytest.fixture
def folder(lab: Lab, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A project of the test's own in JupyterLab's folder; what it started ends with the test."""
    name = re.sub(r"\W+", "-", request.node.name).strip("-")
    place = lab.root / name
    place.mkdir()
    (place / "mlops.toml").write_text('tracking = "off"\nworkers = 1\n')
    yield place
    end_runs(place)


def end_runs(place: Path) -> None:
    """Stop the runs of a project that go on, and let go of the kernels that others keep."""
    if not (records := place / ".mlops" / "records.db").exists():
        return
    with contextlib.closing(SqlRecords.open(records)) as known:
        for run in known.runs():
            with contextlib.suppress(UsageError):  # it has just ended by itself
                if run.status == "running":
                    stop(run)
                elif kept_by(run):
                    release(run)


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of its own; what it showed is kept where the test fails."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    failed = request.session.testsfailed
    yield page
    if request.session.testsfailed > failed:
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"{re.sub(r'[^a-z0-9]+', '-', request.node.name)}.png")
    context.close()


def write(folder: Path, cells: list[tuple[str, str]], name: str = "nb.ipynb") -> str:
    """A notebook of cells, each with its tags in one string; its path in JupyterLab."""
    notebook = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    )
    notebook.cells = [
        nbformat.v4.new_code_cell(source, metadata={"tags": tags.split()}, id=f"c{number}")
        for number, (tags, source) in enumerate(cells)
    ]
    nbformat.write(notebook, folder / name)
    return f"{folder.name}/{name}"


def opened(page: Page, lab: Lab, path: str) -> Page:
    """The page with a notebook in it, whose kernel is ready."""
    page.goto(lab.page(path))
    kernel_ready(page)
    return page


def kernel_ready(page: Page) -> None:
    """Wait until the page's notebook has its kernel."""
    page.wait_for_function("window.jupyterapp !== undefined")
    # Not one function to wait for: a promise is true before it is kept.
    page.evaluate(
        """async () => {
            const app = window.jupyterapp;
            await app.restored;
            while (!app.shell.currentWidget?.sessionContext) {
                await new Promise(resolve => setTimeout(resolve, 50));
            }
            const context = app.shell.currentWidget.sessionContext;
            await context.ready;
            await context.session?.kernel?.info;
        }"""
    )


def run_command(page: Page, command: str, arguments: object = None) -> object:
    """What a JupyterLab command answers."""
    return page.evaluate(
        "([name, args]) => window.jupyterapp.commands.execute(name, args ?? {})"
        ".then(value => (typeof value === 'object' ? null : value))",
        [command, arguments],
    )
