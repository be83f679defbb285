"""A notebook and its caller's options, seen against what is remembered: what would run, and why."""

from __future__ import annotations

import os
from collections.abc import Collection
from functools import cached_property
from pathlib import Path
from typing import Any

from mlops_lab.backends.executors.kernelspec import command_of
from mlops_lab.execution.guest.store import Store, project_key
from mlops_lab.execution.world import Here
from mlops_lab.ir.options import RunOptions
from mlops_lab.ir.plan import Plan
from mlops_lab.records.run import Run
from mlops_lab.services.remembering import Remembering
from mlops_lab.services.source import Source
from mlops_lab.services.wishes import Wanted, wanted


class Prospect:
    """What may become of a source in the project at `root`; `past` is the run to go on from.

    Raises NotFound where the options name a step that the notebook hasn't.
    """

    def __init__(
        self, root: Path, records: Any, source: Source, options: RunOptions, past: Run | None = None
    ) -> None:
        self.source = source
        self.options = options
        self._records = records
        self._root = root
        steps = past.steps if past else ()
        finished = [step.name for step in steps if step.status == "succeeded"]
        self.wish: Wanted = wanted(source.pipeline, options, finished)
        self.trusted: Collection[str] = {entry for step in steps for entry in step.entries}

    @cached_property
    def store(self) -> Store:
        """The project's artifacts."""
        folder = self._root / ".mlops"
        return Store(folder / "artifacts", project_key(folder))

    @cached_property
    def world(self) -> Here:
        """This machine, as the notebook's kernel would find it."""
        argv = command_of(self.options.kernel or self.source.pipeline.kernel)
        return Here(self._root, self.store, argv, os.environ)

    @cached_property
    def judge(self) -> Remembering:
        """Who decides, from all that is remembered if the cache is on."""
        return self._judge(cache=self.options.cache)

    def plan(self) -> Plan:
        """What would run, and why."""
        return self.judge.plan(self.wish.forced, self.trusted)

    def producers_that_act(self) -> list[str]:
        """A line for each segment that has to run before the wanted ones and is known to act.

        They make what the wanted steps read; the user did not ask for them.
        """
        lines = []
        memory = self.judge if self.options.cache else self._judge(cache=True)
        plan = memory.plan(self.wish.forced, self.trusted)
        for index, decision in enumerate(plan.decisions):
            asked = any(reason.kind == "forced" for reason in decision.why)
            entry = memory.entry(index, decision.entry)
            if decision.fate == "run" and not asked and entry is not None:
                acts = [*entry.outside, *(f"writes {path}" for path in entry.files_written)]
                if acts:
                    name = self.source.pipeline.segments[index].name
                    what = ", ".join(acts[:3])
                    lines.append(f"'{name}' has to run first, and acts outside: {what}")
        return lines

    def _judge(self, *, cache: bool) -> Remembering:
        pipeline = self.source.pipeline
        past = self._records.runs(self.source.identity(self._root), 1)
        return Remembering(
            pipeline,
            self.world,
            self._records if cache and pipeline.python else None,
            self.wish.left_out,
            [step.name for run in past for step in run.steps if step.entries],
        )
