"""Steps that want the same take turns; those that can all have theirs run side by side."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mlops_lab.records.events import (
    AttemptDropped,
    AttemptFinished,
    Event,
    StepFinished,
    StepStarted,
)

from .lab import Lab, steps

COMPANY = """until = time() + 100
while not os.path.exists('company') and time() < until:
    sleep(0.01)
a = x + 1"""


def cells(first: str) -> dict[str, str]:
    """Four steps that want a GPU each."""
    return {
        "imports": "import os\nfrom time import sleep, time",
        "base": "x = 1",
        "a gpus:1": first,
        **{f"{name} gpus:1": f"sleep(0.5)\n{name} = x + 1" for name in "bcd"},
        "end": "print(a + b + c + d)",
    }


class Spans:
    """How many of the steps that want a GPU ran at once, at most; `company` is made at two."""

    def __init__(self, company: Path) -> None:
        self.most = 0
        self._company = company
        self._now: set[str] = set()

    def __call__(self, event: Event) -> None:
        match event:
            case StepStarted(step=step) if step in "abcd":
                self._now.add(step)
                self.most = max(self.most, len(self._now))
                if len(self._now) > 1:
                    self._company.touch()
            case AttemptFinished(step=step) | AttemptDropped(step=step) | StepFinished(step=step):
                self._now.discard(step)


def pretend(count: int, folder: Path, patch: pytest.MonkeyPatch) -> None:
    """A machine that says it has so many GPUs."""
    program = folder / "bin" / "nvidia-smi"
    program.parent.mkdir()
    lines = "\n".join(f"echo '{index}, GPU-{index}, Tesla T4'" for index in range(count))
    program.write_text(f"#!/bin/sh\n{lines}\n")
    program.chmod(0o755)
    patch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    patch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


@pytest.mark.parametrize(
    ("gpus", "first", "at_once"),
    [(1, "sleep(0.5)\na = x + 1", {1}), (4, COMPANY, {2, 3, 4})],
    ids=["one", "four"],
)
def test_steps_that_want_a_gpu_each_share_those_of_this_machine(
    gpus: int, first: str, at_once: set[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(gpus, tmp_path, monkeypatch)
    lab = Lab(tmp_path / "lab", cells(first))
    spans = Spans(lab.folder / "company")
    run = lab.run(spans, workers=4)
    assert set(steps(run).values()) == {"succeeded"}, run.error
    assert lab.text()["c6"] == "8\n"
    assert spans.most in at_once
