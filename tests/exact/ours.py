"""The engine under test: a row's notebook, run as a pipeline with a step for each cell."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat

from mlops_lab.errors import RunFailed
from mlops_lab.execution.tactics import Tactics
from mlops_lab.ir.options import RunOptions
from mlops_lab.records.run import Run

from .oracle import Seen, notebook, seen
from .rows import Row

NOTEBOOK = "row.ipynb"


def ours(
    row: Row,
    folder: Path,
    refresh: tuple[str, ...] = (),
    *,
    workers: int = 1,
    tactics: Tactics | None = None,
    executor: str = "local",
) -> tuple[Seen, Run]:
    """What a run in this folder shows, whose files are first made what they were at the start.

    The steps named in `refresh` run; the others may be adopted from the cache. With `tactics`
    scouts are sent from the first moment on, as those say.
    """
    from mlops_lab.workbench import Workbench

    _restore(row, folder)
    bench = Workbench.open(folder)
    if tactics is not None:
        bench.runs.tactics = {"tactics": tactics, "patience": 0.0, "spare": False}
    options = RunOptions(split="cells", refresh=refresh, workers=workers, executor=executor)
    try:
        run = bench.runs.run(folder / NOTEBOOK, out=None, options=options)
    except RunFailed:
        run = bench.history.list(limit=1)[0]
    return seen(nbformat.read(folder / run.output, as_version=4), folder), run


def _restore(row: Row, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        if path.name in (".mlops", "mlops.toml"):
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    row.lay_out(folder)
    (folder / "mlops.toml").write_text('tracking = "off"\n')
    nbformat.write(notebook(row), folder / NOTEBOOK)
