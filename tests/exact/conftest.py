"""What the tests of exactness share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from .oracle import Seen, remembered
from .rows import Row


def pytest_configure(config: pytest.Config) -> None:
    """Say what the marker means."""
    config.addinivalue_line("markers", "exact: the long form of the suite, as `make exact` runs it")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long form out unless it is asked for."""
    if "exact" in (config.option.markexpr or ""):
        return
    long = [item for item in items if item.get_closest_marker("exact")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


@pytest.fixture(scope="session")
def oracle(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Row], Seen]]:
    """What one kernel shows for a row; the rows to come are asked about ahead, in their order."""
    folder = tmp_path_factory.mktemp("a")
    store = Path(request.config.cache.mkdir("exact")) if request.config.cache else folder
    pool = ThreadPoolExecutor(1, thread_name_prefix="oracle")
    answers: dict[str, Future[Seen]] = {}
    for item in request.session.items:
        row = getattr(item, "callspec", None) and item.callspec.params.get("row")
        if isinstance(row, Row) and "oracle" in item.fixturenames and row.name not in answers:
            answers[row.name] = pool.submit(remembered, row, folder / row.name, store)
    yield lambda row: answers[row.name].result()
    pool.shutdown(cancel_futures=True)
