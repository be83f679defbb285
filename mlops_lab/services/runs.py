"""To run a notebook, to explain what would run, to go on from where a run stopped."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil

from mlops_lab.backends.records.knock import LOG, knock, listeners
from mlops_lab.backends.records.reap import reap
from mlops_lab.backends.tracking import background
from mlops_lab.backends.tracking.mlflow import experiment_name, tracking_uri
from mlops_lab.errors import UsageError
from mlops_lab.execution.folder import RunFolder
from mlops_lab.execution.home import Home
from mlops_lab.execution.job import Job, Scouting
from mlops_lab.execution.journal import Journal
from mlops_lab.execution.needing import Needing
from mlops_lab.execution.page import Page
from mlops_lab.execution.progress import Progress
from mlops_lab.execution.redaction import Redaction
from mlops_lab.execution.world import logs_plainly
from mlops_lab.interfaces import Executor, Launch
from mlops_lab.ir.options import RunOptions
from mlops_lab.ir.plan import Plan
from mlops_lab.records.events import Event, RunStarted
from mlops_lab.records.run import Run
from mlops_lab.services.ending import Ending
from mlops_lab.services.executors import find_executor
from mlops_lab.services.git import commit_of, keep_out
from mlops_lab.services.history import History
from mlops_lab.services.interruption import Interruption
from mlops_lab.services.keeping import Kept
from mlops_lab.services.prospect import Prospect
from mlops_lab.services.ready import RUN_ID, ReadyKernel
from mlops_lab.services.resuming import as_before, to_keep
from mlops_lab.services.sealed import code_with_secrets, secret_values
from mlops_lab.services.shares import shares
from mlops_lab.services.source import Source, looked, prepare
from mlops_lab.settings import Settings

Records = Callable[[], Any]


class Runs:
    """The runs of the project at `root`. `records` opens where events and the cache are kept."""

    def __init__(self, root: Path, records: Records, settings: Settings | None = None) -> None:
        self.root = root
        self._records = records
        self._settings = settings or Settings()
        self._upkeep: int | None = None
        self.ready: ReadyKernel | None = None
        self.keep_failed = 0.0
        """Seconds that a failed step's kernel stays; who says some calls `linger` then."""
        self._kept: Kept | None = None
        self.surface = ""
        """By what the runs are asked for: panel, cli, magic, papermill or schedule."""
        self.tactics: dict[str, Any] = {}
        """What is tried ahead of home, where it shall be other than usual: fields of Scouting."""

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
        return self._prospect(prepare(notebook, options), options).plan()

    def resume(self, run_id: str, listen: Callable[[Event], None] | None = None) -> Run:
        """Run the notebook of a run again; what that run finished counts, whatever its policy."""
        past = self._history.show(run_id)
        if past.status == "running":
            raise UsageError(f"run {past.run_id} is still going on; cancel it first")
        self.keep_failed = past.options.get("keep_failed") or self.keep_failed
        options = as_before(past)
        remote = "://" in past.notebook
        notebook = past.notebook if remote else self.root / past.notebook
        return self.run(notebook, past.options.get("out"), options, listen)

    def execute(
        self,
        source: Source,
        out: Path | str | None,
        options: RunOptions,
        listen: Callable[[Event], None] | None = None,
    ) -> Run:
        """Run a notebook that is read, parameterized and compiled."""
        run_id = _new_id()
        given = secret_values(source.pipeline, source.params)
        prospect = self._prospect(source, options)
        executor = find_executor(options.executor)
        if self.ready is not None:
            executor = self.ready.first(executor)
        resources, scouting, relaxed = shares(
            source.pipeline, options, self._settings, executor, self.tactics
        )
        path = self.root / ".mlops" / "runs" / run_id
        ears = listeners(self.root / ".mlops")
        folder = RunFolder(
            path,
            source.file_name,
            Path(out) if out is not None else None,
            printed=lambda step: knock(ears, LOG, run_id, step),
        )
        keep_out(self.root / ".mlops")
        launch = Launch(
            kernel=options.kernel or source.pipeline.kernel,
            cwd=source.cwd,
            env={RUN_ID: run_id},
            resources=resources,
        )
        job = self._job(run_id, prospect, executor, launch, given, folder, scouting)
        journal = Journal(self._records(), run_id, listen)
        page = Page(source.nb)
        needing = Needing(self.root, Redaction(given).content)
        home = Home(job, page, folder, Progress(source.pipeline, journal.tell, needing))
        notes = [*(str(note) for note in source.pipeline.notes), *relaxed]
        if options.only or options.since:
            notes += prospect.producers_that_act()
        with self._loop() as runner, Interruption(runner) as interruption:
            journal.tell(self._started(run_id, source, options, folder))
            work = home.run(prospect.wish.forced, prospect.trusted)
            ending = Ending(home=home, journal=journal, notes=notes, keep=self.keep_failed)
            try:
                return ending.see_through(work, interruption)
            finally:
                self._kept = self._keep(home, journal.run, runner)
                if self._settings.tracking != "off":
                    self._upkeep = background.start_upkeep(self.root)

    def linger(self) -> None:
        """Wait until the kernel that the last run kept is let go; not at all if it kept none."""
        kept, self._kept = self._kept, None
        if kept is not None:
            kept.linger()
            if self.ready is None:
                kept.runner.close()

    @contextlib.contextmanager
    def _loop(self) -> Iterator[asyncio.Runner | None]:
        """A loop that outlasts the run, where a kernel may; None where the run needs none."""
        if self.ready is not None or not self.keep_failed:
            yield self.ready.runner if self.ready else None
            return
        runner = asyncio.Runner()
        try:
            yield runner
        finally:
            if self._kept is None:
                runner.close()

    def _keep(self, home: Home, run: Run, runner: asyncio.Runner | None) -> Kept | None:
        if home.kept is None or run.kept is None or run.kept_until is None or runner is None:
            return None
        return Kept(
            runner=runner,
            executor=home.job.executor,
            worker=home.kept,
            place=Path(run.kept),
            until=run.kept_until,
        )

    def _started(
        self, run_id: str, source: Source, options: RunOptions, folder: RunFolder
    ) -> RunStarted:
        pipeline = source.pipeline
        commit = commit_of(self.root)
        return RunStarted(
            at=time.time(),
            run_id=run_id,
            notebook=source.identity(self.root),
            output=str(folder.notebook),
            executor=options.executor,
            params=dict(source.params),
            steps=tuple(step.name for step in pipeline.steps),
            host=socket.gethostname(),
            pid=os.getpid(),
            pid_started=psutil.Process().create_time(),
            git_commit=commit.id if commit else None,
            git_dirty=commit.dirty if commit else None,
            resumed=options.resume,
            cells={
                step.name: sum(len(pipeline.segments[i].cells) for i in step.segments)
                for step in pipeline.steps
            },
            options=to_keep(options, source.cwd, folder.out, self.keep_failed),
            kernel=options.kernel or pipeline.kernel,
            user=_user(),
            surface=self.surface,
            added=source.added,
        )

    def tracked(self, run: Run, patience: float = 60.0) -> Run:
        """The run once tracking knows it; as it is if that takes longer than `patience` seconds."""
        if self._upkeep is None:
            return run
        with contextlib.suppress(psutil.NoSuchProcess, psutil.TimeoutExpired):
            psutil.Process(self._upkeep).wait(timeout=patience)
        return self._history.exactly(run.run_id)[1]

    def values(
        self, notebook: Path, step: str, names: tuple[str, ...] = (), inputs: bool = False
    ) -> dict[str, object]:
        """What a step left when it last ran, or what it read, for an open kernel.

        The values are loaded into this process. Raises NotFound.
        """
        from mlops_lab.services.values import load_values

        ahead = self._prospect(looked(notebook), RunOptions())
        pipeline = ahead.source.pipeline
        return load_values(pipeline, ahead.judge, ahead.store, step, names, inputs=inputs)

    # -- parts ----------------------------------------------------------------------------------

    def _job(
        self,
        run_id: str,
        prospect: Prospect,
        executor: Executor,
        launch: Launch,
        given: Mapping[str, str],
        folder: RunFolder,
        scouting: Scouting | None,
    ) -> Job:
        source, options = prospect.source, prospect.options
        pipeline = source.pipeline
        seen = any(step.policy.retries or step.metrics for step in pipeline.steps)
        watch = pipeline.python and (options.cache or seen or scouting is not None)
        world = prospect.world
        places = [folder.notebook, *filter(None, [folder.out])]
        return Job(
            run_id=run_id,
            pipeline=pipeline,
            notebook=source.identity(self.root),
            root=self.root,
            executor=executor,
            launch=launch,
            store=prospect.store,
            ledger=self._records(),
            judge=prospect.judge,
            watch=watch,
            scouting=scouting,
            logs_plainly=logs_plainly(pipeline),
            state=world.state,
            policy="" if options.cache else "it ran with the cache off",
            keep=folder.path / "kernel.json" if self.keep_failed else None,
            ignore=(str(self.root / ".mlops"), *(str(place.absolute()) for place in places)),
            theirs=(str(Path(source.path).absolute()), str(self.root / "mlops.toml")),
            secrets=given,
            facts=world.facts(pipeline, source.cwd),
            greeting=self._greeting(source, folder),
            code=lambda segment, place: code_with_secrets(pipeline, source.params, segment, place),
        )

    def _greeting(self, source: Source, folder: RunFolder) -> tuple[str, ...]:
        if self._settings.tracking == "off":
            return ()
        experiment = experiment_name(source.identity(self.root))
        return background.greeting(folder.path, tracking_uri(self.root), experiment)

    def _prospect(self, source: Source, options: RunOptions) -> Prospect:
        past = self._history.show(options.resume) if options.resume else None
        return Prospect(self.root, self._records(), source, options, past)

    @property
    def _history(self) -> History:
        records = self._records()
        return History(records, self.root, reap=lambda: reap(records))


def _user() -> str:
    """Who runs this process; empty where the system has no name for them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return ""


def _new_id() -> str:
    return f"{datetime.now().astimezone():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
