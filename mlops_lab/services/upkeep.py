"""What is done behind a run, in a process of its own: `python -m mlops_lab.services.upkeep ROOT`.

Finished runs are brought to MLflow, and the cache forgets what no longer fits.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from mlops_lab.backends.records.knock import listeners
from mlops_lab.backends.records.sql import SqlRecords
from mlops_lab.backends.tracking.flush import flush
from mlops_lab.backends.tracking.mlflow import MlflowTracker
from mlops_lab.errors import MlopsError
from mlops_lab.services.cache import Cache
from mlops_lab.settings import read_settings


def main(words: list[str]) -> int:
    """Look after the project at ROOT; the exit code."""
    if len(words) != 1:
        sys.stderr.write("usage: python -m mlops_lab.services.upkeep ROOT\n")
        return 2
    os.nice(10)
    root = Path(words[0]).absolute()
    try:
        settings = read_settings(root)
        folder = root / ".mlops"
        records = SqlRecords.open(settings.records or folder / "records.db", listeners(folder))
        try:
            cache = Cache(records, root, settings.cache_size)
            if cache.size() > cache.limit:
                cache.prune()
            flush(records, MlflowTracker(root), root)
        finally:
            records.close()
    except MlopsError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
