"""A run is seen through to its end: whatever becomes of it, all is saved and told."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Coroutine, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mlops_lab.errors import RunCancelled, RunFailed
from mlops_lab.execution.home import Home
from mlops_lab.execution.journal import Journal
from mlops_lab.execution.page import Page
from mlops_lab.ir.pipeline import Pipeline
from mlops_lab.records.events import KernelKept, RunFinished, Status
from mlops_lab.records.run import Run
from mlops_lab.services.interruption import Interruption


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What it takes to end a run well. `keep`: seconds that a failed step's kernel stays."""

    home: Home
    journal: Journal
    notes: Sequence[str]
    keep: float

    def see_through(self, work: Coroutine[Any, Any, None], interruption: Interruption) -> Run:
        """Let the run run, and leave everything saved whatever becomes of it.

        Raises RunFailed, RunCancelled, and whatever else ended it.
        """
        status: Status = "interrupted"
        error: BaseException | None = None
        page, folder = self.home.page, self.home.folder
        try:
            page.begin()
            _pass_over(page, self.home.job.pipeline)
            for note in self.notes:
                self.home.progress.note(note)
            folder.save(page.nb, now=True)
            interruption.run(work)
            status = "succeeded"
        except RunFailed as caught:
            status, error = "failed", caught
        except (asyncio.CancelledError, KeyboardInterrupt):
            status, error = "cancelled", RunCancelled("the run was cancelled")
        except BaseException as caught:
            status, error = "failed", caught
            raise
        finally:
            work.close()
            page.end()
            if isinstance(error, RunFailed):
                mark_failure(page.nb)
            with _told_in(self.journal, status, error):
                folder.save(page.nb, now=True)
                folder.close()
                if self.home.kept is not None and isinstance(error, RunFailed):
                    self.journal.tell(self._stays(error))
        if error is not None:
            raise error
        return self.journal.run

    def _stays(self, error: RunFailed) -> KernelKept:
        now, place = time.time(), str(self.home.job.keep)
        return KernelKept(at=now, step=error.step, connection=place, until=now + self.keep)


@contextlib.contextmanager
def _told_in(journal: Journal, status: Status, error: BaseException | None) -> Iterator[None]:
    """Write down how the run ended, whether or not the output can still be saved."""
    try:
        yield
    finally:
        now = time.time()
        seconds = now - journal.run.started
        said = str(error) if error else None
        journal.tell(RunFinished(at=now, status=status, seconds=seconds, error=said))
        journal.close()


def mark_failure(nb: Any) -> None:
    """Put papermill's markers around the cell that failed."""
    from papermill.exceptions import PapermillExecutionError
    from papermill.execute import raise_for_execution_errors

    with contextlib.suppress(PapermillExecutionError):
        raise_for_execution_errors(nb, None)


def _pass_over(page: Page, pipeline: Pipeline) -> None:
    ours = {cell.index for segment in pipeline.segments for cell in segment.cells}
    for index in range(len(page.nb.cells)):
        if index not in ours:
            page.passes_over(index)
