"""How a run's steps hang together, as its output notebook tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlops_lab.compiler.compile import draft
from mlops_lab.ir.pipeline import Pipeline
from mlops_lab.records.run import Run

MARKER = "papermill-error-cell-tag"
"""On the two cells that papermill adds around one that failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A run's graph, as pairs (above, below) of its steps, and their cells.

    `cells` are counted from 1, as the run's events count them, in the notebook that ran; `ids` are
    those cells' ids, which that notebook has too.
    """

    graph: tuple[tuple[str, str], ...] = ()
    cells: dict[str, tuple[int, ...]] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)


def shape(run: Run, notebook: Mapping[str, Any]) -> Shape:
    """The shape of a run, given its output notebook."""
    pipeline = as_it_ran(run, notebook)
    cells = {
        step.name: tuple(cell.number for i in step.segments for cell in pipeline.segments[i].cells)
        for step in pipeline
    }
    ids = {
        str(cell.number): cell.id
        for segment in pipeline.segments
        for cell in segment.cells
        if cell.id and cell.index != run.added
    }
    return Shape(graph=pipeline.edges, cells=cells, ids=ids)


def as_it_ran(run: Run, notebook: Mapping[str, Any]) -> Pipeline:
    """A run's pipeline, given its output notebook; what was added when it failed is left out."""
    cells = [c for c in notebook["cells"] if MARKER not in c["metadata"].get("tags", ())]
    split = run.options.get("split")
    return draft({**notebook, "cells": cells}, split, added=run.added).pipeline
