"""One executor of each kind, and one warm Ray for all."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlops_lab.backends import cluster
from mlops_lab.backends.executors.local import LocalExecutor
from mlops_lab.interfaces import Executor

PRETENDED = {"GPU": 4, "tape": 2, "accelerator_type:A100": 1}


@pytest.fixture(scope="session")
def warm_ray(tmp_path_factory: pytest.TempPathFactory) -> Iterator[cluster.ClusterStatus]:
    """A Ray of these tests' own, and this process connected to it. Its GPUs are pretended."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("RAY_"):
                patch.delenv(name)
        patch.setenv("MLOPS_STATE_DIR", str(tmp_path_factory.mktemp("state")))
        patch.setenv("RAY_OVERRIDE_RESOURCES", json.dumps(PRETENDED))
        for name, value in cluster.credentials().items():
            patch.setenv(name, value)
        yield cluster.start(num_cpus=4)
        import ray

        ray.shutdown()
        cluster.stop()


@pytest.fixture(params=["local", pytest.param("ray", marks=pytest.mark.ray)])
def executor(request: pytest.FixtureRequest) -> Executor:
    """Each executor in turn."""
    if request.param == "local":
        return LocalExecutor()
    request.getfixturevalue("warm_ray")
    from mlops_lab.backends.executors.ray import RayExecutor

    return RayExecutor()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working directory with a name that needs care."""
    place = tmp_path / "my notebooks ü"
    place.mkdir()
    return place
