"""A run with two scouts, told event by event: what was adopted, waited, thrown away."""

from __future__ import annotations

from mlops_lab.records.events import (
    AttemptDropped,
    AttemptFinished,
    AttemptWaits,
    Event,
    RunFinished,
    RunStarted,
    StepFinished,
    StepStarted,
)

STEPS = ("load", "features", "linear", "margin", "forest", "boosting_trees", "evaluate")


def _start(at: float, step: str, worker: str) -> Event:
    return StepStarted(at=at, step=step, worker=worker, early=worker != "k1")


def _finish(at: float, step: str, seconds: float, *, early: bool = False) -> Event:
    return StepFinished(
        at=at, step=step, status="succeeded", cached=False, seconds=seconds, early=early
    )


def _done(at: float, step: str, worker: str, seconds: float, waited: float = 0.0) -> Event:
    return AttemptFinished(at=at, step=step, worker=worker, seconds=seconds, waited=waited)


def _drop(at: float, step: str, worker: str, why: str, name: str, seconds: float) -> Event:
    return AttemptDropped(at=at, step=step, worker=worker, why=why, name=name, seconds=seconds)


def _waits(at: float, step: str, worker: str, name: str = "") -> Event:
    return AttemptWaits(at=at, step=step, worker=worker, name=name)


EVENTS: tuple[Event, ...] = (
    RunStarted(
        at=100.0,
        run_id="4c90",
        notebook="churn.ipynb",
        output="o.ipynb",
        executor="local",
        params={},
        steps=STEPS,
        host="h",
        pid=1,
        pid_started=1.0,
        cells=dict.fromkeys(STEPS, 1),
    ),
    StepFinished(at=100.5, step="load", status="succeeded", cached=True, seconds=0.0),
    _start(101.0, "features", "k1"),
    _finish(103.0, "features", 2.0),
    _start(103.0, "linear", "k1"),
    _start(103.0, "margin", "k2"),
    _start(103.0, "forest", "k3"),
    _finish(104.0, "linear", 1.0),
    _start(104.0, "boosting_trees", "k1"),
    _drop(105.0, "forest", "k3", "stale", "df", 2.0),
    _start(105.0, "forest", "k3"),
    _waits(106.0, "margin", "k2", "results"),
    _waits(107.0, "margin", "k2"),
    _done(108.0, "margin", "k2", 5.0, waited=1.0),
    _start(108.0, "evaluate", "k2"),
    _drop(109.0, "evaluate", "k2", "acts", "writes out.csv", 1.0),
    _finish(110.0, "boosting_trees", 6.0),
    _done(112.0, "forest", "k3", 7.0),
    _finish(112.0, "margin", 5.0, early=True),
    _finish(112.0, "forest", 7.0, early=True),
    _start(112.0, "evaluate", "k1"),
    _finish(114.0, "evaluate", 2.0),
    RunFinished(at=114.0, status="succeeded", seconds=14.0),
)
