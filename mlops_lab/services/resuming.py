"""What a run keeps of its caller's options, and the options with which it is gone on with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from mlops_lab.ir.options import RunOptions
from mlops_lab.records.run import Run

_KEPT = ("split", "relax", "cache", "refresh", "upto", "since", "only", "kernel", "workers")


def to_keep(
    options: RunOptions, cwd: Path, out: Path | None, keep_failed: float = 0.0
) -> dict[str, Any]:
    """The options in JSON's types, with the folder and the output that the run really has.

    `keep_failed` is how many seconds the kernel of a failed step stays.
    """
    kept = {name: getattr(options, name) for name in _KEPT}
    kept |= {"cwd": str(cwd), "out": str(out.absolute()) if out else None}
    if keep_failed:
        kept["keep_failed"] = keep_failed
    return kept | {"refresh": list(options.refresh)}


def as_before(past: Run) -> RunOptions:
    """The options of a run, to go on with it."""
    said = {name: past.options[name] for name in _KEPT if name in past.options}
    said["refresh"] = tuple(said.get("refresh", ()))
    cwd = Path(past.options.get("cwd") or "")
    if past.options.get("cwd") and cwd.is_dir():
        said["cwd"] = cwd
    options = RunOptions(params=past.params, executor=past.executor, resume=past.run_id)
    return replace(options, **said)
