"""Routes for the word runs, over real records; a driver only where a run is started."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from mlops_lab.backends.records.sql import SqlRecords
from mlops_lab.ir.options import RunOptions
from mlops_lab.records.events import RunStarted
from mlops_lab.records.needs import Needs
from mlops_lab.workbench import Workbench

from . import story

ONE, TWO = "20261121-100000-aaaa", "20261121-100001-bbbb"


async def got(ask: Any, *parts: str, **query: Any) -> Any:
    status, answer = await ask("GET", *parts, **query)
    assert status == 200, answer
    return answer


@pytest.fixture
def ran(project: Path) -> str:
    """The id of a run that a driver has done."""
    bench = Workbench(project)
    run = bench.runs.run(project / "cars" / "train.ipynb", options=RunOptions(workers=1))
    bench.close()
    return run.run_id


async def test_runs_are_listed_a_page_at_a_time_the_newest_first(
    ask: Any, records: SqlRecords
) -> None:
    for number in range(5):
        name = f"20261121-10000{number}-abcd"
        notebook = "cars/train.ipynb" if number != 3 else "other.ipynb"
        records.append(name, story.whole(name, 1000.0 + number, notebook=notebook))
    page = await got(ask, "runs", path="", offset=1, limit=2)
    assert [head["run_id"][:15] for head in page["runs"]] == ["20261121-100003", "20261121-100002"]
    assert page["total"] == 5
    mine = await got(ask, "runs", path="cars/train.ipynb", notebook=1)
    assert (mine["total"], {head["path"] for head in mine["runs"]}) == (4, {"cars/train.ipynb"})


async def test_a_head_tells_a_run_in_one_line(ask: Any, records: SqlRecords) -> None:
    events = [*story.begun(ONE), *story.step("load", 3, cached=True), *story.step("sum", 4)[:2]]
    records.append(ONE, events)
    (head,) = (await got(ask, "runs", path=""))["runs"]
    known = ("status", "name", "steps", "done", "cached", "step", "cell", "params", "project")
    assert [head[key] for key in known] == [
        "running", "train", 2, 1, 1, "sum", 4, {"rate": 0.1}, ""
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("other", [TWO]),
        ("BBBB", [TWO]),
        ("rate=0.2", [TWO]),
        ("loss=0.25 train", [ONE]),
        ("%", []),
        ("rate='", []),
        ("local succeeded", [TWO, ONE]),
    ],
)
async def test_runs_are_found_by_what_is_known_of_them(
    search: str, found: list[str], ask: Any, records: SqlRecords
) -> None:
    records.append(ONE, story.whole(ONE))
    records.append(TWO, story.whole(TWO, 2000.0, notebook="other.ipynb", params={"rate": 0.2}))
    page = await got(ask, "runs", path="", search=search)
    assert [head["run_id"] for head in page["runs"]] == found


async def test_runs_are_chosen_by_status(ask: Any, records: SqlRecords) -> None:
    records.append(ONE, story.whole(ONE))
    records.append(TWO, [*story.begun(TWO), *story.over(status="failed")])
    assert (await got(ask, "runs", path="", status="failed,cancelled"))["total"] == 1


async def test_a_run_is_shown_whole(ask: Any, ran: str) -> None:
    found = await got(ask, "runs", ran, path="cars/train.ipynb")
    assert found["head"]["status"] == "succeeded"
    assert [step["name"] for step in found["steps"]] == ["load", "sum"]
    assert found["graph"] == [["load", "sum"]]
    assert found["cells"] == {"load": [3], "sum": [4]}
    assert len(found["ids"]) == 3
    assert found["timeline"]["rows"][0]["label"] == "home"
    assert (found["output"], found["kernel"]) == (None, None)
    assert found["seq"] > 8


async def test_the_output_notebook_holds_the_outputs(ask: Any, ran: str) -> None:
    nb = await got(ask, "runs", ran, "notebook", path="cars/train.ipynb")
    assert nb["cells"][2]["outputs"][0]["text"] in ("loaded\n", ["loaded\n"])


async def test_a_log_is_read_on_from_where_one_was(
    ask: Any, project: Path, records: SqlRecords
) -> None:
    records.append(ONE, story.whole(ONE))
    path = story.log(project, ONE, "load", "grüß ")
    with path.open("ab") as file:
        file.write("é".encode()[:1])
    part = await got(ask, "runs", ONE, "log", path="", step="load")
    assert part == {"text": "grüß ", "after": 7}
    with path.open("ab") as file:
        file.write("é".encode()[1:])
    part = await got(ask, "runs", ONE, "log", path="", step="load", after=part["after"])
    assert part == {"text": "é", "after": 9}
    assert (await got(ask, "runs", ONE, "log", path="", step="sum"))["text"] == ""


async def test_a_deleted_run_is_gone_with_its_output(ask: Any, project: Path, ran: str) -> None:
    folder = project / ".mlops" / "runs" / ran
    assert folder.is_dir()
    assert await ask("DELETE", "runs", ran, path="") == (204, None)
    assert not folder.exists()
    assert (await ask("GET", "runs", ran, path=""))[0] == 404
    assert (await ask("DELETE", "runs", ran, path=""))[0] == 404


async def test_a_run_that_goes_on_is_not_deleted(ask: Any, records: SqlRecords) -> None:
    records.append(ONE, story.begun(ONE))
    status, answer = await ask("DELETE", "runs", ONE, path="")
    assert (status, "cancel it first" in answer["message"]) == (400, True)
    assert (await got(ask, "runs", ONE, path=""))["head"]["status"] == "running"


async def test_a_run_whose_driver_is_gone_was_interrupted(ask: Any, records: SqlRecords) -> None:
    records.append(ONE, story.begun(ONE, pid_started=5.0))
    found = await got(ask, "runs", ONE, path="")
    assert found["head"]["status"] == "interrupted"
    assert "resume" in found["head"]["error"]


async def test_two_runs_are_compared(ask: Any, records: SqlRecords) -> None:
    records.append(ONE, story.whole(ONE))
    records.append(TWO, story.whole(TWO, 2000.0, params={"rate": 0.2}))
    found = await got(ask, "runs", ONE, "diff", TWO, path="")
    assert found["parameters"] == [{"what": "rate", "a": 0.1, "b": 0.2}]
    assert [step["name"] for step in found["steps"]] == ["load", "sum"]


@pytest.mark.parametrize(
    ("method", "parts"),
    [
        ("GET", ()),
        ("GET", ("notebook",)),
        ("GET", ("log",)),
        ("GET", ("diff", ONE)),
        ("DELETE", ()),
        ("POST", ("cancel",)),
        ("POST", ("resume",)),
        ("POST", ("again",)),
    ],
)
async def test_a_run_that_is_not_there_is_said_to_be_so(
    method: str, parts: tuple[str, ...], ask: Any, records: SqlRecords
) -> None:
    records.append(ONE, story.whole(ONE))
    status, answer = await ask(method, "runs", TWO, *parts, path="", step="load")
    assert (status, answer["kind"], TWO in answer["message"]) == (404, "NotFound", True)


async def test_a_run_that_is_over_is_not_cancelled(ask: Any, records: SqlRecords) -> None:
    records.append(ONE, story.whole(ONE))
    status, answer = await ask("POST", "runs", ONE, "cancel", path="")
    assert (status, "not running" in answer["message"]) == (400, True)


async def until(ask: Any, run_id: str, *wanted: str) -> Any:
    """The run's head, once it has one of these states."""
    async with asyncio.timeout(60):
        while True:
            head = (await got(ask, "runs", run_id, path=""))["head"]
            if head["status"] in wanted:
                return head
            await asyncio.sleep(0.05)


async def test_a_run_says_what_it_needed_who_asked_for_it_and_what_was_saved(
    ask: Any, records: SqlRecords
) -> None:
    needs = Needs(python="CPython 3.11", packages={"numpy": "2"}, files={"a.csv": "aa"})
    begun = story.begun(ONE, user="ana", surface="panel", kernel="python3")
    done = story.step("load", 3, cached=True, saved=7.5, memory=100, needs=needs)
    records.append(ONE, [*begun, *done])
    shown = await got(ask, "runs", ONE, path="")
    head = shown["head"]
    assert (head["user"], head["surface"], head["saved"]) == ("ana", "panel", 7.5)
    assert shown["needs"]["packages"] == {"numpy": "2"}
    assert shown["needs"]["files"] == [
        {"path": "a.csv", "digest": "aa", "size": None, "steps": ["load"]}
    ]
    assert (shown["spec"], shown["steps"][0]["memory"]) == ("python3", 100)


async def test_a_run_is_started_and_run_again_and_tells_its_parameters(
    ask: Any, project: Path
) -> None:
    body = {"path": "cars/train.ipynb", "options": {"params": {"rate": 1e-05}, "workers": 1}}
    status, answer = await ask("POST", "runs", body=body)
    assert status == 202, answer
    head = await until(ask, answer["run_id"], "succeeded", "failed")
    assert (head["status"], head["params"]) == ("succeeded", {"rate": 1e-05})
    status, answer = await ask("POST", "runs", answer["run_id"], "again", path="")
    assert status == 202, answer
    head = await until(ask, answer["run_id"], "succeeded", "failed")
    assert (head["status"], head["params"], head["cached"]) == ("succeeded", {"rate": 1e-05}, 2)


async def test_a_run_is_cancelled_and_resumed(ask: Any, project: Path) -> None:
    slow = {"one": "x = 1", "two": "import time\nif x:\n    time.sleep(60)"}
    story.book(project / "slow.ipynb", slow)
    body = {"path": "slow.ipynb", "options": {"workers": 1}}
    status, answer = await ask("POST", "runs", body=body)
    assert status == 202, answer
    run_id = answer["run_id"]
    assert (await ask("POST", "runs", run_id, "cancel", path=""))[0] == 202
    assert (await until(ask, run_id, "cancelled", "failed", "succeeded"))["status"] == "cancelled"
    status, answer = await ask("POST", "runs", run_id, "resume", path="")
    assert status == 202, answer
    assert (await until(ask, answer["run_id"], "running"))["resumed"] == run_id
    assert (await ask("POST", "runs", answer["run_id"], "cancel", path=""))[0] == 202


async def test_what_keeps_a_run_from_beginning_is_told(ask: Any, project: Path) -> None:
    story.book(project / "broken.ipynb", {"one": "x = (1"})
    status, answer = await ask("POST", "runs", body={"path": "broken.ipynb"})
    assert (status, answer["problems"][0]["cell"]) == (422, 2)
    body = {"path": "cars/train.ipynb", "options": {"params": {"reit": 1}}}
    status, answer = await ask("POST", "runs", body=body)
    assert (status, "rate" in answer["message"]) == (422, True), answer
    assert (await got(ask, "runs", path=""))["total"] == 0


async def test_it_is_explained_what_would_run(ask: Any, project: Path, ran: str) -> None:
    body = {"path": "cars/train.ipynb", "options": {"refresh": ["sum"]}}
    status, answer = await ask("POST", "pipeline", "explain", body=body)
    assert status == 200, answer
    assert [(step["name"], step["fate"]) for step in answer["steps"]] == [
        ("load", "cached"), ("sum", "run")
    ]  # fmt: skip
    assert answer["steps"][1]["why"][0]["text"] == "asked for by --refresh"


def test_a_run_started_event_is_what_the_story_begins_with() -> None:
    assert isinstance(story.begun(ONE)[0], RunStarted)
