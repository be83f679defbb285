"""What a step costs beyond its own work."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Floor
from .race import Entrant, forget, project, race

pytestmark = pytest.mark.bench

STEPS = 1000
OFF = {"MLOPS_TRACKING": "off"}


@pytest.mark.parametrize(
    ("how", "floor", "words"),
    [("off", 20.0, ("--no-cache",)), ("on", 30.0, ())],  # milliseconds a step
)
def test_a_thousand_trivial_steps_run_swiftly(
    tmp_path: Path, holds: Floor, how: str, floor: float, words: tuple[str, ...]
) -> None:
    folder = project(tmp_path / "steps", *(f"y{i} = {i}" for i in range(STEPS)))
    command = ("mlops", "run", "nb.ipynb", "--steps", "cells", *words)
    entrant = Entrant(command, ready=forget(folder), env=OFF)
    done = race(folder, {"run": entrant}, 3)["run"]
    detail = f"processor {done.cpu / STEPS * 1000:.1f} ms"
    holds(f"a trivial step, cache {how}", done.best / STEPS * 1000, floor, "ms", detail)
