"""What all tests have in common: an environment without the machine's own settings."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from .postgresql import Postgresql, served

FOREIGN = ("MLOPS_", "MLFLOW_", "RAY_", "PAPERMILL_", "JUPYTER_", "IPYTHON")


@pytest.fixture(scope="session", autouse=True)
def clean_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Neither the developer's settings nor her kernels, clusters and servers reach a test."""
    place = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(FOREIGN):
                patch.delenv(name)
        patch.setenv("IPYTHONDIR", str(place / "ipython"))
        patch.setenv("JUPYTER_CONFIG_DIR", str(place / "jupyter"))
        patch.setenv("JUPYTER_DATA_DIR", str(place / "data"))
        patch.setenv("MLOPS_STATE_DIR", str(place / "state"))
        patch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        # Several kernels at once, each spinning a thread for every core, take twenty times as long.
        patch.setenv("OPENBLAS_NUM_THREADS", "1")
        yield
        if (place / "state" / "ray").exists():
            # A run on Ray has kept one warm for the tests behind it, and there are no more.
            from mlops_lab.backends import cluster

            cluster.stop()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Postgresql]:
    """A PostgreSQL server of our own, where this machine has one to start."""
    with served() as server:
        yield server


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that start Ray share a process, so they share one Ray; benchmarks wait to be asked."""
    benchmarks = Path(__file__).parent / "benchmarks"
    for item in items:
        if item.get_closest_marker("ray"):
            item.add_marker(pytest.mark.xdist_group("ray"))
        if item.path.is_relative_to(benchmarks):
            item.add_marker(pytest.mark.bench)
