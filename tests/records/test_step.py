"""A step's record: a fold of the events about it, attempts ahead of home among them."""

from __future__ import annotations

import json

import pytest

from mlops_lab.records.events import (
    KINDS,
    AttemptDropped,
    AttemptFinished,
    AttemptWaits,
    CellFinished,
    CellStarted,
    Event,
    RunFinished,
    RunStarted,
    StepFinished,
    StepStarted,
    from_json,
    to_json,
)
from mlops_lab.records.run import Run, fold
from mlops_lab.records.run import from_json as run_from_json
from mlops_lab.records.run import to_json as run_to_json
from mlops_lab.records.span import Drop, Span
from mlops_lab.records.step import StepRecord

BEGIN = RunStarted(
    at=0.0,
    run_id="r1",
    notebook="a.ipynb",
    output="o.ipynb",
    executor="local",
    params={},
    steps=("fit",),
    host="h",
    pid=1,
    pid_started=0.0,
    cells={"fit": 2},
)
EARLY = StepStarted(at=1.0, step="fit", worker="s", early=True)
READY = AttemptFinished(at=4.0, step="fit", worker="s", seconds=3.0, waited=1.0)
STALE = AttemptDropped(at=3.0, step="fit", worker="s", why="stale", name="df", seconds=2.0)
HOME = StepStarted(at=5.0, step="fit", worker="h")
DONE = StepFinished(at=7.0, step="fit", status="succeeded", cached=False, seconds=2.0)
TOOK = StepFinished(
    at=7.0, step="fit", status="succeeded", cached=False, seconds=3.0, early=True, worker="s"
)


def _fit(*events: Event) -> StepRecord:
    return fold([BEGIN, *events]).steps[0]


def _run() -> Run:
    waits = AttemptWaits(at=2.0, step="fit", worker="s", name="results")
    goes_on = AttemptWaits(at=3.0, step="fit", worker="s")
    return fold([BEGIN, EARLY, waits, STALE, EARLY, waits, goes_on, READY, TOOK])


@pytest.mark.parametrize(
    ("events", "status"),
    [
        ((EARLY,), "running"),
        ((EARLY, STALE), "waiting"),
        ((EARLY, READY), "ready"),
        ((EARLY, READY, STALE), "waiting"),
        ((EARLY, READY, STALE, HOME), "running"),
        ((EARLY, READY, TOOK), "succeeded"),
        ((EARLY, RunFinished(at=9.0, status="failed", seconds=9.0)), "skipped"),
        ((EARLY, READY, RunFinished(at=9.0, status="failed", seconds=9.0)), "skipped"),
        ((EARLY, READY, RunFinished(at=9.0, status="cancelled", seconds=9.0)), "skipped"),
        ((HOME, RunFinished(at=9.0, status="cancelled", seconds=9.0)), "cancelled"),
    ],
)
def test_a_step_is_where_its_last_event_left_it(events: tuple[Event, ...], status: str) -> None:
    assert _fit(*events).status == status


def test_what_a_scout_has_done_ends_when_it_was_done_and_not_when_home_took_it() -> None:
    step = _fit(EARLY, READY, TOOK)
    assert (step.early, step.started, step.ended, step.seconds) == (True, 1.0, 4.0, 3.0)
    assert (step.waited, step.worker) == (1.0, "s")


def test_a_dropped_attempt_leaves_nothing_but_its_trace() -> None:
    after = _fit(EARLY, CellStarted(at=1, step="fit", cell=3), STALE)
    drop = Drop(worker="s", started=1.0, seconds=2.0, why="stale", name="df")
    assert after.dropped == (drop,)
    assert (after.started, after.early, after.cell, after.cells_done) == (None, False, None, 0)
    assert _fit(EARLY, STALE, HOME, DONE).spans == (Span(worker="h", started=5.0, ended=7.0),)


def test_cells_of_a_dropped_attempt_are_still_to_do() -> None:
    cell = CellFinished(at=2, step="fit", cell=3, seconds=1, status="succeeded", worker="s")
    assert _fit(EARLY, cell).cells_done == 1
    assert _fit(EARLY, cell, STALE).cells_done == 0
    again = CellFinished(at=6, step="fit", cell=3, seconds=1, status="failed", worker="h")
    retry = StepStarted(at=7.0, step="fit", worker="h2", attempt=2)
    assert _fit(HOME, again, retry).cells_done == 0


def test_segments_of_one_step_have_bars_of_their_own() -> None:
    first = CellFinished(at=6, step="fit", cell=3, seconds=1, status="succeeded", worker="h")
    step = _fit(EARLY, HOME, first, READY, DONE)
    assert step.spans == (
        Span(worker="s", started=1.0, ended=4.0, early=True, waited=1.0),
        Span(worker="h", started=5.0, ended=6.0, cells=1),
    )


def test_a_wait_is_told_while_it_lasts_and_kept() -> None:
    waits = AttemptWaits(at=2.0, step="fit", worker="s", name="results")
    assert _fit(EARLY, waits).waits == "results"
    assert _fit(EARLY, waits, READY).spans[0].waits == ((2.0, 4.0),)
    assert _run().steps[0].waits == ""
    assert _run().steps[0].spans[0].waits == ((2.0, 3.0),)


def test_what_a_dropped_attempt_waited_is_not_wasted() -> None:
    waits = AttemptWaits(at=1.5, step="fit", worker="s", name="results")
    (drop,) = _fit(EARLY, waits, STALE).dropped
    assert (drop.seconds, drop.waited, drop.wasted) == (2.0, 1.5, 0.5)


def test_a_run_with_early_attempts_comes_back_from_json_as_it_was() -> None:
    assert run_from_json(json.loads(json.dumps(run_to_json(_run())))) == _run()


def test_a_step_recorded_before_there_were_scouts_can_be_read() -> None:
    body = run_to_json(fold([BEGIN, HOME, DONE]))
    for new in ("early", "ended", "waited", "waits", "spans", "dropped"):
        del body["steps"][0][new]
    old = run_from_json(body).steps[0]
    assert (old.status, old.seconds, old.spans, old.ended) == ("succeeded", 2.0, (), None)


@pytest.mark.parametrize("event", [EARLY, READY, STALE, TOOK], ids=lambda e: type(e).__name__)
def test_an_event_comes_back_from_json_as_it_was(event: Event) -> None:
    assert from_json(json.loads(json.dumps(to_json(event)))) == event
    assert type(event).__name__ in KINDS
