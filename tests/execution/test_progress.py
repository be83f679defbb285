"""What becomes of segments, told as events about steps: attempts ahead of home among them."""

from __future__ import annotations

import pytest

from mlops_lab.compiler.compile import compile
from mlops_lab.execution.progress import Progress
from mlops_lab.records.entry import Entry
from mlops_lab.records.events import AttemptDropped, AttemptWaits, Event, RunStarted, StepStarted
from mlops_lab.records.run import Run, fold
from tests.compiler.rows import row

PIPELINE = compile(
    row(
        "progress",
        """two segments of one step
--- step:load
x = 1
--- step:fit
y = x
--- step:load
z = y
""",
    ).notebook
)
LOAD, FIT, MORE = (i for i, s in enumerate(PIPELINE.segments) if s.cells)
BEGIN = RunStarted(
    at=0.0,
    run_id="r1",
    notebook="a.ipynb",
    output="o.ipynb",
    executor="local",
    params={},
    steps=("load", "fit"),
    host="h",
    pid=1,
    pid_started=0.0,
)


class Told:
    """Progress, and the run that its events make."""

    def __init__(self) -> None:
        self.events: list[Event] = [BEGIN]
        self.progress = Progress(PIPELINE, self.events.append)

    @property
    def run(self) -> Run:
        return fold(self.events)

    def status(self, step: str) -> str:
        return next(s.status for s in self.run.steps if s.name == step)


@pytest.fixture
def told() -> Told:
    return Told()


def _entry(step: str) -> Entry:
    return Entry(id=step, code="", notebook="", step=step, run_id="r1", created=0.0, seconds=1.0)


def test_what_a_scout_did_counts_once_home_has_taken_it(told: Told) -> None:
    told.progress.early_begins(FIT, "scout")
    told.progress.early_ends(FIT, "scout", 2.0, 0.5)
    assert told.status("fit") == "ready"
    told.progress.took(FIT, _entry("fit"), "scout", 2.0, why=("code changed",))
    fit = told.run.steps[1]
    assert (fit.status, fit.early, fit.cached, fit.worker) == ("succeeded", True, False, "scout")
    assert (fit.seconds, fit.waited, fit.why) == (2.0, 0.5, ("code changed",))


def test_after_a_dropped_attempt_home_runs_the_step(told: Told) -> None:
    told.progress.early_begins(FIT, "scout")
    told.progress.dropped(FIT, "scout", "stale", "x", 1.5)
    assert told.status("fit") == "waiting"
    told.progress.begins(FIT, "home", 1, ())
    told.progress.ran(FIT, 1.0, 1, None)
    fit = told.run.steps[1]
    assert (fit.status, fit.early, fit.worker, len(fit.dropped)) == ("succeeded", False, "home", 1)


def test_segments_of_one_step_are_told_apart(told: Told) -> None:
    told.progress.begins(LOAD, "home", 1, ())
    told.progress.early_begins(MORE, "scout")
    told.progress.cell_begins("load", 1)
    told.progress.cell_ends("load", 1, 0.1, failed=False)
    told.progress.cell_begins("load", 3)
    told.progress.cell_ends("load", 3, 0.1, failed=False)
    assert told.run.steps[0].cells_done == 2
    told.progress.dropped(MORE, "scout", "acts", "file out.csv", 0.1)
    load = told.run.steps[0]
    assert (load.cells_done, [span.worker for span in load.spans]) == (1, ["home"])


def test_two_results_of_one_scout_for_one_step_are_told_apart(told: Told) -> None:
    for index in (LOAD, MORE):
        told.progress.early_begins(index, "scout")
        told.progress.early_ends(index, "scout", 1.0)
    begun = [event.at for event in told.events if isinstance(event, StepStarted)]
    told.progress.dropped(LOAD, "scout", "stale", "x", 1.0)
    load = told.run.steps[0]
    assert [span.started for span in load.spans] == begun[1:]
    assert [drop.started for drop in load.dropped] == begun[:1]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("df", "df"),
        ("@Model#2.1", "Model"),
        ("@cwd", "setting cwd"),
        ("@numpy.random", "the random generator"),
        ("", ""),
    ],
)
def test_names_are_told_as_a_person_knows_them(told: Told, name: str, said: str) -> None:
    told.progress.early_begins(FIT, "scout")
    told.progress.early_waits(FIT, "scout", name)
    told.progress.dropped(FIT, "scout", "stale", name)
    names = [e.name for e in told.events if isinstance(e, AttemptWaits | AttemptDropped)]
    assert names == [said, said]
