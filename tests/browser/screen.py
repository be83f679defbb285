"""What a user finds on the page, by the names that it has for her."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from .conftest import opened, run_command
from .lab import Lab

RUNS = "/mlops-lab/runs"
AWAIT = (
    "from pathlib import Path\nfrom time import sleep\nwhile not Path('go').exists(): sleep(0.05)"
)
"""A cell that ends once a file named go is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """JupyterLab with a notebook open and the Pipeline panel beside it."""

    page: Page

    @classmethod
    def of(cls, page: Page, lab: Lab, path: str) -> Screen:
        """A notebook, its kernel ready, and its pipeline."""
        opened(page, lab, path)
        run_command(page, "mlops:show-pipeline")
        screen = cls(page=page)
        expect(screen.panel).to_be_visible()
        return screen

    @property
    def panel(self) -> Locator:
        return self.page.get_by_role("region", name="Pipeline", exact=True)

    @property
    def runs(self) -> Locator:
        return self.page.get_by_role("region", name="Runs", exact=True)

    @property
    def main(self) -> Locator:
        return self.page.locator("#jp-main-dock-panel, #main-panel")

    @property
    def editor(self) -> Locator:
        """The step editor."""
        return self.page.get_by_role("dialog", name="Step")

    def row(self, step: str) -> Locator:
        """A step in the panel's rail."""
        rail = self.panel.get_by_role("listbox", name="Steps")
        return rail.get_by_role("option", name=re.compile(rf"^{step}\b"))

    def chip(self, step: str) -> Locator:
        """A step at its first cell."""
        return self.main.get_by_role("button", name=re.compile(rf"^{step}\b"))

    def cell(self, number: int) -> Locator:
        """A cell, counted from 1."""
        return self.page.locator(f'.jp-Notebook .jp-Cell[data-windowed-list-index="{number - 1}"]')

    def turns(self, number: int, state: str) -> None:
        """Wait until this stands beside a cell's prompt."""
        turn = self.cell(number).get_by_role("img", name=re.compile(rf", {state}$"))
        expect(turn).to_be_visible()

    def button(self, name: str) -> Locator:
        """A button of the panel's toolbar."""
        toolbar = self.panel.get_by_role("toolbar", name="Pipeline")
        return toolbar.get_by_role("button", name=name, exact=True)

    def says(self, step: str, state: str) -> None:
        """Wait until the rail and the cell tell this of a step."""
        expect(self.row(step)).to_have_accessible_name(re.compile(rf"^{step}, .*{state}"))
        expect(self.chip(step)).to_have_accessible_name(re.compile(rf"^{step}, .*{state}"))

    def choose(self, number: int) -> None:
        """Click beside a cell: it is the current one, and the notebook has the keyboard."""
        self.cell(number).locator(".jp-InputPrompt").click()

    def write(self, number: int, source: str) -> None:
        """Type a cell anew."""
        self.cell(number).locator(".cm-content").click()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(source)

    def tags(self, number: int) -> list[str]:
        """The tags of a cell, as the notebook's document has them."""
        found = self.page.evaluate(
            "at => window.jupyterapp.shell.currentWidget.content.widgets[at].model"
            ".sharedModel.getMetadata().tags ?? []",
            number - 1,
        )
        return list(found)

    def run(self) -> str:
        """Press Run; the run's id once it is known."""
        with self.page.expect_response(
            lambda one: one.request.method == "POST" and RUNS in one.url
        ) as answer:
            self.button("Run").click()
        run = str(answer.value.json()["run_id"])
        # A quick run is over before anybody sees it running.
        expect(self.panel.locator(f'[title*="{run}"]').first).to_be_visible()
        return run

    def running(self) -> str:
        """The id of the run that goes on."""
        label = self.panel.get_by_text(re.compile(r"^run [0-9a-f]{4}$"))
        return str(label.get_attribute("title"))

    def over(self, sentence: str | re.Pattern[str]) -> None:
        """Wait until the panel says how the run ended."""
        expect(self.panel.get_by_text(sentence).first).to_be_visible()
