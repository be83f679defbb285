"""Runs and plans in words."""

from __future__ import annotations

import click
import pytest

from mlops_lab.commands.answer import Answer, Table
from mlops_lab.commands.say import bytes_text, duration, headline, step_words
from mlops_lab.commands.say_diff import diff_parts
from mlops_lab.commands.say_plan import plan_headline, plan_json, plan_parts
from mlops_lab.commands.say_run import run_parts
from mlops_lab.ir.pipeline import Pipeline
from mlops_lab.ir.plan import IN_TURN, Decision, Plan, Reason
from mlops_lab.ir.step import Segment, Step
from mlops_lab.records.diff import Change, CodeChange, RunDiff, StepChange
from mlops_lab.records.run import Run
from mlops_lab.records.step import StepRecord


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, ""),
        (0.04, "0.0 s"),
        (0.21, "0.2 s"),
        (9.97, "10 s"),
        (59.4, "59 s"),
        (59.6, "1:00"),
        (66, "1:06"),
        (7380, "2:03:00"),
    ],
)
def test_a_duration_reads_as_people_say_it(seconds: float | None, said: str) -> None:
    assert duration(seconds) == said


@pytest.mark.parametrize(
    ("size", "said"),
    [(0, "0 B"), (999, "999 B"), (4200, "4.2 kB"), (437e6, "437 MB"), (3e13, "30.0 TB")],
)
def test_a_size_reads_as_people_say_it(size: float, said: str) -> None:
    assert bytes_text(size) == said


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (StepRecord(name="a"), "waiting"),
        (StepRecord(name="a", status="running"), "running"),
        (
            StepRecord(name="a", status="running", started=100, cells=2, cells_done=0),
            "cell 1 of 2 · 18 s",
        ),
        (StepRecord(name="a", status="succeeded", cached=True, seconds=0), "cached"),
        (StepRecord(name="a", status="succeeded", seconds=27.4), "done 27 s"),
        (StepRecord(name="a", status="succeeded", seconds=2, attempts=2), "done 2.0 s, attempt 2"),
        (
            StepRecord(name="a", status="failed", seconds=66, cell=12),
            "failed after 1:06 in cell 12",
        ),
        (StepRecord(name="a", status="skipped"), "not reached"),
    ],
)
def test_a_step_says_what_became_of_it(step: StepRecord, said: str) -> None:
    assert step_words(step, now=118) == said


RUN = Run(
    run_id="4c90",
    status="failed",
    notebook="lab/churn.ipynb",
    output=".mlops/runs/4c90/churn.ipynb",
    params={"epochs": 20},
    seconds=66,
    notes=("needs a GPU; runs without",),
    steps=(
        StepRecord(name="load", status="succeeded", cached=True),
        StepRecord(name="<b>", status="failed", seconds=1, metrics={"acc": 0.97}),
        StepRecord(name="report", status="skipped"),
    ),
)


def test_a_run_tells_how_its_steps_went() -> None:
    said = click.unstyle(headline(RUN))
    assert said == "✗ churn.ipynb failed in 1:06: 1 cached, 1 failed, 1 not reached"


def test_a_run_is_a_page() -> None:
    text = click.unstyle("\n".join(Answer(data=None, parts=tuple(run_parts(RUN))).text()))
    assert text.splitlines() == [
        "✗ churn.ipynb failed in 1:06: 1 cached, 1 failed, 1 not reached",
        "   step                        why",
        "=  load    cached",
        "✗  <b>     failed after 1.0 s",
        "–  report  not reached",
        "  run         4c90",
        "  output      .mlops/runs/4c90/churn.ipynb",
        "  metrics     acc 0.97",
        "  parameters  epochs 20",
        "  note        needs a GPU; runs without",
    ]


def test_nothing_in_a_page_is_markup() -> None:
    html = Answer(data=None, parts=(*run_parts(RUN), "<script>", Table(rows=(("<i>",),)))).html()
    assert "<b>" not in html
    assert "<script>" not in html
    assert "<i>" not in html
    assert "&lt;script&gt;" in html


def test_columns_stand_under_each_other_whatever_the_script() -> None:
    table = Table(rows=(("실행", "1"), ("run", "10")), right=frozenset({1}))
    assert list(table.lines()) == ["실행   1", "run   10"]


def plan(**fates: Decision) -> Plan:
    reads = (("x", "fit"),)
    steps = tuple(Step(name=n, segments=(i,), reads=reads) for i, n in enumerate(fates))
    segments = tuple(Segment(name=name, cells=()) for name in fates)
    pipeline = Pipeline(name="churn", segments=segments, steps=steps)
    return Plan(pipeline=pipeline, decisions=tuple(fates.values()))


PLAN = plan(
    load=Decision(fate="cached", entry="e1"),
    train=Decision(
        fate="run",
        why=(
            Reason(kind="parameter", what="n_estimators", old="300", new="400"),
            Reason(kind="code"),
        ),
    ),
    report=Decision(fate="may-run", why=(Reason(kind="above", what="train"),)),
)


def test_a_plan_says_first_how_much_will_run() -> None:
    assert plan_headline(PLAN) == "1 to run, 1 may run, 1 cached"
    assert plan_headline(plan()) == "nothing to run"


def test_a_plan_gives_each_step_its_first_cause() -> None:
    text = click.unstyle("\n".join(Answer(data=None, parts=tuple(plan_parts(PLAN))).text()))
    assert text.splitlines()[1:] == [
        "  =  load    cached",
        "  ≠  train   will run  parameter n_estimators changed: 300 → 400 (and 1 more)",
        "  ?  report  may run   train runs above it and may give the same again",
    ]


def test_a_plan_says_what_may_run_ahead_and_what_keeps_the_rest_at_home() -> None:
    found = plan(
        load=Decision(fate="cached", entry="e1", seconds=3.0),
        fit=Decision(fate="run", why=(Reason(kind="code"),), seconds=4.1),
        score=Decision(fate="run", why=(Reason(kind="new"),), waits=("x",)),
        save=Decision(fate="may-run", home="writes out.csv", seconds=0.01),
    )
    text = click.unstyle("\n".join(Answer(data=None, parts=tuple(plan_parts(found))).text()))
    assert text.splitlines()[1:] == [
        "     step                         why                               where",
        "  =  load   cached",
        "  ≠  fit    will run, took 4.1 s  code changed                      ahead",
        "  ≠  score  will run              has no result with this code yet  ahead, waits for x",
        "  ?  save   may run                                                 home: writes out.csv",
    ]
    assert plan_json(found)["steps"][2]["waits"] == ["x"]


def test_segments_of_a_step_say_together_what_keeps_it_at_home() -> None:
    reads = (("a", "load"), ("b", "load"), ("np", None))
    step = Step(name="fit", segments=(0, 1), reads=reads)
    segments = (Segment(name="fit", cells=()),) * 2
    found = Plan(
        pipeline=Pipeline(name="churn", segments=segments, steps=(step,)),
        decisions=(
            Decision(fate="run", seconds=1.0, home=IN_TURN, waits=("a", "np")),
            Decision(fate="cached", seconds=2.0, home="writes files", waits=("a", "b")),
        ),
    )
    fate = found.fate("fit")
    assert (fate.home, fate.waits, fate.seconds) == ("writes files", ("a", "b"), 3.0)


def test_a_plan_as_json_holds_old_and_new() -> None:
    step = plan_json(PLAN)["steps"][1]
    assert (step["name"], step["fate"]) == ("train", "run")
    assert step["why"][0] == {
        "kind": "parameter",
        "what": "n_estimators",
        "old": "300",
        "new": "400",
        "text": "parameter n_estimators changed: 300 → 400",
    }


def test_a_difference_shows_what_differs_and_counts_the_rest() -> None:
    same = StepChange(
        name="load", status=("succeeded",) * 2, cached=(True, True), seconds=(0.0, 0.0)
    )
    other = StepChange(
        name="train",
        status=("succeeded", "succeeded"),
        cached=(True, False),
        seconds=(0.0, 27.0),
        why=("code changed",),
        code=CodeChange(cells=(), text="- a\n+ b\n"),
    )
    changes = (Change(what="epochs", a=None, b=20),)
    found = RunDiff(
        a="1",
        b="2",
        status=("succeeded", "failed"),
        parameters=changes,
        steps=(same, other),
        outside=CodeChange(cells=(), text="- import os\n"),
        unread=("1",),
    )
    assert list(Answer(data=None, parts=tuple(diff_parts(found))).text()) == [
        "1 succeeded → 2 failed",
        "parameters",
        "  epochs    –  → 20",
        "steps (1 the same)                      why",
        "  train             cached  → ran 27 s  code changed",
        "the output of 1 is gone, so their code can't be compared",
        "\n- import os",
        "\n- a\n+ b",
    ]
