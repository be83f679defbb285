"""Steps that can run side by side do; what goes wrong with scouts does no harm. Counted, not timed.

Where a cell has to last until something has happened, it looks for a file that a listener makes
when it has heard of that. The file lies where no step is held to have read it: in a `.cache`.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from mlops_lab.backends.executors.local import LocalExecutor
from mlops_lab.interfaces import Launch, Worker
from mlops_lab.records.events import AttemptDropped, AttemptFinished, Event, StepStarted
from mlops_lab.records.run import Run
from mlops_lab.workbench import Workbench

from .lab import SETTINGS, Lab, step, steps

WITHIN = 10.0
WAIT = """
until = time() + 60
while not os.path.exists('.cache/go') and time() < until:
    sleep(0.01)
"""
IMPORTS = "import os\nfrom time import sleep, time"
TRAINING = "from sklearn.linear_model import Ridge\nX_train = [[i, i % 3] for i in range(9)]"
FIT = "= Ridge(alpha={}).fit(X_train, range(9))"

SIDE_BY_SIDE: dict[str, dict[str, str]] = {
    "three models of one training set": {
        "imports": IMPORTS,
        "load": TRAINING,
        "a": WAIT + "a " + FIT.format(1),
        "b": WAIT + "b " + FIT.format(2),
        "c": WAIT + "c " + FIT.format(3),
        "end": "print([round(m.score(X_train, range(9)), 2) for m in (a, b, c)])",
    },
    "features of one frame": {
        "imports": IMPORTS + "\nimport pandas as pd",
        "load": "df = pd.DataFrame({'k': list('aabb'), 'v': [1, 2, 3, 4]})",
        "a": WAIT + "a = df.groupby('k').v.sum()",
        "b": WAIT + "b = df.v.rolling(2).mean()",
        "c": WAIT + "c = pd.get_dummies(df.k)",
        "end": "print(a.sum(), b.sum(), c.shape)",
    },
    "results put into one dictionary": {
        "imports": IMPORTS,
        "load": TRAINING + "\nresults = {}",
        "a": WAIT + "a " + FIT.format(1) + "\nresults['a'] = a.alpha",
        "b": WAIT + "b " + FIT.format(2) + "\nresults['b'] = b.alpha",
        "c": WAIT + "c " + FIT.format(3) + "\nresults['c'] = c.alpha",
        "end": "print(results)",
    },
    "sections that know nothing of one another": {
        "imports": IMPORTS,
        "a": WAIT + "a = sum(i for i in range(9))\nprint(a)",
        "b": WAIT + "b = sum(i for i in range(99))\nprint(b)",
        "c": WAIT + "c = sum(i for i in range(999))\nprint(c)",
        "d": WAIT + "d = sum(i for i in range(9999))\nprint(d)",
        "e": WAIT + "e = sum(i for i in range(99999))\nprint(e)",
    },
}


class Go:
    """Makes the file `.cache/go` once all of these steps have come to such an event.

    An attempt that is dropped has come to nothing, unless that is what is waited for.
    """

    def __init__(self, folder: Path, wanted: set[str], kind: type[Event]) -> None:
        self.file = folder / ".cache" / "go"
        self.file.parent.mkdir(exist_ok=True)
        self.file.unlink(missing_ok=True)
        self._wanted = wanted
        self._kind = kind
        self._there: set[str] = set()

    def __call__(self, event: Event) -> None:
        if isinstance(event, self._kind):
            self._there.add(getattr(event, "step", ""))
        elif isinstance(event, AttemptDropped):
            self._there.discard(event.step)
        if self._there >= self._wanted:
            self.file.touch()


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    lab = Lab(tmp_path)
    lab.bench.runs.tactics = {"patience": 0.0}
    yield lab
    for process in kernels(tmp_path):
        process.kill()


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Worker]:
    """The workers that were started, as long as the test goes on."""
    found: list[Worker] = []
    start = LocalExecutor.start

    async def counted(self: LocalExecutor, launch: Launch) -> Worker:
        worker = await start(self, launch)
        found.append(worker)
        return worker

    monkeypatch.setattr(LocalExecutor, "start", counted)
    return found


def kernels(folder: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if "MLOPS_RUN_ID" in process.environ() and Path(process.cwd()) == folder:
                if process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def at_once(run: Run, names: set[str]) -> bool:
    """Whether there was a moment at which all of these steps ran."""
    spans = [step(run, name).spans[-1] for name in names]
    return max(s.started for s in spans) < min(s.ended or 0.0 for s in spans)


def dropped(run: Run) -> list[tuple[str, str, str]]:
    return [(s.name, d.why, d.name) for s in run.steps for d in s.dropped]


def until(fact: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("cells", SIDE_BY_SIDE.values(), ids=SIDE_BY_SIDE)
def test_branches_run_side_by_side_and_nothing_is_wasted_once_they_are_known(
    lab: Lab, cells: Mapping[str, str]
) -> None:
    lab.write(cells)
    branches = {name for name in cells if len(name) == 1}
    first = lab.run(Go(lab.folder, branches, StepStarted), workers=len(branches))
    assert first.status == "succeeded", first.error
    assert at_once(first, branches)
    again = lab.run(
        Go(lab.folder, branches, StepStarted),
        workers=len(branches),
        refresh=tuple(s.name for s in first.steps),
    )
    assert again.status == "succeeded", again.error
    assert at_once(again, branches)
    assert dropped(again) == []
    assert sum(step(again, name).early for name in branches) >= len(branches) - 1
    assert lab.text(again) == lab.text(first)


def test_a_chain_needs_no_kernel_but_home(lab: Lab, started: list[Worker]) -> None:
    links = {name: f"{name} = sum([{above}] * 9)" for above, name in pairwise("abcdef")}
    lab.write({"a": "a = 1", **links, "end": "print(f)"})
    run = lab.run(workers=4)
    assert run.status == "succeeded", run.error
    assert lab.text(run)["c6"] == f"{9**5}\n"
    assert len(started) == 1
    assert not any(s.early or s.dropped for s in run.steps)


def test_what_was_finished_below_a_failure_is_kept_and_not_shown(lab: Lab) -> None:
    cells = {
        "imports": IMPORTS,
        "x": "x = 1",
        "bad": WAIT + "raise ValueError('no')",
        "done": "done = sum(range(x * 99))\nprint('done')",
        "long": "print('long')\nfor i in range(60 * x): sleep(0.5)",
    }
    lab.write(cells)
    finished = Go(lab.folder, {"done"}, AttemptFinished)
    run = lab.run(finished, workers=3)
    assert run.status == "failed"
    assert steps(run) == {"x": "succeeded", "bad": "failed", "done": "skipped", "long": "skipped"}
    assert lab.text(run)["c3"] == lab.text(run)["c4"] == ""
    assert run.seconds is not None
    assert run.seconds < 25
    lab.write({**cells, "bad": "pass", "long": "print('short')"})
    again = lab.run(workers=1)
    assert steps(again)["done"] == "cached"
    assert lab.text(again)["c3"] == "done\n"
    assert kernels(lab.folder) == []


def test_a_run_with_scouts_at_work_is_cancelled_within_seconds(lab: Lab) -> None:
    wait = "for i in range(600): sleep(0.1)"
    lab.write({"imports": IMPORTS, "x": "x = 1", **{n: f"{wait}\n{n} = x" for n in "abc"}})
    process = lab.start("run", "lab.ipynb", "--workers", "3")

    def all_at_work() -> bool:
        runs = lab.bench.history.list(limit=1)
        at_work = [s for s in runs[0].steps if s.status == "running"] if runs else []
        assert process.poll() is None, process.communicate()
        return len(at_work) == 3

    until(all_at_work)
    assert len(kernels(lab.folder)) >= 3
    asked = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=WITHIN)
    until(lambda: not kernels(lab.folder), WITHIN - (time.monotonic() - asked))
    assert steps(lab.last) == {"x": "succeeded", "a": "cancelled", "b": "skipped", "c": "skipped"}


def test_a_step_is_tried_again_while_scouts_are_at_work(lab: Lab) -> None:
    flaky = "if not os.path.exists('well'):\n    raise OSError('flaky')\nprint(x)"
    lab.write(
        {
            "imports": IMPORTS,
            "x": "x = [1]",
            "a retries:2": "x.append(2)\n" + flaky,
            "b": "b = sum(range(999))\nprint(b)",
            "end": "print(x, b)",
        }
    )

    def help_the_second(event: Event) -> None:
        if isinstance(event, StepStarted) and event.step == "a" and event.attempt == 2:
            (lab.folder / "well").touch()

    run = lab.run(help_the_second, workers=3)
    assert run.status == "succeeded", run.error
    assert step(run, "a").attempts == 2
    assert lab.text(run)["c4"] == f"[1, 2] {sum(range(999))}\n"


def test_a_step_has_no_more_time_because_a_scout_began_it(lab: Lab) -> None:
    lab.write(
        {
            "imports": IMPORTS,
            "x": "x = 1",
            "a": WAIT + "a = x",
            "b timeout:2s": "for i in range(600): sleep(0.1)\nb = x",
        }
    )
    run = lab.run(Go(lab.folder, {"b"}, StepStarted), workers=2)
    assert run.status == "failed"
    assert "2 s" in (run.error or "")
    assert steps(run) == {"x": "succeeded", "a": "succeeded", "b": "failed"}


def test_a_scout_that_takes_too_much_memory_goes_and_the_run_succeeds(lab: Lab) -> None:
    (lab.folder / "mlops.toml").write_text(SETTINGS + "scout_memory = 0.001\n")
    lab.bench = Workbench.open(lab.folder)
    lab.bench.runs.tactics = {"patience": 0.0}
    lab.write(
        {
            "imports": IMPORTS,
            "x": "x = 1",
            "a": WAIT + "a = x",
            "b": "b = bytearray(os.urandom(300_000_000 * x))\nfor i in range(30 * x): sleep(0.1)",
            "end": "print(len(b))",
        }
    )
    run = lab.run(Go(lab.folder, {"b"}, AttemptDropped), workers=2)
    assert run.status == "succeeded", run.error
    assert ("b", "memory", "") in dropped(run)
    assert lab.text(run)["c4"] == "300000000\n"
    lab.write({"imports": IMPORTS, "x": "x = 1", "a": "a = x", "b": "b = x"})
    again = lab.run(workers=2)
    assert again.status == "succeeded", again.error
