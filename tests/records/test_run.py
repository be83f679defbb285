"""Runs as their events make them, in JSON, and back."""

from __future__ import annotations

import json

from mlops_lab.records.events import RunFinished, RunStarted, StepFinished, StepStarted
from mlops_lab.records.run import Run, fold, from_json, to_json


def _run() -> Run:
    return fold(
        [
            RunStarted(
                at=1.0,
                run_id="r1",
                notebook="a.ipynb",
                output="out.ipynb",
                executor="local",
                params={"x": [1, None]},
                steps=("load",),
                host="here",
                pid=7,
                pid_started=0.5,
            ),
            StepFinished(
                at=2.0, step="load", status="succeeded", cached=True, seconds=0.1, reads=("x",)
            ),
        ]
    )


def test_a_run_comes_back_from_json_as_it_was() -> None:
    assert from_json(json.loads(json.dumps(to_json(_run())))) == _run()


def test_what_a_newer_version_knows_of_a_run_is_passed_over() -> None:
    body = to_json(_run())
    body["new"] = body["steps"][0]["new"] = 1
    assert from_json(body) == _run()


def test_a_step_whose_other_part_was_not_reached_has_not_failed() -> None:
    begin = RunStarted(
        at=0.0, run_id="r", notebook="a.ipynb", output="o.ipynb", executor="local", params={},
        steps=("load", "fit"), host="h", pid=1, pid_started=0.0,
    )  # fmt: skip
    failed = StepFinished(at=2.0, step="fit", status="failed", cached=False, seconds=1.0)
    end = RunFinished(at=3.0, status="failed", seconds=3.0)
    run = fold([begin, StepStarted(at=1.0, step="load", worker="k"), failed, end])
    assert [step.status for step in run.steps] == ["skipped", "failed"]
