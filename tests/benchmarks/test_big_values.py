"""What a gigabyte costs that goes from step to step, that is kept, that is adopted."""

from __future__ import annotations

import os
import time
from pathlib import Path
from statistics import median

import pytest

from .conftest import Floor
from .race import Entrant, forget, project, race

pytestmark = pytest.mark.bench

CHAIN = 1.05  # of papermill's time
KEEP = 3.0  # times writing it once
ADOPT = 1.25  # of a re-run of trivial cells: noise, no work
OFF = {"MLOPS_TRACKING": "off"}

GIGABYTE = "import numpy as np\na = np.arange(125_000_000, dtype=np.float64)"
RUN = ("mlops", "run", "nb.ipynb", "--steps", "cells")


def test_a_chain_hands_on_a_gigabyte_for_nothing(tmp_path: Path, holds: Floor) -> None:
    folder = project(tmp_path / "chain", GIGABYTE, *("a += 1\nfloat(a[0])" for _ in range(9)))
    entrants = {
        "papermill": Entrant(("papermill", "nb.ipynb", "out.ipynb", "--no-progress-bar")),
        "ours": Entrant((*RUN, "--no-cache"), env=OFF),
    }
    done = race(folder, entrants, 3)
    ours, theirs = done["ours"], done["papermill"]
    detail = f"{ours.wall:.2f} s beside {theirs.wall:.2f} s"
    holds("ten steps hand on 1 GB, uncached", ours.beside(theirs), CHAIN, detail=detail)


def test_a_new_version_is_kept_for_little_more_than_writing_it(
    tmp_path: Path, holds: Floor
) -> None:
    folder = project(tmp_path / "keep", GIGABYTE, "a += 1\nfloat(a[0])")
    entrants = {
        "kept": Entrant(RUN, ready=forget(folder), env=OFF),
        "not kept": Entrant((*RUN, "--no-cache"), env=OFF),
    }
    written: list[float] = []
    extra: list[float] = []
    for _ in range(3):
        written.append(_write_once(folder / "once"))
        done = race(folder, entrants, 1)
        extra.append((done["kept"].wall - done["not kept"].wall) / 2)  # two versions
    figure = median(e / w for e, w in zip(extra, written, strict=True))
    detail = f"{median(extra):.2f} s beside {median(written):.2f} s"
    holds("1 GB kept for the cache", figure, KEEP, "×", detail)


def test_an_adopted_version_costs_nothing_until_it_is_read(tmp_path: Path, holds: Floor) -> None:
    big = project(tmp_path / "big", GIGABYTE, "a += 1\nfloat(a[0])")
    small = project(tmp_path / "small", "a = 1", "a += 1\nfloat(a)")
    for folder in (big, small):
        race(folder, {"fill": Entrant(RUN, env=OFF)}, 1)
    ratios, seconds = [], []
    for _ in range(5):
        taken = [
            race(folder, {"again": Entrant(RUN, env=OFF)}, 1)["again"] for folder in (big, small)
        ]
        ratios.append(taken[0].wall / taken[1].wall)
        seconds.append(taken[0].wall)
    detail = f"{median(seconds):.2f} s"
    holds("1 GB adopted, beside small values", median(ratios), ADOPT, "×", detail)


def _write_once(path: Path) -> float:
    block = bytes(1 << 20)
    began = time.perf_counter()
    with path.open("wb") as file:
        for _ in range(1_000_000_000 >> 20):
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    took = time.perf_counter() - began
    path.unlink()
    return took
