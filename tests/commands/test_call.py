"""A call of `mlops` in a process of its own: exit code, what stands where."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest


def mlops(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mlops_lab", *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("words", "exit_code", "said"),
    [
        ("--version", 0, "mlops 0."),
        ("run --help", 0, "mlops run train.ipynb --explain"),
        ("", 2, "Usage: mlops"),
        ("runn", 2, "No such command 'runn'."),
        ("run", 2, "which notebook? Name it, as in: mlops run train.ipynb"),
        ("run nope.ipynb", 2, "no notebook 'nope.ipynb'; there is: train.ipynb"),
        ("run train.ipynb --notebook train.ipynb", 2, "two notebooks are named"),
        ("run train.ipynb --upto a --only b", 2, "exclude each other"),
        ("run train.ipynb --steps lines", 2, "'lines' is not one of 'tags', 'sections', 'cells'"),
        ("run train.ipynb --workers 0", 2, "0 is not in the range x>=1"),
        ("run train.ipynb --workers many", 2, "'many' is not a valid integer"),
        ("load a", 2, "No such command 'load'"),
        ("cache prune --max-size much", 2, "'much' is no size; write it as 20GB"),
        ("cache prune --older-than ever", 2, "'ever' is no age; write it as 30d"),
        ("completion bash", 0, "_mlops_completion"),
        ("runs show nope", 2, "no run 'nope'"),
    ],
)
def test_a_call_says_what_is_wrong_and_ends_with_its_exit_code(
    words: str, exit_code: int, said: str, tmp_path: Path
) -> None:
    (tmp_path / "train.ipynb").write_text("{}")
    done = mlops(*words.split(), cwd=tmp_path)
    assert done.returncode == exit_code, done.stderr
    assert said in (done.stderr if exit_code else done.stdout)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("run nope.ipynb", "NotFound"),
        ("run", "UsageError"),
        ("run --nope", "NoSuchOption"),
        ("runs diff", "MissingParameter"),
    ],
)
def test_with_json_an_error_is_json_too(words: str, kind: str, tmp_path: Path) -> None:
    done = mlops(*words.split(), "--json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "")
    error = json.loads(done.stdout)["error"]
    assert error["kind"] == kind
    assert error["message"]


def test_init_writes_settings_once(tmp_path: Path) -> None:
    first = mlops("init", cwd=tmp_path)
    assert (first.returncode, first.stdout) == (0, f"wrote {tmp_path / 'mlops.toml'}\n")
    second = mlops("init", cwd=tmp_path)
    assert second.returncode == 2
    assert "is there already" in second.stderr


def test_a_reader_who_leaves_early_is_no_error(tmp_path: Path) -> None:
    call = f"{sys.executable} -m mlops_lab completion zsh | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", call], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("mlops ru", ["run", "runs"]),
        ("mlops run train.ipynb --ups --upt", ["--upto"]),
        ("mlops run train.ipynb --upto ", ["load", "fit"]),
        ("mlops run train.ipynb --refresh load --refresh f", ["fit"]),
        ("mlops run --notebook train.ipynb --only ", ["load", "fit"]),
        ("mlops run train.ipynb -p ", ["epochs", "rate"]),
        ("mlops run train.ipynb -p epochs 3 -p r", ["rate"]),
        ("mlops run train.ipynb --executor l", ["local"]),
        ("mlops run train.ipynb --steps s", ["sections"]),
        ("mlops run gone.ipynb --upto ", []),
        ("mlops run broken.ipynb --upto ", []),
        ("mlops runs show ", []),
    ],
)
def test_tab_offers_words_steps_and_parameters(
    line: str, offered: list[str], tmp_path: Path
) -> None:
    cells = [
        nbformat.v4.new_code_cell(source, metadata={"tags": [tag]})
        for source, tag in [
            ("epochs = 2\nrate = 0.1", "parameters"),
            ("x = 1", "step:load"),
            ("y = x", "step:fit"),
        ]
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "train.ipynb")
    (tmp_path / "broken.ipynb").write_text("{")
    words = {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1)}
    done = subprocess.run(
        [sys.executable, "-m", "mlops_lab"],
        cwd=tmp_path,
        env={**os.environ, **words, "_MLOPS_COMPLETE": "bash_complete"},
        capture_output=True,
        text=True,
        check=True,
    )
    found = [item.partition(",")[2] for item in done.stdout.split()]
    assert (found, done.stderr) == (offered, "")
