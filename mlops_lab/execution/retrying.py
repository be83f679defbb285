"""Whether a step that failed is tried again, or ends the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mlops_lab.errors import RunFailed
from mlops_lab.execution.attempt import CellFailed
from mlops_lab.execution.job import Job
from mlops_lab.execution.progress import Progress


class Retries:
    """Counts each segment's attempts against what its step is allowed."""

    def __init__(self, job: Job, progress: Progress) -> None:
        self._segments = job.pipeline.segments
        self._allowed = [policy.retries for policy in job.pipeline.policies()]
        self._failed: dict[int, int] = {}
        self._progress = progress

    def attempt(self, index: int) -> int:
        """Which attempt the next one is, from 1."""
        return self._failed.get(index, 0) + 1

    def left(self, index: int) -> bool:
        """Whether there may be another after this one."""
        return self.attempt(index) <= self._allowed[index]

    def again(
        self,
        index: int,
        failure: CellFailed,
        obstacle: str = "",
        used: Mapping[str, float] | None = None,
    ) -> None:
        """Count a failure; raises RunFailed where it was the last, or something is against more.

        `used` is what the attempt took of memory and processor time, where that is known.
        """
        name, attempt = self._segments[index].name, self.attempt(index)
        obstacle = obstacle or acted(failure.acts)
        if self.left(index) and not obstacle:
            self._failed[index] = attempt
            self._progress.note(
                f"step '{name}' failed ({failure.ename}); attempt {attempt + 1} of "
                f"{self._allowed[index] + 1}, in a fresh kernel",
                name,
            )
            return
        said = f" (not tried again: {obstacle})" if self.left(index) else ""
        error = RunFailed(
            step=name,
            cell=failure.cell,
            ename=failure.ename,
            evalue=failure.evalue + said,
            traceback=failure.traceback,
        )
        self._progress.failed(index, attempt, error, used)
        raise error


def acted(acts: Sequence[str]) -> str:
    """Why a step that has acted is not tried again; empty where it has not."""
    return f"it has acted on the outside: {', '.join(acts[:3])}" if acts else ""
