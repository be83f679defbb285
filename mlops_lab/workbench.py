"""The one place where backends meet services. It has no verbs."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from mlops_lab.settings import Settings, find_root, read_settings

if TYPE_CHECKING:
    from mlops_lab.backends.records.sql import SqlRecords
    from mlops_lab.services.cache import Cache
    from mlops_lab.services.cluster import Cluster
    from mlops_lab.services.history import History
    from mlops_lab.services.pipeline import Pipelines
    from mlops_lab.services.runs import Runs


class Workbench:
    """A project and its services, each made when it is first used.

    `root` is the nearest folder upwards with mlops.toml, else with .git, else the notebook's own.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def open(cls, start: Path | str | None = None) -> Workbench:
        """The project in which a notebook or a folder lies; the current folder's by default."""
        return cls(find_root(Path.cwd() if start is None else Path(start)))

    @cached_property
    def settings(self) -> Settings:
        """What mlops.toml and the environment say."""
        return read_settings(self.root)

    @property
    def recorded(self) -> bool:
        """Whether there are records; to open them would make some."""
        return bool(self.settings.records) or (self.root / ".mlops" / "records.db").exists()

    def close(self) -> None:
        """Let go of what was opened."""
        records = vars(self).pop("_records", None)
        if records is not None:
            records.close()

    @cached_property
    def pipeline(self) -> Pipelines:
        """From notebook to pipeline."""
        from mlops_lab.services.pipeline import Pipelines

        return Pipelines()

    @cached_property
    def runs(self) -> Runs:
        """To run, to explain, to resume."""
        from mlops_lab.services.runs import Runs

        return Runs(self.root, records=lambda: self._records, settings=self.settings)

    @cached_property
    def history(self) -> History:
        """What has run."""
        from mlops_lab.backends.records.reap import reap
        from mlops_lab.services.history import History

        return History(self._records, self.root, reap=lambda: reap(self._records))

    @cached_property
    def cache(self) -> Cache:
        """What the cache holds."""
        from mlops_lab.services.cache import Cache

        return Cache(self._records, self.root, self.settings.cache_size)

    @cached_property
    def cluster(self) -> Cluster:
        """A warm Ray on this machine."""
        from mlops_lab.services.cluster import Cluster

        return Cluster()

    @cached_property
    def _records(self) -> SqlRecords:
        from mlops_lab.backends.records.knock import listeners
        from mlops_lab.backends.records.sql import SqlRecords

        place = self.settings.records or self.root / ".mlops" / "records.db"
        return SqlRecords.open(place, listeners(self.root / ".mlops"))
