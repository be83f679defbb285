"""When workers were busy with what, and what running side by side has brought."""

from __future__ import annotations

import json

from mlops_lab.records.events import RunFinished, RunStarted
from mlops_lab.records.run import Run, fold
from mlops_lab.records.step import StepRecord
from mlops_lab.records.timeline import Bar, timeline, timeline_json

from .side_by_side import EVENTS

RUN = fold(EVENTS)


def test_home_is_the_first_row_and_scouts_follow_as_they_began() -> None:
    found = timeline(RUN)
    assert [(row.label, row.workers) for row in found.rows] == [
        ("home", ("k1",)),
        ("scout 1", ("k2",)),
        ("scout 2", ("k3",)),
    ]


def test_each_stretch_is_a_bar_and_a_cached_step_has_no_length() -> None:
    home, margin, forest = timeline(RUN).rows
    assert [(bar.step, bar.start, bar.end) for bar in home.bars] == [
        ("load", 0.5, 0.5),
        ("features", 1.0, 3.0),
        ("linear", 3.0, 4.0),
        ("boosting_trees", 4.0, 10.0),
        ("evaluate", 12.0, 14.0),
    ]
    assert home.bars[0].kind == "cached"
    assert margin.bars == (
        Bar(step="margin", kind="ran", start=3.0, end=8.0, early=True, waits=((6.0, 7.0),)),
        Bar(step="evaluate", kind="dropped", start=8.0, end=9.0, early=True),
    )
    assert [(bar.kind, bar.start, bar.end) for bar in forest.bars] == [
        ("dropped", 3.0, 5.0),
        ("ran", 5.0, 12.0),
    ]


def test_one_kernel_takes_its_start_and_every_steps_own_time() -> None:
    found = timeline(RUN)
    assert (found.wall, found.worked, found.waited, found.wasted) == (14.0, 22.0, 1.0, 3.0)
    assert found.alone == 23.0
    assert found.times == 23.0 / 14.0


def test_a_failed_run_is_not_compared() -> None:
    failed = (*EVENTS[:-1], RunFinished(at=114.0, status="failed", seconds=14.0))
    assert timeline(fold(failed)).times is None


def test_a_run_that_goes_on_ends_now() -> None:
    found = timeline(fold(EVENTS[:9]), now=104.5)
    assert found.wall == 4.5
    assert {bar.end for row in found.rows for bar in row.bars if bar.step == "margin"} == {4.5}


def test_a_run_of_home_alone_has_one_row() -> None:
    alone = timeline(fold(EVENTS[:4]), now=103.0)
    assert [row.label for row in alone.rows] == ["home"]
    assert alone.times is None


def test_a_run_recorded_before_there_were_spans_has_bars_all_the_same() -> None:
    old = StepRecord(name="a", status="succeeded", worker="k1", started=11.0, seconds=2.0)
    (row,) = timeline(Run(run_id="r", started=10.0, seconds=4.0, steps=(old,))).rows
    assert row.bars == (Bar(step="a", kind="ran", start=1.0, end=3.0),)


def test_a_run_without_steps_has_no_rows() -> None:
    begun = EVENTS[0]
    assert isinstance(begun, RunStarted)
    assert timeline(fold([begun])).rows == ()


def test_the_timeline_is_json() -> None:
    assert json.loads(json.dumps(timeline_json(timeline(RUN))))["times"] == 23.0 / 14.0
