"""To run a notebook, to explain what would run, to go on from where a run stopped."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.metadata
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil

from mlops_lab.backends.tracking import background
from mlops_lab.backends.tracking.mlflow import experiment_name, tracking_uri
from mlops_lab.errors import NotFound, RunCancelled, RunFailed, UsageError
from mlops_lab.execution.fit import grant
from mlops_lab.execution.folder import RunFolder
from mlops_lab.execution.guest.store import Store, project_key
from mlops_lab.execution.home import Home, Job
from mlops_lab.execution.journal import Journal
from mlops_lab.execution.page import Page
from mlops_lab.execution.progress import Progress
from mlops_lab.execution.world import Here
from mlops_lab.interfaces import EventLog, Executor, Launch, Ledger
from mlops_lab.ir.options import RunOptions
from mlops_lab.ir.pipeline import Pipeline
from mlops_lab.ir.plan import Plan, Reason
from mlops_lab.records.events import Event, RunFinished, RunStarted, Status
from mlops_lab.records.run import Run
from mlops_lab.services.git import commit_of
from mlops_lab.services.remembering import Remembering
from mlops_lab.services.sealed import code_with_secrets, secret_values
from mlops_lab.services.source import Source, prepare
from mlops_lab.settings import Settings

Records = Callable[[], Any]


class Runs:
    """The runs of the project at `root`. `records` opens where events and the cache are kept."""

    def __init__(self, root: Path, records: Records, settings: Settings | None = None) -> None:
        self.root = root
        self._records = records
        self._settings = settings or Settings()

    def run(
        self,
        notebook: Path | str,
        out: Path | str | None = None,
        options: RunOptions | None = None,
        listen: Callable[[Event], None] | None = None,
    ) -> Run:
        """Run a notebook; its output goes to the run's folder, and to `out` too.

        `listen` is told each event as it happens. Raises NotebookError, ParameterError and
        ResourceError before anything runs; RunFailed and RunCancelled when all is saved.
        """
        options = options or RunOptions()
        source = prepare(notebook, options)
        return self.execute(source, out, options, listen)

    def explain(self, notebook: Path | str, options: RunOptions | None = None) -> Plan:
        """What would run, and why."""
        options = options or RunOptions()
        source = prepare(notebook, options)
        store = self._store()
        ledger = self._records() if options.cache else None
        judge = self._judge(source, options, store, ledger)
        wish = _wish(source.pipeline, options)
        return judge.plan(wish.forced, self._trusted(options))

    def resume(self, run_id: str, listen: Callable[[Event], None] | None = None) -> Run:
        """Run the notebook of a run again; what that run finished counts, whatever its policy."""
        past = self._find(run_id)
        if past.status == "running":
            raise UsageError(f"run {past.run_id} is still going on; cancel it first")
        options = RunOptions(params=past.params, executor=past.executor, resume=past.run_id)
        return self.run(self.root / past.notebook, None, options, listen)

    def execute(
        self,
        source: Source,
        out: Path | str | None,
        options: RunOptions,
        listen: Callable[[Event], None] | None = None,
    ) -> Run:
        """Run a notebook that is read, parameterized and compiled."""
        run_id = _new_id()
        path = self.root / ".mlops" / "runs" / run_id
        commit = commit_of(self.root)
        executor = find_executor(options.executor)
        steps = source.pipeline.steps
        relax = options.relax if options.relax is not None else executor.name == "local"
        resources, relaxed = grant(steps, executor.offer(), relax=relax, executor=executor.name)
        folder = RunFolder(path, source.file_name, Path(out) if out is not None else None)
        journal = Journal(self._records(), run_id, listen)
        progress = Progress(source.pipeline, journal.tell)
        store = self._store()
        launch = Launch(
            kernel=options.kernel or source.pipeline.kernel,
            cwd=source.cwd,
            env={"MLOPS_RUN_ID": run_id},
            resources=resources,
        )
        job = self._job(run_id, source, options, executor, launch, store, folder)
        page = Page(source.nb)
        page.begin()
        _pass_over(page, source.pipeline)
        started = RunStarted(
            at=time.time(),
            run_id=run_id,
            notebook=source.identity(self.root),
            output=str(folder.notebook),
            executor=executor.name,
            params=dict(source.params),
            steps=tuple(step.name for step in steps),
            host=socket.gethostname(),
            pid=os.getpid(),
            pid_started=psutil.Process().create_time(),
            git_commit=commit.id if commit else None,
            git_dirty=commit.dirty if commit else None,
            resumed=options.resume,
        )
        journal.tell(started)
        for note in (*(str(note) for note in source.pipeline.notes), *relaxed):
            progress.note(note)
        if not source.pipeline.python:
            progress.note("not a Python notebook: it runs whole, on one worker, uncached")
        folder.save(page.nb, now=True)
        home = Home(job, page, folder, progress)
        forced = _wish(source.pipeline, options).forced
        work = home.run(forced, self._trusted(options))
        return self._see_through(work, page, folder, journal, started.at)

    def _see_through(
        self, work: Any, page: Page, folder: RunFolder, journal: Journal, began: float
    ) -> Run:
        """Let the run run, and leave everything saved whatever becomes of it."""
        status: Status = "interrupted"
        error: BaseException | None = None
        try:
            go_down(work)
            status = "succeeded"
        except RunFailed as caught:
            status, error = "failed", caught
        except (asyncio.CancelledError, KeyboardInterrupt):
            status, error = "cancelled", RunCancelled("the run was cancelled")
        except BaseException as caught:
            status, error = "failed", caught
            raise
        finally:
            page.end()
            if isinstance(error, RunFailed):
                mark_failure(page.nb)
            folder.save(page.nb, now=True)
            folder.close()
            journal.tell(
                RunFinished(
                    at=time.time(),
                    status=status,
                    seconds=time.time() - began,
                    error=str(error) if error else None,
                )
            )
            journal.close()
            if self._settings.tracking != "off":
                background.start_flush(self.root, self._settings.records)
        if error is not None:
            raise error
        return journal.run

    def values(
        self, notebook: Path, step: str, names: tuple[str, ...] = (), inputs: bool = False
    ) -> dict[str, object]:
        """What a step left when it last ran, or what it read, for an open kernel.

        The values are loaded into this process. Raises NotFound.
        """
        from mlops_lab.services.values import load_values

        source = prepare(notebook, RunOptions())
        ledger: Ledger = self._records()
        judge = self._judge(source, RunOptions(), self._store(), ledger)
        return load_values(source.pipeline, judge, self._store(), step, names, inputs=inputs)

    # -- parts ----------------------------------------------------------------------------------

    def _job(
        self,
        run_id: str,
        source: Source,
        options: RunOptions,
        executor: Executor,
        launch: Launch,
        store: Store,
        folder: RunFolder,
    ) -> Job:
        pipeline = source.pipeline
        ledger: Ledger = self._records()
        retrying = any(step.policy.retries for step in pipeline.steps)
        watch = pipeline.python and (options.cache or retrying)
        judge = self._judge(source, options, store, ledger if options.cache else None)
        given = secret_values(pipeline, source.params)
        places = [folder.notebook, *filter(None, [folder.out])]
        return Job(
            run_id=run_id,
            pipeline=pipeline,
            notebook=source.identity(self.root),
            root=self.root,
            executor=executor,
            launch=launch,
            store=store,
            ledger=ledger,
            judge=judge,
            watch=watch,
            policy="" if options.cache else "it ran with the cache off",
            ignore=(str(self.root / ".mlops"), *(str(place.absolute()) for place in places)),
            secrets=given,
            environment=self._world(source, options, store).environment(pipeline),
            greeting=self._greeting(source, folder),
            code=lambda segment, place: code_with_secrets(pipeline, source.params, segment, place),
        )

    def _greeting(self, source: Source, folder: RunFolder) -> tuple[str, ...]:
        if self._settings.tracking == "off":
            return ()
        experiment = experiment_name(source.identity(self.root))
        return background.greeting(folder.path, tracking_uri(self.root), experiment)

    def _judge(
        self, source: Source, options: RunOptions, store: Store, ledger: Ledger | None
    ) -> Remembering:
        world = self._world(source, options, store)
        pipeline = source.pipeline
        left_out = _wish(pipeline, options).left_out
        log: EventLog = self._records()
        past = log.runs(source.identity(self.root), 1)
        seen = [step.name for run in past for step in run.steps if step.attempts or step.cached]
        return Remembering(pipeline, world, ledger if pipeline.python else None, left_out, seen)

    def _world(self, source: Source, options: RunOptions, store: Store) -> Here:
        argv = _kernel_argv(options.kernel or source.pipeline.kernel)
        return Here(self.root, store, argv, os.environ)

    def _store(self) -> Store:
        folder = self.root / ".mlops"
        return Store(folder / "artifacts", project_key(folder))

    def _trusted(self, options: RunOptions) -> Collection[str]:
        if options.resume is None:
            return ()
        past = self._find(options.resume)
        return {entry for step in past.steps for entry in step.entries}

    def _find(self, run_id: str) -> Run:
        log: EventLog = self._records()
        for run in log.runs():
            if run.run_id == run_id or run.run_id.startswith(run_id) or run_id == "last":
                return run
        raise NotFound(f"no run '{run_id}'; `mlops runs list` shows those there are")


@dataclass(frozen=True, slots=True)
class _Wanted:
    forced: Mapping[int, Reason]
    left_out: Collection[int]


def _wish(pipeline: Pipeline, options: RunOptions) -> _Wanted:
    """Which segments must run, and which are left out, from what the caller said."""
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
    return _Wanted(forced, range(last, count))


def find_executor(name: str) -> Executor:
    """The executor of that name, ours or anyone's. Raises UsageError, naming those there are."""
    found = importlib.metadata.entry_points(group="mlops_lab.executors")
    for point in found:
        if point.name == name:
            made: Executor = point.load()()
            return made
    known = ", ".join(sorted(point.name for point in found))
    raise UsageError(f"no executor '{name}'; there are: {known}")


def go_down(work: Any) -> None:
    """Run the coroutine here to its end; SIGINT and SIGTERM cancel it.

    A loop that runs already (papermill inside a kernel) is left alone: a thread has its own.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(_cancellable(work))
        return
    failure: list[BaseException] = []

    def elsewhere() -> None:
        try:
            asyncio.run(work)
        except BaseException as error:  # raised again where the caller waits
            failure.append(error)

    thread = threading.Thread(target=elsewhere, name="mlops-driver")
    thread.start()
    thread.join()
    if failure:
        raise failure[0]


async def _cancellable(work: Any) -> None:
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    with _signals(loop, task.cancel):
        await task


@contextmanager
def _signals(loop: asyncio.AbstractEventLoop, react: Callable[[], object]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, react)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(RuntimeError):
                loop.remove_signal_handler(number)


def mark_failure(nb: Any) -> None:
    """Put papermill's markers around the cell that failed."""
    from papermill.exceptions import PapermillExecutionError
    from papermill.execute import raise_for_execution_errors

    with contextlib.suppress(PapermillExecutionError):
        raise_for_execution_errors(nb, None)


def _pass_over(page: Page, pipeline: Pipeline) -> None:
    ours = {cell.index for segment in pipeline.segments for cell in segment.cells}
    for index in range(len(page.nb.cells)):
        if index not in ours:
            page.passes_over(index)


def _kernel_argv(kernel: str) -> list[str]:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        argv: list[str] = KernelSpecManager().get_kernel_spec(kernel).argv
    except NoSuchKernel:
        return []  # the executor says so, with the names that there are
    return argv


def _new_id() -> str:
    return f"{datetime.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
