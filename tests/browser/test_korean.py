"""JupyterLab in Korean: ours is, too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .conftest import opened, run_command, write
from .lab import Lab

SETTING = "@jupyterlab/translation-extension/plugin.jupyterlab-settings"


@pytest.fixture
def korean(lab: Lab) -> Iterator[None]:
    """The language as a user sets it."""
    setting = lab.home / "settings" / SETTING
    setting.parent.mkdir(parents=True, exist_ok=True)
    setting.write_text('{"locale": "ko_KR"}')
    yield
    setting.write_text('{"locale": "en"}')


@pytest.mark.usefixtures("korean")
def test_the_panel_and_the_page_of_a_run_speak_korean(page: Page, lab: Lab, folder: Path) -> None:
    cells = [("parameters", "rate = 0.5"), ("step:load", "print('here')"), ("step:train", "1 / 0")]
    opened(page, lab, write(folder, cells))
    run_command(page, "mlops:show-pipeline")
    panel = page.get_by_role("region", name="파이프라인", exact=True)
    panel.get_by_role("button", name="실행", exact=True).click()
    expect(panel.get_by_text(re.compile("후 train에서 실패$"))).to_be_visible()
    expect(panel.get_by_role("option", name=re.compile("^train, .*초 후 실패"))).to_be_visible()
    expect(panel.get_by_role("button", name="이어서 실행")).to_be_visible()
    expect(panel.get_by_role("button", name="매개변수", exact=True)).to_be_visible()
    run_command(page, "mlops:open-run")
    main = page.locator("#jp-main-dock-panel")
    expect(main.get_by_role("heading", name="타임라인")).to_be_visible()
    expect(main.get_by_role("button", name="셀 3로 이동")).to_be_visible()


@pytest.mark.usefixtures("korean")
def test_menus_and_settings_speak_korean(page: Page, lab: Lab, folder: Path) -> None:
    opened(page, lab, write(folder, [("step:load", "x = 1")]))
    page.get_by_role("menubar").get_by_role("menuitem", name="파이프라인", exact=True).click()
    expect(page.get_by_role("menuitem", name=re.compile("^실행 기록"))).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="파이프라인으로 실행", exact=True)).to_be_visible()
    run_command(page, "settingeditor:open", {"query": "파이프라인: 셀"})
    settings = page.locator("#setting-editor")
    expect(settings.get_by_role("heading", name="파이프라인: 셀")).to_be_visible()
    expect(settings.get_by_text("셀의 단계 표시").first).to_be_visible()
