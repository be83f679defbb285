"""A project's settings: `mlops.toml` at its root, each key also an environment variable."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from mlops_lab.errors import UsageError

FILE = "mlops.toml"

_NUMBERS = {"cache_size", "workers", "scout_memory", "keep_failed", "warm_for"}
_PERIODS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a project has settled. Empty means the default; sizes are in bytes.

    `records` is the URL of the database that keeps runs, else SQLite in `.mlops/`;
    `cache_size` None is a tenth of the disk, at most 50 GB; `tracking` is mlflow or off.
    `workers` is how many kernels a run may use, None as many as it can; `scout_memory` is the
    share of free memory that attempts ahead of the notebook's own kernel may use together.
    `keep_failed` is how many seconds the kernel of a failed step stays, `warm_for` how many a
    driver stands by beside JupyterLab; in mlops.toml "30m", "2h" or off.
    """

    executor: str = "local"
    steps: str | None = None
    records: str = ""
    cache_size: int | None = None
    tracking: str = "mlflow"
    workers: int | None = None
    scout_memory: float = 0.5
    keep_failed: float = 0.0
    warm_for: float = 600.0

    @property
    def split(self) -> Any:
        """`steps` as a run's options name it."""
        return self.steps


def find_root(start: Path) -> Path:
    """The nearest folder upwards with mlops.toml, else with .git, else the notebook's own.

    `start` is a notebook or a folder; it need not exist.
    """
    start = start.absolute()
    folder = start if start.is_dir() else start.parent
    upwards = [folder, *folder.parents]
    for mark in (FILE, ".git"):
        for candidate in upwards:
            if (candidate / mark).exists():
                return candidate
    return folder


def read_settings(root: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of the project at `root`. Raises UsageError, naming file and key."""
    path = root / FILE
    try:
        said = tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not TOML: {error}") from None
    known = [f.name for f in fields(Settings)]
    for key in said:
        if key not in known:
            near = get_close_matches(key, known, n=1)
            way_out = f"did you mean '{near[0]}'?" if near else f"keys are: {', '.join(known)}"
            raise UsageError(f"{path}: no such key '{key}'; {way_out}")
    environ = os.environ if environ is None else environ
    said |= {k: v for k in known if (v := environ.get(f"MLOPS_{k.upper()}"))}
    return _checked(said, path)


def _checked(said: dict[str, Any], path: Path) -> Settings:
    for key, value in said.items():
        if key not in _NUMBERS and not isinstance(value, str):
            raise UsageError(f"{path}: {key} = {value!r} must be a string")
    if said.get("steps") not in {None, "tags", "sections", "cells"}:
        raise UsageError(f"steps = '{said['steps']}' must be tags, sections or cells ({path})")
    if said.get("tracking", "mlflow") not in {"mlflow", "off"}:
        raise UsageError(f"tracking = '{said['tracking']}' must be mlflow or off ({path})")
    if "cache_size" in said:
        said["cache_size"] = size(str(said["cache_size"]))
    if "workers" in said:
        said["workers"] = workers(str(said["workers"]), f" ({path})")
    if "scout_memory" in said:
        said["scout_memory"] = _share("scout_memory", str(said["scout_memory"]), path)
    for key in ("keep_failed", "warm_for"):
        if key in said:
            said[key] = period(key, str(said[key]), f" ({path})")
    return Settings(**said)


def period(key: str, text: str, where: str = "") -> float:
    """The seconds that '90', '30m', '2h' or 'off' says. Raises UsageError."""
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*([smhd]?)", text.strip().lower())
    if text.strip().lower() in {"off", "no", "false"}:
        return 0.0
    if match is None:
        raise UsageError(f"{key} = '{text}' must be a time, as in 30m or 2h, or off{where}")
    return float(match[1]) * _PERIODS[match[2]]


def workers(text: str, where: str = "") -> int:
    """How many kernels '4' says. Raises UsageError where it is no number from 1 on."""
    if not re.fullmatch(r"\s*0*[1-9][0-9]*\s*", text):
        raise UsageError(f"workers = '{text}' must be a whole number, 1 or more{where}")
    return int(text)


def _share(key: str, text: str, path: Path) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise UsageError(f"{key} = '{text}' must be a number between 0 and 1 ({path})")
    return share


def size(text: str) -> int:
    """The bytes that '20GB', '500 MB' or '1e9' says."""
    match = re.fullmatch(r"\s*([0-9.]+(?:e[0-9]+)?)\s*([KMGT]?)i?B?\s*", text, re.IGNORECASE)
    try:
        assert match is not None
        return int(float(match[1]) * _UNITS[match[2].upper()])
    except (AssertionError, ValueError):
        raise UsageError(f"'{text}' is no size; write it as 20GB or 500MB") from None
