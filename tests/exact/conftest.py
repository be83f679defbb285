"""What the tests of exactness share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

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
