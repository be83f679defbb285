"""A Ray cluster of one's own on this machine, kept warm."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import psutil
from filelock import FileLock, Timeout

from mlops_lab.backends.executors import processes
from mlops_lab.backends.executors.environment import PROJECT, THREADS
from mlops_lab.errors import BackendError

MARK = "MLOPS_CLUSTER_ID"
TRIES = 3
START_TIMEOUT = 120.0
LOOPBACK = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"
"""Off, Ray takes 127.0.0.1 for the node's address, on Linux too; else it finds a public one."""
_REFUSED = ("RAY_ADDRESS", "RAY_AUTH_TOKEN", "RAY_AUTH_MODE", "RAY_AUTH_TOKEN_PATH", *THREADS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterStatus:
    """The warm Ray on this machine. `pids` pairs each process with the time it started."""

    running: bool
    address: str = ""
    dashboard: str = ""
    started: float = 0.0
    logs: str = ""
    pids: tuple[tuple[int, float], ...] = ()
    id: str = ""


STOPPED = ClusterStatus(running=False)


def state_folder() -> Path:
    """Where what belongs to this user and machine is kept; only the user can enter."""
    own = os.environ.get("MLOPS_STATE_DIR")
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    folder = (Path(own) if own else Path(base) / "mlops-lab") / "ray"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    return folder


def status() -> ClusterStatus:
    """The warm Ray, if its head lives."""
    known = _read()
    return known if known.running and _head_lives(known) else STOPPED


def start(num_cpus: int | None = None) -> ClusterStatus:
    """The warm Ray, started where there is none. Raises BackendError, with the log's name.

    It listens on the loopback interface alone and asks for the token that `credentials` names.
    """
    with _alone():
        known = status()
        if known.running:
            return known
        _end(_read())
        for attempt in range(TRIES):
            time.sleep(attempt**2)  # a busy machine that missed Ray's deadline needs a moment
            found = _start_once(num_cpus)
            if found is not None:
                _write(found)
                return found
        raise BackendError(
            f"Ray did not start in {TRIES} tries; see {private_log()}. "
            "'--executor local' runs the same without it"
        )


def stop() -> ClusterStatus:
    """End the warm Ray, exactly its processes, and clear away its logs; what ran there."""
    with _alone():
        known = _read()
        if known.running:
            _end(known)
            if known.logs:
                shutil.rmtree(Path(known.logs).parents[1], ignore_errors=True)
        (state_folder() / "cluster.json").unlink(missing_ok=True)
        return replace(known, running=False)


def credentials() -> dict[str, str]:
    """The environment by which a process of the same user reaches and opens the warm Ray."""
    path = state_folder() / "token"
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(32))
    path.chmod(0o600)
    return {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN_PATH": str(path), LOOPBACK: "0"}


def _start_once(num_cpus: int | None) -> ClusterStatus | None:
    mark = secrets.token_hex(8)
    # Ray puts sockets there, so the path must be short.
    place = Path(tempfile.mkdtemp(prefix="mlops-ray-", dir="/tmp"))
    environment = {k: v for k, v in os.environ.items() if k not in _REFUSED}
    environment |= PROJECT | credentials() | {MARK: mark}
    environment.pop(processes.MARK, None)
    command = [sys.executable, "-m", "mlops_lab.backends.ray_head", str(place)]
    with private_log().open("ab") as log:
        head = subprocess.Popen(
            [*command, *([str(num_cpus)] if num_cpus else [])],
            env=environment,
            cwd=place,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
    assert head.stdout is not None
    with head.stdout as said:
        ready, _, _ = select.select([said], [], [], START_TIMEOUT)
        line = said.readline() if ready else b""
    # The head outlives us: the processes are known by their numbers and start times from here on.
    head.returncode = head.returncode or 0
    known = ClusterStatus(
        running=True,
        started=time.time(),
        id=mark,
        pids=tuple((p.pid, p.create_time()) for p in processes.marked(MARK, mark)),
        **(json.loads(line) if line else {}),
    )
    if line and _head_lives(known):
        return known
    _end(known)
    shutil.rmtree(place, ignore_errors=True)
    return None


def _head_lives(known: ClusterStatus) -> bool:
    """Whether both processes without which there is no Ray are those that we started."""
    names = {p.name() for p in _processes(known)}
    return {"gcs_server", "raylet"} <= names


def _processes(known: ClusterStatus) -> Iterator[psutil.Process]:
    for pid, began in known.pids:
        try:
            process = psutil.Process(pid)
            if process.create_time() == began and process.status() != psutil.STATUS_ZOMBIE:
                yield process
        except psutil.Error:
            continue


def _end(known: ClusterStatus) -> None:
    """End the cluster's processes: those we know, their children, and what carries its mark."""
    if not known.id:
        return
    kin = {*_processes(known), *processes.marked(MARK, known.id)}
    left = asyncio.run(processes.end(kin, grace=3.0))
    if left:
        raise BackendError(f"processes of Ray that can't be ended: {[p.pid for p in left]}")
    # Ray starts workers while it is ended.
    asyncio.run(processes.end(processes.marked(MARK, known.id)))


@contextmanager
def _alone() -> Iterator[None]:
    lock = FileLock(state_folder() / "lock", mode=0o600)
    try:
        with lock.acquire(timeout=TRIES * START_TIMEOUT):
            yield
    except Timeout:
        raise BackendError(f"another process holds {lock.lock_file}: end it, then retry") from None


def private_log() -> Path:
    """What Ray says when it starts."""
    path = state_folder() / "start.log"
    path.touch(mode=0o600)
    return path


def _read() -> ClusterStatus:
    try:
        body: dict[str, Any] = json.loads((state_folder() / "cluster.json").read_text())
        pids = tuple((int(pid), float(began)) for pid, began in body.pop("pids"))
        return ClusterStatus(**body, pids=pids)
    except (OSError, ValueError, TypeError, KeyError):
        return STOPPED


def _write(known: ClusterStatus) -> None:
    path = state_folder() / "cluster.json"
    new = path.with_name(f"cluster.json.{os.getpid()}")
    new.write_text(json.dumps(asdict(known)))
    new.chmod(0o600)
    new.replace(path)
