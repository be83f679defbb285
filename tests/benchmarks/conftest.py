"""A table of what was measured and what it may be, at the end."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Floor = Callable[..., None]
ROWS = pytest.StashKey[list[tuple[str, float, float, str, str]]]()


@pytest.fixture
def holds(request: pytest.FixtureRequest) -> Floor:
    """Says a figure, and fails where it is over its floor: `holds(what, figure, floor, unit)`."""

    def hold(what: str, figure: float, floor: float, unit: str = "×", detail: str = "") -> None:
        rows = request.config.stash.setdefault(ROWS, [])
        rows.append((what, figure, floor, unit, detail))
        assert figure <= floor, f"{what}: {figure:.2f} {unit}, the floor is {floor:g} ({detail})"

    return hold


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table."""
    rows = terminalreporter.config.stash.get(ROWS, [])
    if not rows:
        return
    terminalreporter.section("benchmarks")
    width = max(len(row[0]) for row in rows)
    for what, figure, floor, unit, detail in rows:
        sign = "ok  " if figure <= floor else "OVER"
        measured = f"{figure:8.2f} {unit:<3} of at most {floor:<6g}"
        terminalreporter.write_line(f"{sign} {what:<{width}} {measured} {detail}")
