"""Which commit a project stands at."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

_ALL_BUT_OURS = ("--", ":/", ":(exclude).mlops")


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A commit, and whether the tree differs from it."""

    id: str
    dirty: bool


def commit_of(root: Path) -> Commit | None:
    """The project's commit; None where it is no git repository or git is not there."""
    if not any((folder / ".git").exists() for folder in (root, *root.parents)):
        return None
    try:
        done = subprocess.run(
            ["git", "-C", str(root), "status", "--porcelain=v2", "--branch", *_ALL_BUT_OURS],
            capture_output=True,
            text=True,
            check=True,
            timeout=20,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    lines = done.stdout.splitlines()
    found = next((line.split()[-1] for line in lines if line.startswith("# branch.oid")), "")
    if not found or found == "(initial)":
        return None
    return Commit(id=found, dirty=any(not line.startswith("#") for line in lines))


def keep_out(folder: Path) -> None:
    """Let git pass the folder over, so that `git add .` takes no runs and no cache."""
    mark = folder / ".gitignore"
    if not mark.exists():
        mark.write_text("*\n", encoding="utf-8")
