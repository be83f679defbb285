"""Makes `mlflow` in a cell log to the MLflow run of the run that the kernel works for.

Standard library only: a kernel of the user's environment loads this file by itself. Nothing
happens until her code imports mlflow, and no MLflow run is made until it logs or starts one.

Her notebook may start as many runs as it likes, in plain Jupyter each is another one. Here each
`start_run` goes on with the one run; where it would set a parameter to a second value, which
MLflow forbids, a child run takes over until its end. After `mlflow.set_tracking_uri` to a server of
her own, all is left to her.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import importlib.machinery
import importlib.util
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

FLUENT = "mlflow.tracking.fluent"
RUN_ID = "MLFLOW_RUN_ID"
ENVIRONMENT = ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_ID", RUN_ID, "MLFLOW_DISABLE_TELEMETRY")
"""The variables that this file sets in the kernel; they differ from run to run without meaning."""

_guest: _Guest | None = None
_keep: Callable[[], None] | None = None


def install(folder: str, root_uri: str, experiment: str) -> None:
    """Have `mlflow` in this kernel log to the run that keeps its things in `folder`.

    `root_uri` is the tracking server, `experiment` the name of the run's experiment.
    """
    global _guest  # noqa: PLW0603  # a kernel works for one run at a time
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_TRACKING_URI", root_uri)
    if _guest is not None:
        _guest.move(folder, root_uri, experiment)
        return
    _guest = _Guest(folder, root_uri, experiment)
    if FLUENT in sys.modules:
        _settle(sys.modules[FLUENT])
    else:
        sys.meta_path.insert(0, _Finder(_settle))


def _settle(fluent: Any) -> None:
    if _guest is not None:
        _guest.settle(fluent)
    if _keep is not None:
        _keep()


def keep_from(acts: Callable[[str], Any], busy: Callable[[], bool], *, plain: bool) -> None:
    """This kernel is a scout's: have each use of tracking call `acts` before, unless `busy`.

    `plain` says that the notebook does nothing with tracking but log numbers, parameters and tags:
    these are kept then, for `logged` to tell.
    """
    global _keep  # noqa: PLW0603  # a kernel is a scout's for good
    place = Path(__file__).with_name("guest_scout.py")
    spec: Any = importlib.util.spec_from_file_location("_mlops_tracking_scout", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    kept = _guest.records if plain and _guest is not None else None
    _keep = functools.partial(module.keep_from, acts, busy, kept)
    if FLUENT in sys.modules:
        _keep()


def logged() -> list[dict[str, Any]]:
    """What the code logged to the run since the last call: kind, key, value, step, timestamp."""
    if _guest is None:
        return []
    records = _guest.records[:]
    _guest.records.clear()
    return records


def log_params(params: dict[str, str]) -> None:
    """Log parameters to the run, unless it has them; `logged` does not tell of these."""
    known = logged()
    importlib.import_module("mlflow").log_params(params)
    if _guest is not None:
        _guest.records[:] = known


def ensure(
    client: Any,
    folder: str,
    uri: str,
    experiment: str,
    *,
    experiment_id: str | None = None,
    started: float | None = None,
) -> str:
    """The id of the MLflow run of the run that keeps its things in `folder`; made where need be.

    Whoever asks, in whichever process and on whichever machine, gets the same one. `started` is
    the time of its start in seconds since 1970, now by default.
    """
    place = Path(folder)
    marker = place / "mlflow_run_id"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    with lock(place / "mlflow.lock"):
        if marker.exists():
            return marker.read_text(encoding="utf-8").strip()
        with _database(uri):
            chosen = experiment_id or _experiment(client, experiment, uri)
            named = f"tags.`mlops.run_id` = '{place.name}'"
            found = client.search_runs([chosen], filter_string=named, max_results=1)
            if found:
                run_id = str(found[0].info.run_id)
            else:
                tags = {"mlops.run_id": place.name}
                began = int((started or time.time()) * 1000)
                run_id = str(client.create_run(chosen, began, tags, place.name).info.run_id)
        _write(place / "mlflow_uri", uri)
        _write(marker, run_id)
        return run_id


def _write(path: Path, text: str) -> None:
    # Whole or not at all, and the owner's alone: an address may hold a password.
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)


@contextlib.contextmanager
def lock(path: Path) -> Iterator[None]:
    """Wait until no other process holds the file, and hold it."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def artifacts(uri: str) -> str | None:
    """Where the artifacts of a SQLite store go: beside it. A server knows its own place."""
    if not uri.startswith("sqlite:///"):
        return None
    return (Path(uri.removeprefix("sqlite:///")).parent / "mlartifacts").absolute().as_uri()


@contextlib.contextmanager
def _database(uri: str) -> Iterator[None]:
    """One process at a time where MLflow may have to create its database, and in silence."""
    if not uri.startswith("sqlite:///"):
        yield
        return
    file = Path(uri.removeprefix("sqlite:///"))
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    talkers = [logging.getLogger(name) for name in ("mlflow.store.db.utils", "alembic")]
    levels = [talker.level for talker in talkers]
    with lock(file.with_name(file.name + ".lock")):
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        for talker in talkers:
            talker.setLevel(logging.WARNING)
        try:
            yield
        finally:
            for talker, level in zip(talkers, levels, strict=True):
                talker.setLevel(level)


def _experiment(client: Any, name: str, uri: str) -> str:
    found = client.get_experiment_by_name(name)
    if found is None:
        try:
            return str(client.create_experiment(name, artifact_location=artifacts(uri)))
        except Exception:
            # Another process was faster; if it wasn't that, the reason is still the first one.
            found = client.get_experiment_by_name(name)
            if found is None:
                raise
    if found.lifecycle_stage == "deleted":
        client.restore_experiment(found.experiment_id)
    return str(found.experiment_id)


class _Finder:
    """Finds MLflow's fluent module as always, and has `settle` called once it is loaded."""

    def __init__(self, settle: Callable[[Any], None]) -> None:
        self._settle = settle

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name != FLUENT:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or spec.loader is None:
            return None
        load = spec.loader.exec_module

        def exec_module(module: Any) -> None:
            load(module)
            with contextlib.suppress(ValueError):
                sys.meta_path.remove(self)
            self._settle(module)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


class _Guest:
    """The run that this kernel works for, as mlflow sees it."""

    def __init__(self, folder: str, uri: str, experiment: str) -> None:
        self.records: list[dict[str, Any]] = []
        self._fluent: Any = None
        self.move(folder, uri, experiment)

    def move(self, folder: str, uri: str, experiment: str) -> None:
        """Work for another run from now on."""
        self._folder, self._uri, self._name = folder, uri, experiment
        self.run_id: str | None = None
        self._experiment: str | None = None
        self._params: set[str] = set()
        self._children: set[str] = set()

    def settle(self, fluent: Any) -> None:
        """Take the places in mlflow where runs are started and things are logged."""
        if not hasattr(getattr(fluent, "_active_run_stack", None), "get"):
            return  # an mlflow from before 2.13 logs to the same server, to runs of its own
        self._fluent = fluent
        fluent.MLFLOW_RUN_ID = _RunId(fluent.MLFLOW_RUN_ID, self)
        _wrap(fluent, "_get_experiment_id", self._get_experiment_id)
        client = fluent.MlflowClient
        _wrap(client, "get_run", self._get_run)
        _wrap(client, "log_metric", self._log_metric)
        _wrap(client, "log_param", self._log_param)
        _wrap(client, "set_tag", self._set_tag)
        _wrap(client, "log_batch", self._log_batch)
        _wrap(client, "set_terminated", self._set_terminated)
        tracking = sys.modules["mlflow.tracking._tracking_service.client"]
        _wrap(tracking.TrackingServiceClient, "create_experiment", self._create_experiment)

    def resume(self) -> str | None:
        """The run that a `start_run` which names none goes on with; None for one of its own."""
        fluent = self._fluent
        in_force = sys.modules["mlflow.tracking"].get_tracking_uri()
        if fluent._active_run_stack.get() or in_force != self._uri:
            return None
        self._params = set()
        if self.run_id is None:
            client = fluent.MlflowClient()
            chosen = fluent._active_experiment_id
            self.run_id = ensure(client, self._folder, self._uri, self._name, experiment_id=chosen)
            self._experiment = client.get_run(self.run_id).info.experiment_id
        if fluent._active_experiment_id is not None:
            # A run is in one experiment. One that was chosen later can't take it over.
            fluent._active_experiment_id = self._experiment
        os.environ[RUN_ID] = self.run_id
        return self.run_id

    # Each of these stands before a function of MLflow's, and gets it as its first argument.

    def _get_experiment_id(self, call: Any) -> Any:
        stack = self._fluent._active_run_stack.get()
        # A child belongs where its parent is.
        mine = bool(stack) and stack[0].info.run_id == self.run_id
        return self._experiment if mine else call()

    def _get_run(self, call: Any, client: Any, run_id: str) -> Any:
        if run_id == self.run_id:
            # `start_run` has taken it out, and processes that the cell starts are to see it.
            os.environ[RUN_ID] = run_id
        return call(client, run_id)

    def _log_metric(self, call: Any, client: Any, run_id: str, key: str, value: Any, *args: Any,
                    **named: Any) -> Any:  # fmt: skip
        timestamp = _argument("timestamp", 0, args, named)
        step = _argument("step", 1, args, named)
        answer = call(client, run_id, key, value, *args, **named)
        self._record(run_id, "metric", key, float(value), step, timestamp)
        return answer

    def _log_param(self, call: Any, client: Any, run_id: str, key: str, value: Any, *args: Any,
                   **named: Any) -> Any:  # fmt: skip
        def send(chosen: str) -> Any:
            return call(client, chosen, key, value, *args, **named)

        chosen, answer = self._once(run_id, [key], send)
        self._record(chosen, "param", key, str(value))
        return answer

    def _set_tag(self, call: Any, client: Any, run_id: str, key: str, value: Any, *args: Any,
                 **named: Any) -> Any:  # fmt: skip
        answer = call(client, run_id, key, value, *args, **named)
        self._record(run_id, "tag", key, str(value))
        return answer

    def _log_batch(self, call: Any, client: Any, run_id: str, metrics: Sequence[Any] = (),
                   params: Sequence[Any] = (), tags: Sequence[Any] = (), *args: Any,
                   **named: Any) -> Any:  # fmt: skip
        def send(chosen: str) -> Any:
            return call(client, chosen, metrics, params, tags, *args, **named)

        chosen, answer = self._once(run_id, [param.key for param in params], send)
        for metric in metrics:
            value = float(metric.value)
            self._record(chosen, "metric", metric.key, value, metric.step, metric.timestamp)
        for kind, items in (("param", params), ("tag", tags)):
            for item in items:
                self._record(chosen, kind, item.key, str(item.value))
        return answer

    def _set_terminated(self, call: Any, client: Any, run_id: str, *args: Any,
                        **named: Any) -> Any:  # fmt: skip
        if run_id in self._children:
            # The child stood in for the run that the code has started and now ends.
            stack = self._fluent._active_run_stack.get()
            if stack and stack[-1].info.run_id == self.run_id:
                stack.pop()
        return call(client, run_id, *args, **named)

    def _create_experiment(self, call: Any, client: Any, name: str, *args: Any,
                           **named: Any) -> Any:  # fmt: skip
        if not args and named.get("artifact_location") is None and client.tracking_uri == self._uri:
            named["artifact_location"] = artifacts(self._uri)
        return call(client, name, *args, **named)

    def _once(self, run_id: str, params: list[str], send: Callable[[str], Any]) -> tuple[str, Any]:
        """Send parameters to the run; to a child of it where it has other values for them."""
        try:
            answer = send(run_id)
        except self._fluent.MlflowException as error:
            if "Changing param values is not allowed" not in str(error):
                raise
            # Twice between one start and its end is her mistake, and the error is hers too.
            active = self._fluent.active_run()
            mine = active is not None and active.info.run_id == run_id == self.run_id
            if not mine or not self._params.isdisjoint(params):
                raise
            name = self._fluent.MlflowClient().get_run(run_id).info.run_name
            run_id = self._fluent.start_run(nested=True, run_name=name).info.run_id
            self._children.add(run_id)
            answer = send(run_id)
        if run_id == self.run_id:
            self._params.update(params)
        return run_id, answer

    def _record(self, run_id: str, kind: str, key: str, value: Any, step: int | None = None,
                timestamp: int | None = None) -> None:  # fmt: skip
        hidden = kind == "tag" and key.startswith("mlflow.") and key != "mlflow.note.content"
        if run_id != self.run_id or hidden:
            return
        self.records.append(
            {
                "kind": kind,
                "key": key,
                "value": value,
                "step": int(step or 0),
                "timestamp": int(timestamp or time.time() * 1000),
            }
        )


class _RunId:
    """MLflow's look at MLFLOW_RUN_ID: what the user has set, else the run to go on with."""

    def __init__(self, real: Any, guest: _Guest) -> None:
        self._real = real
        self._guest = guest

    def get(self) -> Any:
        given = self._real.get()
        return given if given and given != self._guest.run_id else self._guest.resume()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def _wrap(owner: Any, name: str, instead: Callable[..., Any]) -> None:
    real = getattr(owner, name)

    @functools.wraps(real)
    def around(*args: Any, **named: Any) -> Any:
        return instead(real, *args, **named)

    setattr(owner, name, around)


def _argument(name: str, place: int, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
    return args[place] if len(args) > place else named.get(name)
