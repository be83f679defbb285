"""Pipelines: what a notebook would run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlops_lab.compiler.compile import Draft, compile, draft
from mlops_lab.compiler.outlook import outlooks
from mlops_lab.compiler.suggest import Suggested, suggest
from mlops_lab.ir.options import Split
from mlops_lab.ir.pipeline import Pipeline
from mlops_lab.ir.plan import Decision, Plan


class Pipelines:
    """The pipelines that notebooks are."""

    def compile(self, notebook: Path, split: Split | None = None) -> Pipeline:
        """The notebook's pipeline. Raises NotFound; NotebookError with every problem."""
        from mlops_lab.notebook.read import read

        return compile(read(notebook), split, name=Path(notebook).stem)

    def draft(
        self, notebook: Path, split: Split | None = None, content: dict[str, Any] | None = None
    ) -> Draft:
        """The pipeline of a notebook that is being written, as far as it can be told.

        `content` is the notebook as it is edited, else the file counts. Raises NotFound;
        NotebookError where it is no notebook.
        """
        from mlops_lab.notebook.read import edited, read

        nb = read(notebook) if content is None else edited(content, notebook)
        return draft(nb, split, name=notebook.stem)

    def suggest(
        self, notebook: Path, content: dict[str, Any] | None = None
    ) -> tuple[Suggested, ...]:
        """The steps that an untagged notebook seems to have.

        `content` is the notebook as it is edited, else the file counts. Raises NotFound;
        NotebookError where it is no notebook.
        """
        from mlops_lab.notebook.read import edited, read

        return suggest(read(notebook) if content is None else edited(content, notebook))

    def bound(self, pipeline: Pipeline) -> dict[str, str]:
        """What keeps steps in the notebook's own kernel, as far as the code alone tells."""
        plan = Plan(pipeline=pipeline, decisions=(Decision(fate="run"),) * len(pipeline.segments))
        looks = outlooks(pipeline, plan, [[]] * len(pipeline.segments))
        found = ((step.name, looks[i]) for step in pipeline for i in step.segments)
        return {name: look.bound or look.home for name, look in found if look.bound or look.home}
