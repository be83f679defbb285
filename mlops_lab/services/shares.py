"""What a run's kernels may take: what home holds, and how far scouts may go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlops_lab.execution.fit import grant, share
from mlops_lab.execution.job import Scouting
from mlops_lab.interfaces import Executor
from mlops_lab.ir.options import RunOptions
from mlops_lab.ir.pipeline import Pipeline
from mlops_lab.ir.step import Resources
from mlops_lab.settings import Settings


def shares(
    pipeline: Pipeline,
    options: RunOptions,
    settings: Settings,
    executor: Executor,
    tactics: Mapping[str, Any],
) -> tuple[Resources, Scouting | None, Sequence[str]]:
    """What home holds, how far scouts may go, and notes on what is relaxed.

    Raises ResourceError where no node can give what a step needs.
    """
    offer = executor.offer()
    relax = options.relax if options.relax is not None else offer.shared
    workers = options.workers or settings.workers
    if workers is None:  # with the cache off nothing is stored, which scouts would need
        cores = int(sum(node.cpus for node in offer.nodes))
        workers = max(1, cores) if options.cache else 1
    if workers == 1 or not pipeline.python:
        held, notes = grant(pipeline.steps, offer, relax=relax, executor=executor.name)
        return held, None, notes
    found = share(pipeline.steps, offer, relax=relax, executor=executor.name)
    segments = {i: step.name for step in pipeline.steps for i in step.segments}
    scouting = Scouting(
        workers=workers,
        offer=offer,
        needs={i: found.steps[name] for i, name in segments.items() if name in found.steps},
        lacking=[i for i, name in segments.items() if name in found.lacking],
        memory=settings.scout_memory,
        **tactics,
    )
    return found.home, scouting, found.notes
