"""Routes for the word pipeline: what a notebook would run."""

from __future__ import annotations

from typing import Any

from jupyter_core.utils import ensure_async

from mlops_lab.compiler.compile import Draft
from mlops_lab.compiler.show import as_json
from mlops_lab.errors import NotebookError, UsageError
from mlops_lab.ir.problem import Problem
from mlops_lab.server.adapters import from_data
from mlops_lab.server.bodies import (
    Compiled,
    CompileRequest,
    Defaults,
    Explained,
    PipelineView,
    RunRequest,
    Suggestion,
    SuggestRequest,
)
from mlops_lab.server.places import Place
from mlops_lab.server.route import PIPELINE, RUNS, Route, may
from mlops_lab.server.words import run_words
from mlops_lab.services.executors import executor_names
from mlops_lab.services.pipeline import Pipelines
from mlops_lab.settings import Settings, read_settings


class Compile(Route):
    """A notebook's pipeline, and all that is wrong with it, while it is being written."""

    @may("read", PIPELINE)
    async def post(self) -> None:
        """Compile it."""
        said = self.body(CompileRequest)
        place = self.place(said.path)
        self.answer(await self.work(compiled, place, said))
        if place.file.is_file() and await self._may_run():
            self.site.drivers.expect(place.file)

    async def _may_run(self) -> bool:
        """Whether she who looks may run it too: for her a driver is kept ready."""
        may = self.authorizer.is_authorized(self, self.current_user, "execute", RUNS)
        return bool(await ensure_async(may))


class Suggest(Route):
    """The steps that a notebook without tags seems to have."""

    @may("read", PIPELINE)
    async def post(self) -> None:
        """Propose them."""
        said = self.body(SuggestRequest)
        place = self.place(said.path)
        steps = await self.work(Pipelines().suggest, place.file, said.notebook)
        self.answer(Suggestion(steps=steps))


class Explain(Route):
    """What would run, and why."""

    @may("read", PIPELINE)
    async def post(self) -> None:
        """Explain the notebook as saved."""
        said = self.body(RunRequest)
        place = self.place(said.path)
        words = (*run_words(place.notebook(), said.options), "--explain")
        told = await self.site.drivers.ask(words, place.file.parent)
        self.answer(await self.work(explained, told))


def compiled(place: Place, said: CompileRequest) -> Compiled:
    """The notebook at a place, compiled as it is edited. Raises NotFound."""
    settings, problems = _settings(place)
    pipelines = Pipelines()
    try:
        found: Draft | None = pipelines.draft(
            place.file, said.split or settings.split, said.notebook
        )
    except NotebookError as error:
        found = None
        problems += error.problems
    view = None
    if found is not None:
        bound = pipelines.bound(found.pipeline)
        view = from_data(PipelineView, _view(as_json(found.pipeline, bound)))
        problems += found.problems
    return Compiled(
        pipeline=view,
        problems=tuple(problems),
        split=found.split if found else None,
        defaults=Defaults(
            executor=settings.executor,
            split=settings.split,
            workers=settings.workers,
            keep_failed=settings.keep_failed,
        ),
        project=place.project,
        executors=executor_names(),
    )


def explained(told: dict[str, Any]) -> Explained:
    """What `mlops run --explain` says, with how long it would take."""
    took = [step["seconds"] for step in told["steps"] if step["fate"] in {"run", "may-run"}]
    known = None if None in took else sum(took)
    return from_data(Explained, told | {"seconds": known})


def _settings(place: Place) -> tuple[Settings, list[Problem]]:
    """The project's settings; where they are wrong that is one problem more, and no end."""
    try:
        return read_settings(place.root), []
    except UsageError as error:
        return Settings(), [Problem(message=str(error))]


def _view(body: dict[str, Any]) -> dict[str, Any]:
    steps = [
        step | {"reads": [{"name": read["name"], "source": read["from"]} for read in step["reads"]]}
        for step in body["steps"]
    ]
    return body | {"steps": steps}
