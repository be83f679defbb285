"""What the tests of exactness share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from mlops_lab.records.run import Run

from .oracle import Seen, remembered
from .rows import Row


@pytest.fixture(scope="session")
def oracle(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Row], Seen]:
    """What one kernel shows for a row; asked once in each environment, then remembered."""
    folder = tmp_path_factory.mktemp("a")
    cache = request.config.cache
    store = Path(cache.mkdir("exact")) if cache else folder
    return lambda row: remembered(row, folder / row.name, store)


@pytest.fixture
def wasted(record_property: Callable[[str, object], None]) -> Callable[[Run], None]:
    """Notes what a run's scouts did in vain, for the table at the end."""

    def note(run: Run) -> None:
        drops = [drop for step in run.steps for drop in step.dropped]
        record_property("adopted", sum(step.early for step in run.steps))
        record_property("dropped", dict(Counter(drop.why for drop in drops)))
        record_property("wasted", sum(drop.seconds for drop in drops))

    return note


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many runs with scouts were exact, and what was done in vain."""
    told = [
        (report.outcome, dict(report.user_properties))
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, ())
        if report.when == "call"
    ]
    runs = [(outcome, noted) for outcome, noted in told if "dropped" in noted]
    if not runs:
        return
    dropped = sum((Counter(noted["dropped"]) for _, noted in runs), Counter[str]())
    exact = sum(outcome == "passed" for outcome, _ in runs)
    why = ", ".join(f"{count} {why}" for why, count in dropped.most_common())
    terminalreporter.section("wherever steps run")
    terminalreporter.write_line(
        f"{len(runs)} runs, {exact} exact; "
        f"{sum(noted['adopted'] for _, noted in runs)} steps adopted from scouts, "
        f"{sum(dropped.values())} attempts dropped ({why or 'none'}), "
        f"{sum(noted['wasted'] for _, noted in runs):.1f} s wasted"
    )
