"""One tree for all that can go wrong.

    MlopsError                    exit 1, HTTP 500
    ├── UsageError                exit 2, HTTP 400   the call is wrong
    │   ├── NotebookError         exit 2, HTTP 422   the notebook is wrong; holds every problem
    │   ├── ParameterError        exit 2, HTTP 422   a parameter's name or value is wrong
    │   ├── ResourceError         exit 2, HTTP 409   no node can give what a step needs
    │   └── NotFound              exit 2, HTTP 404   no such run, step or notebook
    ├── RunFailed                 exit 1, HTTP 500   a step failed; names cell, step and error
    ├── RunCancelled              exit 130, HTTP 409 somebody stopped the run
    └── BackendError              exit 1, HTTP 503   Ray, a database or a kernel is not there

Each class knows its exit code and HTTP status, so a surface translates once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlops_lab.ir.problem import Problem


class MlopsError(Exception):
    """Something went wrong, and the message names it and the way out."""

    exit_code = 1
    http_status = 500


class UsageError(MlopsError):
    """The call is wrong."""

    exit_code = 2
    http_status = 400


class NotebookError(UsageError):
    """The notebook is wrong: `problems` holds every mistake, not only the first."""

    http_status = 422

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(tuple(problems))
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class ParameterError(UsageError):
    """A parameter's name or value is wrong."""

    http_status = 422


class ResourceError(UsageError):
    """No node can give what a step needs."""

    http_status = 409


class NotFound(UsageError):
    """There is no such run, step or notebook."""

    http_status = 404


class RunFailed(MlopsError):
    """A step failed.

    `cell` counts all the notebook's cells from 1; `traceback` holds the user's own frames, as the
    kernel printed them.
    """

    def __init__(
        self, *, step: str, cell: int | None, ename: str, evalue: str, traceback: str = ""
    ) -> None:
        super().__init__(step, cell, ename, evalue, traceback)
        self.step = step
        self.cell = cell
        self.ename = ename
        self.evalue = evalue
        self.traceback = traceback

    def __reduce__(self) -> tuple[object, ...]:
        return _run_failed, (self.step, self.cell, self.ename, self.evalue, self.traceback)

    def __str__(self) -> str:
        where = f"step '{self.step}'" + (f", cell {self.cell}" if self.cell else "")
        what = f"{self.ename}: {self.evalue}" if self.evalue else self.ename
        return f"{where} failed: {what}"


def _run_failed(step: str, cell: int | None, ename: str, evalue: str, traceback: str) -> RunFailed:
    return RunFailed(step=step, cell=cell, ename=ename, evalue=evalue, traceback=traceback)


class RunCancelled(MlopsError):
    """Somebody stopped the run."""

    exit_code = 130
    http_status = 409


class BackendError(MlopsError):
    """Something that a run stands on is not there: Ray, a database, a kernel."""

    http_status = 503
