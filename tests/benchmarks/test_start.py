"""What a user waits for before the first cell runs, beside papermill's command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Floor
from .race import Entrant, Result, forget, project, race

pytestmark = pytest.mark.bench

HELP = 0.3  # of papermill's
COLD = 0.8  # of papermill's
AGAIN = 0.6  # of papermill's; the aim is 0.3
TRACKING = 1.1  # of the same run without it
COMPILE = 2.0  # seconds for 2,000 cells
ROUNDS = 5

TEN = [f"x{i} = {i}\nprint(x{i})" for i in range(10)]
PAPERMILL = Entrant(("papermill", "nb.ipynb", "out.ipynb", "--no-progress-bar"))
RUN = ("mlops", "run", "nb.ipynb")


def _figures(ours: Result, theirs: Result) -> str:
    return (
        f"{ours.wall:.2f} s beside {theirs.wall:.2f} s; "
        f"processor {ours.cpu:.2f} s beside {theirs.cpu:.2f} s"
    )


def test_help_comes_at_once(tmp_path: Path, holds: Floor) -> None:
    entrants = {
        "mlops": Entrant(("mlops", "--help")),
        "papermill": Entrant(("papermill", "--help")),
    }
    done = race(tmp_path, entrants, ROUNDS)
    ours, theirs = done["mlops"], done["papermill"]
    holds("mlops --help", ours.beside(theirs), HELP, detail=_figures(ours, theirs))


def test_ten_trivial_cells_are_quicker_than_under_papermill(tmp_path: Path, holds: Floor) -> None:
    folder = project(tmp_path / "ten", *TEN)
    entrants = {
        "papermill": PAPERMILL,
        "cold": Entrant(RUN, ready=forget(folder)),
        "again": Entrant(RUN),
        "uncached": Entrant((*RUN, "--no-cache")),
    }
    # `again` must follow a run that filled the cache, whatever the order of the round.
    entrants["cold"].ready()
    race(folder, {"cold": entrants["cold"]}, 1)
    done = race(folder, entrants, ROUNDS)
    papermill = done["papermill"]
    for name, floor in {"cold": COLD, "uncached": COLD, "again": AGAIN}.items():
        ours = done[name]
        figure = ours.beside(papermill)
        holds(f"ten trivial cells, {name}", figure, floor, detail=_figures(ours, papermill))


def test_tracking_is_not_on_the_path(tmp_path: Path, holds: Floor) -> None:
    folder = project(tmp_path / "tracked", *TEN)
    entrants = {
        setting: Entrant(RUN, ready=forget(folder), env={"MLOPS_TRACKING": setting})
        for setting in ("mlflow", "off")
    }
    done = race(folder, entrants, ROUNDS)
    on, off = done["mlflow"], done["off"]
    holds("a run with tracking", on.beside(off), TRACKING, detail=_figures(on, off))


def test_two_thousand_cells_compile_at_once(tmp_path: Path, holds: Floor) -> None:
    cells = [
        "import math",
        *(f"y{i} = math.sqrt(y{i - 1} if {i} > 1 else 2)" for i in range(1, 2000)),
    ]
    folder = project(tmp_path / "long", *cells)
    words = ("mlops", "compile", "nb.ipynb", "--steps", "cells")
    done = race(folder, {"compile": Entrant(words)}, 3)["compile"]
    detail = f"processor {done.cpu:.2f} s"
    holds("2,000 cells compile", done.best, COMPILE, "s", detail)
