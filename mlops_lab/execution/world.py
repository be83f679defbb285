"""How things outside the notebook are now: files, packages, environment."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from mlops_lab.errors import BackendError
from mlops_lab.execution.guest.effects import ABSENT, state_like
from mlops_lab.execution.guest.store import Store, digest_of
from mlops_lab.ir.pipeline import Pipeline

ENVIRONMENT = "env:"
DATA = "data:"

_ASK = """
import importlib.metadata, json, platform, sys
print(json.dumps([
    f"{platform.python_implementation()} {platform.python_version()} {sys.platform} "
    f"{platform.machine()}",
    {d.name: d.version for d in importlib.metadata.distributions()},
]))
"""


class Here:
    """This machine, as a kernel started from a kernelspec would find it.

    `argv` is how the kernelspec starts Python; the driver's own environment is looked at
    directly, another one is asked once.
    """

    def __init__(
        self, root: Path, store: Store, argv: list[str], environ: Mapping[str, str]
    ) -> None:
        self._root = root
        self._store = store
        self._environ = environ
        self._states: dict[tuple[str, bool, int, int, int], str] = {}
        self._stored: dict[str, bool] = {}
        self._python, self._packages = _interpreter(argv)

    def state(self, fact: str, recorded: str) -> str:
        """A file's content, a folder's names or an environment variable, as a digest."""
        if fact.startswith(ENVIRONMENT):
            value = self._environ.get(fact.removeprefix(ENVIRONMENT))
            return ABSENT if value is None else self._store.seal(value)
        if fact.startswith(DATA):
            return self._tree(self._root / fact.removeprefix(DATA))
        path = str(self._root / fact)
        try:
            status = Path(path).stat()
        except OSError:
            return ABSENT
        listing = recorded.startswith("names:")
        mark = (path, listing, status.st_ino, status.st_mtime_ns, status.st_size)
        if listing or mark not in self._states:
            self._states[mark] = state_like(path, recorded)
        return self._states[mark]

    def _tree(self, top: Path) -> str:
        """All files in a folder, or one file, as a digest."""
        if not top.is_dir():
            return self.state(str(top), "")
        files = sorted(path for path in top.rglob("*") if path.is_file())
        marks = [f"{path.relative_to(top)}\0{self.state(str(path), '')}" for path in files]
        return digest_of("\n".join(marks).encode())

    def facts(self, pipeline: Pipeline, cwd: Path) -> Callable[[int], Mapping[str, str]]:
        """What each segment reads besides what is seen when it runs, told at that time.

        That are the environment variables that the notebook's code names (a string in code that
        reads the environment may be one if it is one now, or looks like one), and the files and
        folders that the step's tags name.
        """
        variables = [ENVIRONMENT + name for name in _variables(pipeline, self._environ)]
        places = {
            index: [DATA + os.path.relpath(cwd / path, self._root) for path in step.data]
            for step in pipeline.steps
            for index in step.segments
        }

        def told(index: int) -> Mapping[str, str]:
            return {f: self.state(f, "") for f in (*variables, *places.get(index, ()))}

        return told

    def package(self, name: str) -> str:
        """The installed version of a package; empty where there is none."""
        if self._packages is not None:
            return self._packages.get(name, "")
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            return ""

    def python(self) -> str:
        """Which Python the kernel runs."""
        return self._python

    def stored(self, artifact: str) -> bool:
        """Whether an artifact lies in the store, as far as a look tells."""
        if not self._stored.get(artifact):
            self._stored[artifact] = self._store.has(artifact)
        return self._stored[artifact]


def _variables(pipeline: Pipeline, environ: Mapping[str, str]) -> list[str]:
    sources = [cell.source for segment in pipeline.segments for cell in segment.cells]
    if not any("environ" in source or "getenv" in source for source in sources):
        return []
    hints = frozenset[str]().union(*(segment.hints for segment in pipeline.segments))
    return [hint for hint in sorted(hints) if hint.isupper() or hint in environ]


_TRACKING = re.compile(r"\bmlflow\.(\w+)|\bfrom\s+mlflow\b|\bMlflowClient\b|\bautolog\b")
_PLAIN = {"log_metric", "log_metrics", "log_param", "log_params", "set_tag", "set_tags"}


def logs_plainly(pipeline: Pipeline) -> bool:
    """Whether the code does nothing with tracking but log numbers, parameters and tags.

    Then nothing in the notebook can tell when they are sent.
    """
    sources = [cell.source for segment in pipeline.segments for cell in segment.cells]
    return all(used[1] in _PLAIN for source in sources for used in _TRACKING.finditer(source))


def _interpreter(argv: list[str]) -> tuple[str, dict[str, str] | None]:
    program = argv[0] if argv else ""
    if not program or program in ("python", "python3") or _same(program, sys.executable):
        own = f"{platform.python_implementation()} {platform.python_version()} {sys.platform}"
        return f"{own} {platform.machine()}", None
    try:
        done = subprocess.run(
            [program, "-c", _ASK], capture_output=True, text=True, check=True, timeout=60
        )
        python, packages = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise BackendError(
            f"the kernel's Python, {program}, does not answer: {error}; does it start in a "
            "terminal? If so, try again when the machine has less to do"
        ) from error
    return python, packages


def _same(a: str, b: str) -> bool:
    # Not resolved: environments share one interpreter and differ in where its link lies.
    return Path(a).absolute() == Path(b).absolute()
