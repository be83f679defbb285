"""Where a project's root is, and what it has settled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlops_lab.commands.pipeline import SETTINGS
from mlops_lab.errors import UsageError
from mlops_lab.ir.options import RunOptions
from mlops_lab.settings import Settings, find_root, read_settings, size


@pytest.mark.parametrize(
    ("marks", "root"),
    [
        ((), "a/b"),
        ((".git",), "."),
        ((".git", "a/mlops.toml"), "a"),
        (("mlops.toml", "a/.git"), "."),
        (("a/b/mlops.toml", "mlops.toml"), "a/b"),
    ],
)
def test_the_root_is_nearest_upwards_and_settings_go_first(
    marks: tuple[str, ...], root: str, tmp_path: Path
) -> None:
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    for mark in marks:
        (tmp_path / mark).touch()
    for start in (folder, folder / "not-yet.ipynb"):
        assert find_root(start) == (tmp_path / root).resolve()


@pytest.mark.parametrize(
    ("toml", "environ", "settings"),
    [
        ("", {}, Settings()),
        (SETTINGS, {}, Settings()),
        ('executor = "ray"', {}, Settings(executor="ray")),
        ('executor = "ray"', {"MLOPS_EXECUTOR": "local"}, Settings()),
        ('cache_size = "20GB"', {}, Settings(cache_size=20 * 10**9)),
        ("cache_size = 1000", {}, Settings(cache_size=1000)),
        ("workers = 3\nscout_memory = 0.25", {}, Settings(workers=3, scout_memory=0.25)),
        (
            "workers = 3",
            {"MLOPS_WORKERS": "1", "MLOPS_SCOUT_MEMORY": "0"},
            Settings(workers=1, scout_memory=0.0),
        ),
        ("", {"MLOPS_STEPS": "cells", "MLOPS_OTHER": "x"}, Settings(steps="cells")),
    ],
)
def test_the_environment_goes_before_the_file(
    toml: str, environ: dict[str, str], settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "mlops.toml").write_text(toml)
    assert read_settings(tmp_path, environ) == settings


def test_every_key_stands_in_the_file_that_init_writes() -> None:
    shown = {line[2:].split(" =")[0] for line in SETTINGS.splitlines() if " = " in line}
    assert shown == set(Settings.__dataclass_fields__)


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("executor = ", "is not TOML"),
        ('exectuor = "ray"', "did you mean 'executor'?"),
        ("executor = 1", "executor = 1 must be a string"),
        ('steps = "lines"', "steps = 'lines' must be tags, sections or cells"),
        ('cache_size = "much"', "'much' is no size"),
        ("workers = 0", "workers = '0' must be a whole number, 1 or more"),
        ("workers = 1.5", "workers = '1.5' must be a whole number, 1 or more"),
        ('workers = "many"', "workers = 'many' must be a whole number, 1 or more"),
        ("workers = true", "workers = 'True' must be a whole number, 1 or more"),
        ("scout_memory = 1.5", "scout_memory = '1.5' must be a number between 0 and 1"),
        ('scout_memory = "nan"', "scout_memory = 'nan' must be a number between 0 and 1"),
    ],
)
def test_a_mistake_names_file_or_key_and_the_way_out(toml: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "mlops.toml").write_text(toml)
    with pytest.raises(UsageError) as error:
        read_settings(tmp_path, {})
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("text", "count"),
    [("20GB", 20 * 10**9), ("500 MB", 5 * 10**8), ("1.5k", 1500), ("1e9", 10**9), ("7", 7)],
)
def test_a_size_is_read_as_people_write_it(text: str, count: int) -> None:
    assert size(text) == count


@pytest.mark.parametrize("workers", [0, -1, 1.5, "2"])
def test_a_run_has_a_kernel_at_least(workers: Any) -> None:
    with pytest.raises(UsageError, match="must be a whole number, 1 or more"):
        RunOptions(workers=workers)
