"""A cluster that isn't there is said at once."""

from __future__ import annotations

import pytest

from mlops_lab.backends.executors.ray import RayExecutor
from mlops_lab.errors import BackendError


def test_an_address_where_nobody_listens_is_named_with_the_ways_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")
    with pytest.raises(BackendError, match=r"127\.0\.0\.1:1 .*--executor local"):
        RayExecutor().offer()
