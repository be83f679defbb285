"""What steps needed, put together; and how two runs differ in it."""

from __future__ import annotations

from mlops_lab.records.events import Event, StepFinished, from_json, to_json
from mlops_lab.records.needs import FileNeed, Needs, OtherNeed, RunNeeds, together
from mlops_lab.records.needsdiff import NeedChange, NeedsDiff, differing

LOAD = Needs(
    python="CPython 3.11",
    packages={"numpy": "1.0"},
    files={"a.csv": "aaaaaaaaaaaa", "b.csv": "bbbbbbbbbbbb"},
    sizes={"a.csv": 8},
    variables=("HOME",),
)
FIT = Needs(python="CPython 3.11", files={"a.csv": "aaaaaaaaaaaa"}, outside=("connection db:1",))


def test_what_steps_needed_is_put_together() -> None:
    more = Needs(packages={"numpy": "2.0", "Arrow": "1"}, files={"b.csv": "cc"}, more=3)
    assert together([("load", LOAD), ("fit", FIT), ("report", more)]) == RunNeeds(
        python=("CPython 3.11",),
        packages={"Arrow": "1", "numpy": "1.0, 2.0"},
        files=(
            FileNeed(path="a.csv", digest="aaaaaaaaaaaa", size=8, steps=("load", "fit")),
            FileNeed(path="b.csv", digest="bbbbbbbbbbbb", steps=("load",)),
            FileNeed(path="b.csv", digest="cc", steps=("report",)),
        ),
        more=3,
        variables=(OtherNeed(name="HOME", steps=("load",)),),
        outside=(OtherNeed(name="connection db:1", steps=("fit",)),),
        by_step={"load": ("numpy",), "fit": ("numpy",), "report": ("Arrow", "numpy")},
    )


def test_runs_differ_in_packages_and_files() -> None:
    later = Needs(
        python="CPython 3.11",
        packages={"numpy": "2.0", "pandas": "3"},
        files={"a.csv": "aaaaaaaaaaaa", "b.csv": "cccccccccccc"},
    )
    assert differing(together([("load", LOAD)]), together([("load", later)])) == NeedsDiff(
        changes=(
            NeedChange(kind="package", what="numpy", a="1.0", b="2.0"),
            NeedChange(kind="package", what="pandas", a=None, b="3"),
            NeedChange(kind="file", what="b.csv", a="bbbbbbbb", b="cccccccc"),
        ),
        same=2,
        known=True,
    )


def test_a_file_that_may_be_among_those_not_listed_is_not_said_to_be_gone() -> None:
    one = together([("load", Needs(files={"a": "1", "b": "1"}, more=2))])
    two = together([("load", Needs(files={"a": "2", "0": "1"}, more=3))])
    found = differing(one, two)
    assert [change.what for change in found.changes] == ["a"]
    assert found.unlisted == 3


def test_a_run_that_does_not_say_what_it_needed_differs_in_nothing() -> None:
    assert differing(RunNeeds(), together([("load", LOAD)])) == NeedsDiff()


def test_needs_come_through_json_and_what_is_newer_is_left_out() -> None:
    done = StepFinished(at=1.0, step="a", status="succeeded", cached=False, seconds=1, needs=LOAD)
    body = to_json(done)
    assert from_json(body) == done
    body["needs"] |= {"news": 1, "variables": ["HOME"]}
    assert from_json(body) == done
    del body["needs"]
    assert from_json(body) == StepFinished(
        at=1.0, step="a", status="succeeded", cached=False, seconds=1
    )


def test_an_event_of_a_newer_version_is_passed_over() -> None:
    assert from_json({"kind": "SomethingNew", "at": 2.0, "what": "x"}) == Event(at=2.0)
