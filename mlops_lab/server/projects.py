"""The projects that clients look at, each opened once."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from mlops_lab.backends.records.ears import ways
from mlops_lab.errors import NotFound
from mlops_lab.records.head import RunHead, head
from mlops_lab.records.run import Run
from mlops_lab.server.places import Places
from mlops_lab.server.watch import Watch
from mlops_lab.services.history import History
from mlops_lab.settings import Settings, read_settings
from mlops_lab.workbench import Workbench


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    """A workbench, and what would make it another one."""

    bench: Workbench
    settings: Settings
    records: int | None


class Projects:
    """The projects by their roots. Their settings are read again each time they are asked for."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._opened: dict[Path, _Opened] = {}
        self._watches: dict[Path, Watch] = {}
        self._lock = threading.Lock()

    def bench(self, root: Path) -> Workbench:
        """The project at a root. Raises UsageError where its settings are wrong."""
        settings = read_settings(root)
        with self._lock:
            known = self._opened.get(root)
            if known and known.settings == settings and known.records == _file(root):
                return known.bench
            if known:
                known.bench.close()
            bench = Workbench(root)
            self._opened[root] = _Opened(bench=bench, settings=settings, records=_file(root))
            return bench

    def recorded(self, root: Path) -> History | None:
        """What has run in the project; None where nothing has, and nothing is written by asking."""
        bench = self.bench(root)
        if bench.recorded:
            return bench.history
        # Half a second that the first run's first news would have to wait for.
        import_module("mlops_lab.backends.records.sql")
        return None

    def history(self, root: Path) -> History:
        """What has run in the project. Raises NotFound where nothing has."""
        history = self.recorded(root)
        if history is None:
            raise NotFound("no run is recorded yet in this project")
        return history

    def head(self, root: Path, run: Run) -> RunHead:
        """A run of the project in one line, as clients see it."""
        remote = "://" in run.notebook
        path = None if remote else self._places.below(root / run.notebook)
        return head(run, path=path, project=self._places.seen(root))

    def watch(self, root: Path) -> Watch:
        """Who watches the project, for all that look at it."""
        if root not in self._watches:
            self._watches[root] = Watch(
                root,
                lambda: self.recorded(root),
                lambda run: self.head(root, run),
                lambda: ways(root / ".mlops", read_settings(root).records),
            )
        return self._watches[root]

    async def close(self) -> None:
        """Let go of all."""
        for watch in self._watches.values():
            await watch.close()
        with self._lock:
            for opened in self._opened.values():
                opened.bench.close()
            self._opened.clear()


def _file(root: Path) -> int | None:
    """Which file holds the records: it may be removed, and another one made."""
    try:
        return (root / ".mlops" / "records.db").stat().st_ino
    except OSError:
        return None
