"""What the caller asked for → which segments must run, and which are left out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from mlops_lab.ir.options import RunOptions
from mlops_lab.ir.pipeline import Pipeline
from mlops_lab.ir.plan import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Segments by index: those that must run, and why; those that are left out."""

    forced: Mapping[int, Reason]
    left_out: Collection[int]


def wanted(pipeline: Pipeline, options: RunOptions, finished: Collection[str] = ()) -> Wanted:
    """What the caller's options mean for this pipeline. Raises NotFound, naming the steps.

    `finished` are steps that a resumed run has finished: they need not run once more.
    """
    forced: dict[int, Reason] = {}
    for name in options.refresh:
        reason = Reason(kind="forced", what="asked for by --refresh")
        forced |= dict.fromkeys(pipeline.step(name).segments, reason)
    count = len(pipeline.segments)
    last = count
    if options.since is not None:
        first = pipeline.step(options.since).segments[0]
        reason = Reason(kind="forced", what=f"asked for by --from {options.since}")
        forced |= dict.fromkeys(range(first, count), reason)
    if options.only is not None:
        own = pipeline.step(options.only).segments
        forced |= dict.fromkeys(own, Reason(kind="forced", what="asked for by --only"))
        last = own[-1] + 1
    if options.upto is not None:
        last = pipeline.step(options.upto).segments[-1] + 1
    done = {index for step in pipeline if step.name in finished for index in step.segments}
    return Wanted(
        forced={index: reason for index, reason in forced.items() if index not in done},
        left_out=range(last, count),
    )
