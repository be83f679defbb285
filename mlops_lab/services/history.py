"""What became of the runs: reads the records, and stops what still runs."""

from __future__ import annotations

import difflib
import json
import re
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from mlops_lab.backends.records.stop import kept_by, release, stop
from mlops_lab.errors import NotFound, UsageError
from mlops_lab.interfaces import Archive, Standing, Wish
from mlops_lab.records.diff import RunDiff, compare
from mlops_lab.records.events import Event, RunFinished, StepFinished
from mlops_lab.records.needs import RunNeeds, together
from mlops_lab.records.needsdiff import differing
from mlops_lab.records.run import Run, fold
from mlops_lab.records.step import StepRecord
from mlops_lab.services.code import Code, code, code_changes
from mlops_lab.services.printed import Part, printed
from mlops_lab.services.shape import Shape, shape

_ID = re.compile(r"\w[\w-]{0,79}")


class History:
    """What became of the runs of the project at `root`.

    `reap` is called before anything is read, to write down which drivers died without a word.
    """

    def __init__(
        self, records: Archive, root: Path, reap: Callable[[], object] = lambda: None
    ) -> None:
        self._records = records
        self._root = root
        self._reap = reap

    def list(self, notebook: str | None = None, limit: int | None = None) -> Sequence[Run]:
        """The runs, the newest first."""
        self._reap()
        return self._records.runs(notebook, limit)

    def page(self, wish: Wish) -> tuple[Sequence[Run], int]:
        """Some of the runs that are wished for, the newest first, and how many there are."""
        self._reap()
        return self._records.page(wish)

    def exactly(self, run_id: str) -> tuple[int, Run]:
        """The run of that very id, and the number of its last event. Raises NotFound."""
        events = self._records.read(run_id)
        run = fold((event for _, event in events), run_id)
        if not run.started:
            raise _no_such(run_id)
        return events[-1][0], run

    def check(self, run_id: str) -> None:
        """Raises NotFound where there is no run of that very id."""
        if run_id not in self._records.standing([run_id]):
            raise _no_such(run_id)

    def since(self, run_id: str, after: int) -> Sequence[tuple[int, Event]]:
        """What happened in a run behind the event of that number."""
        return self._records.read(run_id, after)

    def standing(self, ids: Iterable[str] = (), since: float | None = None) -> dict[str, Standing]:
        """Where the runs stand that still run, that are named, or that began since then."""
        return self._records.standing(ids, since)

    def notice_deaths(self) -> None:
        """Write down which drivers died without a word."""
        self._reap()

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

    def needs(self, run: Run) -> RunNeeds:
        """What the run needed: the events keep it, whatever the cache forgets."""
        events = (event for _, event in self._records.read(run.run_id))
        done = (event for event in events if isinstance(event, StepFinished))
        return together((event.step, event.needs) for event in done if event.needs is not None)

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
        folder = self._folder(run.run_id) / "logs"
        return _lines([folder / f"{name}.log" for name in names if step in {None, name}])

    def printed(self, run_id: str, step: str, after: int = 0) -> Part:
        """What a step of a run printed behind a byte of its log."""
        return printed(self._folder(run_id), step, after)

    def output(self, run: Run) -> dict[str, Any]:
        """The output notebook of a run, as JSON. Raises NotFound where it is gone."""
        path = self._root / run.output
        try:
            notebook = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise NotFound(
                f"the output of run {run.run_id} can't be read: {reason} ({path})"
            ) from None
        return dict(notebook)

    def shape(self, run: Run) -> Shape:
        """How the run's steps hang together; nothing is known where its output is gone."""
        try:
            return shape(run, self.output(run))
        except (NotFound, KeyError, TypeError):
            return Shape()

    def forget(self, run_id: str) -> None:
        """Forget a run, its output, its logs, a kernel that it keeps; what it cached stays.

        Raises NotFound; UsageError where it still goes on.
        """
        self._reap()
        self.check(run_id)
        run = self._recorded(run_id)
        if self.keeps(run) is not None:
            release(run)
        if not self._records.remove(run_id):
            raise UsageError(f"run {run_id} is still going on; cancel it first")
        shutil.rmtree(self._folder(run_id), ignore_errors=True)

    def diff(self, a: str, b: str = "last") -> RunDiff:
        """How run `b` differs from run `a`: what each was given and needed, what came of it."""
        one, two = self.show(a), self.show(b)
        needs = differing(self.needs(one), self.needs(two))
        codes = {run.run_id: self._code(run) for run in (one, two)}
        unread = tuple(run_id for run_id, found in codes.items() if found is None)
        changes = {} if unread else code_changes(codes[one.run_id] or {}, codes[two.run_id] or {})
        return compare(one, two, changes, needs, unread)

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

    def _folder(self, run_id: str) -> Path:
        if not _ID.fullmatch(run_id):
            raise NotFound(f"no run {run_id!r:.100}")
        return self._root / ".mlops" / "runs" / run_id

    def kept(self, run_id: str = "last") -> Path | None:
        """The connection file of the kernel that a run keeps; None where it keeps none now."""
        return self.keeps(self.show(run_id))

    def keeps(self, run: Run) -> Path | None:
        """Where the kernel of the failed step can be reached, while it is kept here."""
        return Path(run.kept) if run.kept and kept_by(run) is not None else None

    def release(self, run_id: str) -> Run:
        """End the kernel that a run keeps. Raises UsageError where it keeps none here."""
        run = self.show(run_id)
        release(run)
        Path(str(run.kept)).unlink(missing_ok=True)
        return run

    def _recorded(self, run_id: str) -> Run:
        return fold((event for _, event in self._records.read(run_id)), run_id)

    def _code(self, run: Run) -> Code | None:
        """The code of each step, as the run's output notebook holds it; None where it is gone."""
        try:
            return code(run, self.output(run))
        except (NotFound, KeyError, TypeError):
            return None


def _lines(files: list[Path]) -> Iterator[str]:
    for path in files:
        # A step that printed nothing, or came from the cache, has no file.
        if path.is_file():
            with path.open(encoding="utf-8", errors="replace") as lines:
                yield from lines


def _no_such(run_id: str) -> NotFound:
    return NotFound(f"no run '{run_id:.100}'; it may have been deleted")


def _not_one(wanted: str, chosen: list[str], known: list[str]) -> NotFound:
    if len(chosen) > 1:
        return NotFound(f"'{wanted}' begins {len(chosen)} runs: {', '.join(chosen[:5])}; say more")
    near = difflib.get_close_matches(wanted, known, n=3, cutoff=0.5) or known[:3]
    if not near:
        return NotFound(f"no run '{wanted}': none is recorded yet; `mlops run NOTEBOOK` makes one")
    return NotFound(f"no run '{wanted}'; near are: {', '.join(near)} (`mlops runs list` has all)")
