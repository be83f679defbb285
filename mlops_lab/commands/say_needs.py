"""What a run needed and where it ran, in words."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_lab.commands.say import bytes_text, duration
from mlops_lab.records.needs import FileNeed, RunNeeds
from mlops_lab.records.run import Run
from mlops_lab.records.step import StepRecord

SURFACES = {
    "panel": "in JupyterLab",
    "cli": "in a shell",
    "magic": "with %mlops",
    "papermill": "with papermill",
    "schedule": "on a schedule",
}
MOST = 20
SHORT = 8


def needs_lines(run: Run, needs: RunNeeds) -> Iterator[str]:
    """Who ran it where, and what it needed, a line each."""
    for name, value in {**_place(run), **_needed(run, needs)}.items():
        if value:
            yield f"  {name:<10}  {value}"
    shown = needs.files[:MOST]
    for file in shown:
        yield f"  {'read':<10}  {_file(file)} in {', '.join(file.steps)}"
    if more := len(needs.files) - len(shown) + needs.more:
        yield f"  {'read':<10}  {more} more files (--json names {len(needs.files)})"
    for other in needs.outside[:MOST]:
        yield f"  {'outside':<10}  {other.name} in {', '.join(other.steps)}"


def step_needs(step: StepRecord, needs: RunNeeds) -> dict[str, str]:
    """What a step took and read, for its page."""
    files = [_file(file) for file in needs.files if step.name in file.steps]
    outside = [other.name for other in needs.outside if step.name in other.steps]
    return {
        "memory": f"{bytes_text(step.memory)} at most" if step.memory else "",
        "processor": duration(step.cpu) if step.cpu else "",
        "saved": f"{duration(step.saved)} by the cache" if step.saved else "",
        "files": ", ".join(files[:MOST] + (["…"] if len(files) > MOST else [])),
        "outside": ", ".join(outside),
        "packages": ", ".join(
            f"{name} {needs.packages[name]}" for name in needs.by_step.get(step.name, ())
        ),
    }


def _place(run: Run) -> dict[str, str]:
    where = f"{run.host} ({run.executor})" if run.host else ""
    commit = (
        run.git_commit[:7] + (" and changes" if run.git_dirty else "") if run.git_commit else ""
    )
    return {
        "started": " ".join(filter(None, (run.user, SURFACES.get(run.surface, "")))),
        "ran on": ", ".join(filter(None, (where, run.kernel and f"kernel {run.kernel}"))),
        "commit": commit,
    }


def _needed(run: Run, needs: RunNeeds) -> dict[str, str]:
    most = max(run.steps, key=lambda step: step.memory or 0, default=None)
    return {
        "saved": f"{duration(run.saved)} by the cache" if run.saved >= 0.05 else "",
        "memory": f"{bytes_text(most.memory)} at most, in {most.name}"
        if most and most.memory
        else "",
        "python": ", ".join(needs.python),
        "packages": ", ".join(f"{name} {version}" for name, version in needs.packages.items()),
        "variables": ", ".join(other.name for other in needs.variables),
    }


def _file(file: FileNeed) -> str:
    size = f" {bytes_text(file.size)}" if file.size is not None else ""
    return f"{file.path} {file.digest[:SHORT]}{size}"
