"""What became of the runs: reads the records, and stops what still runs."""

from __future__ import annotations

import difflib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from mlops_lab.backends.records.stop import stop
from mlops_lab.errors import NotFound
from mlops_lab.interfaces import EventLog
from mlops_lab.records.diff import RunDiff, code_by_step, compare
from mlops_lab.records.events import RunFinished
from mlops_lab.records.run import Run, fold
from mlops_lab.records.step import StepRecord


class History:
    """What became of the runs of the project at `root`.

    `reap` is called before anything is read, to write down which drivers died without a word.
    """

    def __init__(
        self, records: EventLog, root: Path, reap: Callable[[], object] = lambda: None
    ) -> None:
        self._records = records
        self._root = root
        self._reap = reap

    def list(self, notebook: str | None = None, limit: int | None = None) -> Sequence[Run]:
        """The runs, the newest first."""
        self._reap()
        return self._records.runs(notebook, limit)

    def show(self, run_id: str = "last") -> Run:
        """The run of that id, of the only id that begins so, or the `last` one.

        Raises NotFound with the ids that come near.
        """
        self._reap()
        if run_id == "last":
            newest = self._records.runs(limit=1)
            if not newest:
                raise NotFound("no run is recorded yet; `mlops run NOTEBOOK` makes one")
            return newest[0]
        if (run := self._recorded(run_id)).started:
            return run
        runs = self._records.runs()
        chosen = [run for run in runs if run_id and run.run_id.startswith(run_id)]
        if len(chosen) == 1:
            return chosen[0]
        raise _not_one(run_id, [run.run_id for run in chosen], [run.run_id for run in runs])

    def step(self, run: Run, name: str) -> StepRecord:
        """The step of that name. Raises NotFound where the run has none."""
        for record in run.steps:
            if record.name == name:
                return record
        names = ", ".join(record.name for record in run.steps) or "none"
        raise NotFound(f"no step '{name}' in run {run.run_id}; its steps are: {names}")

    def logs(self, run_id: str = "last", step: str | None = None) -> Iterator[str]:
        """The lines that a run's steps printed, in the steps' order; of one step if it is named.

        Raises NotFound where there is no such run or step.
        """
        run = self.show(run_id)
        if step is not None:
            self.step(run, step)
        names = [record.name for record in run.steps]
        folder = self._root / ".mlops" / "runs" / run.run_id / "logs"
        return _lines([folder / f"{name}.log" for name in names if step in {None, name}])

    def diff(self, a: str, b: str = "last") -> RunDiff:
        """How run `b` differs from run `a`: parameters, metrics, and what became of the steps."""
        one, two = self.show(a), self.show(b)
        return compare(one, two, self._code(one), self._code(two))

    def cancel(self, run_id: str) -> Run:
        """Stop a run as Ctrl-C would; what is left of it after nine seconds is killed.

        Raises UsageError where it isn't running, or not on this machine.
        """
        run = self.show(run_id)
        stop(run)
        # Not `show`, which would find the driver dead and not know that it was asked to be.
        ended = self._recorded(run.run_id)
        if ended.status == "running":
            now = time.time()
            error = "it did not stop by itself and was killed"
            last = RunFinished(at=now, status="cancelled", seconds=now - run.started, error=error)
            self._records.append(run.run_id, [last])
            ended = self._recorded(run.run_id)
        return ended

    def _recorded(self, run_id: str) -> Run:
        return fold((event for _, event in self._records.read(run_id)), run_id)

    def _code(self, run: Run) -> dict[str, str]:
        """The code of each step, as the run's output notebook holds it."""
        path = self._root / run.output if run.output else None
        try:
            notebook = json.loads(path.read_text(encoding="utf-8")) if path else {}
        except (OSError, ValueError):
            return {}
        return code_by_step(notebook)


def _lines(files: list[Path]) -> Iterator[str]:
    for path in files:
        # A step that printed nothing, or came from the cache, has no file.
        if path.is_file():
            with path.open(encoding="utf-8", errors="replace") as lines:
                yield from lines


def _not_one(wanted: str, chosen: list[str], known: list[str]) -> NotFound:
    if len(chosen) > 1:
        return NotFound(f"'{wanted}' begins {len(chosen)} runs: {', '.join(chosen[:5])}; say more")
    near = difflib.get_close_matches(wanted, known, n=3, cutoff=0.5) or known[:3]
    if not near:
        return NotFound(f"no run '{wanted}': none is recorded yet; `mlops run NOTEBOOK` makes one")
    return NotFound(f"no run '{wanted}'; near are: {', '.join(near)} (`mlops runs list` has all)")
