"""A run's answer, whether it went well or not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from mlops_lab.commands.failure import failure_lines
from mlops_lab.commands.place import Place
from mlops_lab.commands.run import drive
from mlops_lab.commands.wire import heard
from mlops_lab.errors import MlopsError, RunCancelled, RunFailed
from mlops_lab.records.events import Event, RunFinished, RunStarted, StepFinished
from mlops_lab.records.run import Run, fold

STARTED = RunStarted(
    at=100,
    run_id="4c90",
    notebook="churn.ipynb",
    output="o.ipynb",
    executor="local",
    params={"epochs": 2},
    steps=("train",),
    host="h",
    pid=1,
    pid_started=1.0,
)
WELL: tuple[Event, ...] = (
    STARTED,
    StepFinished(
        at=101, step="train", status="succeeded", cached=False, seconds=1.0, metrics={"acc": 0.9}
    ),
    RunFinished(at=101, status="succeeded", seconds=1.5),
)
BADLY: tuple[Event, ...] = (
    STARTED,
    StepFinished(at=101, step="train", status="failed", cached=False, seconds=1.0, error="E: no"),
    RunFinished(at=101, status="failed", seconds=1.5),
)
FAILED = RunFailed(step="train", cell=3, ename="E", evalue="no", traceback="In[3]\nE: no")


def going(
    events: tuple[Event, ...], error: MlopsError | None = None
) -> Callable[[Callable[[Event], None]], Run]:
    def work(listen: Callable[[Event], None]) -> Run:
        for event in events:
            listen(event)
        if error:
            raise error
        return fold(events)

    return work


def test_a_run_that_went_well_has_the_promised_json() -> None:
    assert drive(going(WELL), Place(words=("--json",)), quiet=False).data == {
        "run_id": "4c90",
        "status": "succeeded",
        "notebook": "churn.ipynb",
        "output": "o.ipynb",
        "seconds": 1.5,
        "params": {"epochs": 2},
        "metrics": {"acc": 0.9},
        "mlflow_run_id": None,
        "user": "",
        "surface": "",
        "host": "h",
        "kernel": "",
        "git_commit": None,
        "git_dirty": None,
        "saved": 0.0,
        "steps": [
            {
                "name": "train",
                "status": "succeeded",
                "cached": False,
                "attempts": 1,
                "worker": None,
                "seconds": 1.0,
                "reads": [],
                "writes": [],
                "resources": {},
                "error": None,
                "early": False,
                "waited": 0.0,
                "memory": None,
                "cpu": None,
                "saved": 0.0,
                "dropped": [],
            }
        ],
        "timeline": {
            "rows": (),
            "wall": 1.5,
            "worked": 1.0,
            "waited": 0,
            "wasted": 0,
            "alone": None,
            "times": None,
        },
    }


def test_a_failed_run_is_told_with_the_users_own_traceback_and_the_way_on() -> None:
    answer = drive(going(BADLY, FAILED), Place(), quiet=False)
    assert answer.error is not None
    assert list(failure_lines(answer.error)) == [
        "In[3]\nE: no",
        "",
        "mlops: step 'train', cell 3 failed: E: no",
        "mlops: mend it and run again, what is finished is cached; or: mlops runs resume 4c90",
    ]
    assert answer.data["status"] == "failed"
    assert answer.data["error"]["cell"] == 3


@pytest.mark.parametrize(("error", "code"), [(FAILED, 1), (RunCancelled("stopped"), 130)])
def test_a_run_that_ends_badly_has_its_own_exit_code(error: MlopsError, code: int) -> None:
    answer = drive(going(BADLY, error), Place(), quiet=False)
    assert answer.error is not None
    assert answer.error.exit_code == code


def test_piped_it_says_a_line_a_step_then_the_whole(capsys: pytest.CaptureFixture[str]) -> None:
    answer = drive(going(WELL), Place(), quiet=False)
    assert capsys.readouterr().out == "  ✓ train  done 1.0 s\n"
    assert click.unstyle("\n".join(answer.text())).splitlines() == [
        "✓ churn.ipynb succeeded in 1.5 s: 1 ran",
        "  run         4c90",
        "  output      o.ipynb",
        "  metrics     acc 0.9",
        "  parameters  epochs 2",
    ]


def test_quiet_means_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(drive(going(WELL), Place(), quiet=True).text()) == []
    assert capsys.readouterr().out == ""


def test_another_process_hears_every_event(capsys: pytest.CaptureFixture[str]) -> None:
    drive(going(WELL), Place(words=("--events",)), quiet=False)
    assert tuple(map(heard, capsys.readouterr().out.splitlines())) == WELL


@pytest.fixture
def project(tmp_path: Path) -> Path:
    from mlops_lab.backends.records.sql import SqlRecords

    records = SqlRecords.open(tmp_path / ".mlops" / "records.db")
    records.append("4c90", WELL)
    records.close()
    logs = tmp_path / ".mlops" / "runs" / "4c90" / "logs"
    logs.mkdir(parents=True)
    (logs / "train.log").write_text("epoch 1\nepoch 2\n")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("runs list", "4c90  churn.ipynb"),
        ("runs list churn.ipynb", "4c90  churn.ipynb"),
        ("runs list other.ipynb", "nothing has run here"),
        ("runs show", "metrics     acc 0.9"),
        ("runs show --timeline", "no step has begun"),
        ("runs show 4c90 --step train", "✓ train  done 1.0 s"),
        ("runs logs", "epoch 1\nepoch 2\n"),
        ("runs logs 4c90 --step train", "epoch 1\nepoch 2\n"),
        ("runs diff 4c90 4c90", "is gone, so their code can't be compared"),
    ],
)
def test_what_has_run_can_be_asked_for(
    words: str,
    said: str,
    project: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from mlops_lab.commands.call import call

    monkeypatch.chdir(project)
    assert call(words.split(), Place()) == 0
    assert said in click.unstyle(capsys.readouterr().out)
    assert call([*words.split(), "--json"], Place()) == 0
    json.loads(capsys.readouterr().out)
