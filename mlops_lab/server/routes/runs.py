"""Routes for the word runs: what has run, and what does."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from mlops_lab.backends.tracking.pages import pages_of
from mlops_lab.errors import NotFound, UsageError
from mlops_lab.interfaces import Wish
from mlops_lab.records.run import Run
from mlops_lab.records.timeline import timeline
from mlops_lab.server.bodies import LogPart, RunList, RunRequest, RunStartedView, RunView
from mlops_lab.server.places import Place
from mlops_lab.server.route import RUNS, Route, may
from mlops_lab.server.site import Site
from mlops_lab.server.words import again, run_words

PAGE = 100
LONGEST_PAGE = 1000
PATIENCE = 1.0
"""Seconds in which a cancelled run may end before it is answered that it will."""


class Runs(Route):
    """The runs of a project, or of one notebook; and one more."""

    @may("read", RUNS)
    async def get(self) -> None:
        """List them, the newest first."""
        place = self.place(self.word("path", ""))
        status = self.word("status", "")
        wish = Wish(
            notebook=place.identity if self.word("notebook", "0") in {"1", "true"} else None,
            search=self.word("search", ""),
            status=tuple(word for word in status.split(",") if word),
            offset=self.number("offset", 0),
            limit=self.number("limit", PAGE, LONGEST_PAGE),
        )
        self.answer(await self.work(listed, self.site, place, wish))

    @may("execute", RUNS)
    async def post(self) -> None:
        """Run a notebook."""
        said = self.body(RunRequest)
        place = self.place(said.path)
        words, executor = run_words(place.notebook(), said.options), said.options.executor
        run = await started(self.site, place.root, words, place.file.parent, executor)
        self.answer(run, status=202)


class OneRun(Route):
    """Everything about one run."""

    @may("read", RUNS)
    async def get(self, run_id: str) -> None:
        """Show it."""
        self.answer(await self.work(shown, self.site, self.place(), run_id))

    @may("write", RUNS)
    async def delete(self, run_id: str) -> None:
        """Forget it, and its output."""
        history = await self.work(self.site.projects.history, self.place().root)
        await self.work(history.forget, run_id)
        self.set_status(204)
        self.finish()


class Cancel(Route):
    """The end of a run that goes on."""

    @may("execute", RUNS)
    async def post(self, run_id: str) -> None:
        """Stop it, and every process that it started."""
        history = await self.work(self.site.projects.history, self.place().root)
        await self.work(history.check, run_id)
        ending = asyncio.create_task(self.work(history.cancel, run_id))
        _ENDING.add(ending)
        ending.add_done_callback(_ENDING.discard)
        done, _ = await asyncio.wait([ending], timeout=PATIENCE)
        for task in done:
            task.result()
        self.answer(RunStartedView(run_id=run_id), status=202)


_ENDING: set[asyncio.Task[Run]] = set()
"""Runs that are still being ended; a task that nobody holds may be forgotten."""


class Resume(Route):
    """More of a run that has stopped."""

    @may("execute", RUNS)
    async def post(self, run_id: str) -> None:
        """Go on with it from its finished steps."""
        place = self.place()
        history = await self.work(self.site.projects.history, place.root)
        _, past = await self.work(history.exactly, run_id)
        words = ("runs", "resume", run_id)
        run = await started(self.site, place.root, words, place.root, past.executor)
        self.answer(run, status=202)


class Again(Route):
    """A run once more."""

    @may("execute", RUNS)
    async def post(self, run_id: str) -> None:
        """Run its notebook as it is now, with the options that the run had."""
        place = self.place()
        history = await self.work(self.site.projects.history, place.root)
        _, run = await self.work(history.exactly, run_id)
        if "://" in run.notebook:
            raise UsageError(f"{run.notebook} is not on this machine; run it from a shell")
        notebook = place.root / run.notebook
        words = run_words(notebook, again(run))
        new = await started(self.site, place.root, words, notebook.parent, run.executor)
        self.answer(new, status=202)


class Log(Route):
    """What a step of a run printed."""

    @may("read", RUNS)
    async def get(self, run_id: str) -> None:
        """Read it from a byte on."""
        history = await self.work(self.site.projects.history, self.place().root)
        await self.work(history.check, run_id)
        step, after = self.word("step"), self.number("after", 0)
        part = await self.work(history.printed, run_id, step, after)
        self.answer(LogPart(text=part.text, after=part.after))


class Output(Route):
    """The output notebook of a run."""

    @may("read", RUNS)
    async def get(self, run_id: str) -> None:
        """Read it."""
        history = await self.work(self.site.projects.history, self.place().root)
        _, run = await self.work(history.exactly, run_id)
        self.answer(await self.work(history.output, run))


class Diff(Route):
    """How a run differs from another."""

    @may("read", RUNS)
    async def get(self, run_id: str, other: str) -> None:
        """Compare them."""
        history = await self.work(self.site.projects.history, self.place().root)
        for one in (run_id, other):
            await self.work(history.check, one)
        self.answer(await self.work(history.diff, run_id, other))


def listed(site: Site, place: Place, wish: Wish) -> RunList:
    """The runs that are wished for, as they are told."""
    history = site.projects.recorded(place.root)
    if history is None:
        return RunList(runs=(), total=0)
    runs, total = history.page(wish)
    return RunList(runs=tuple(site.projects.head(place.root, run) for run in runs), total=total)


def shown(site: Site, place: Place, run_id: str) -> RunView:
    """Everything about one run. Raises NotFound."""
    history = site.projects.history(place.root)
    history.notice_deaths()
    seq, run = history.exactly(run_id)
    shape = history.shape(run)
    kernel = history.keeps(run)
    out = run.options.get("out")
    return RunView(
        head=site.projects.head(place.root, run),
        steps=run.steps,
        notes=run.notes,
        graph=shape.graph,
        cells=shape.cells,
        ids=shape.ids,
        timeline=timeline(run),
        needs=history.needs(run),
        spec=run.kernel,
        options=run.options,
        output=site.places.below(Path(out)) if out else None,
        kernel=str(kernel) if kernel else None,
        tracked_at=pages_of(place.root, run.run_id),
        seq=seq,
    )


async def started(
    site: Site, root: Path, words: Sequence[str], cwd: Path, executor: str | None
) -> RunStartedView:
    """A run that has begun, and can be asked about. Raises what kept it from beginning."""
    if not cwd.is_dir():
        raise NotFound(f"no folder '{cwd}'")
    # Its beginning is committed before it is told.
    run_id = await site.drivers.run(words, cwd, executor)
    site.projects.watch(root).look()
    return RunStartedView(run_id=run_id)
