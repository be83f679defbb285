"""A step that runs apart from home for its resources, and what can't go between the two."""

from __future__ import annotations

from dataclasses import replace

from mlops_lab.errors import ResourceError
from mlops_lab.execution.moves import View
from mlops_lab.execution.progress import Progress
from mlops_lab.ir.step import Segment
from mlops_lab.records.entry import Entry
from mlops_lab.records.versions import PROCESS


def check_reads(segment: Segment, view: View) -> None:
    """Raise ResourceError where the segment reads what lives in home's kernel only."""
    for name in sorted(view.reads(segment)):
        version = view.versions.names.get(name)
        if version is not None and version.live and not name.startswith("@"):
            raise obstacle(segment.name, f"reads '{name}' ({version.live})")


def obstacle(step: str, what: str) -> ResourceError:
    """Why a step can't run apart from home, and the way out."""
    return ResourceError(
        f"step '{step}' runs in a worker of its own for its resources and {what}, which can't "
        f"travel between kernels. Make it where it is used, in step '{step}', or run with "
        "--workers 1, where one worker holds all resources"
    )


def without_process(step: str, entry: Entry, progress: Progress) -> Entry:
    """The entry without what the step did to its worker's process: home has not seen that."""
    for version in entry.writes:
        if PROCESS in version.names:
            said = (
                f"step '{step}' changes {version.live} in its own worker; steps below don't see it"
            )
            progress.note(said, step)
    kept = tuple(version for version in entry.writes if PROCESS not in version.names)
    return replace(entry, writes=kept)
