"""Routes for the word pipeline."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import nbformat
import pytest


def notebook(*cells: tuple[str, list[str]]) -> dict[str, Any]:
    made = [nbformat.v4.new_code_cell(text, metadata={"tags": tags}) for text, tags in cells]
    return dict(nbformat.v4.new_notebook(cells=made))


async def compiled(ask: Any, path: str, content: Any = None, **more: Any) -> Any:
    body = {"path": path, "notebook": content} | more
    status, answer = await ask("POST", "pipeline", "compile", body=body)
    assert status == 200, answer
    return answer


async def test_a_file_is_compiled_as_saved(ask: Any, project: Path) -> None:
    found = await compiled(ask, "cars/train.ipynb")
    pipeline = found["pipeline"]
    assert [step["name"] for step in pipeline["steps"]] == ["load", "sum"]
    assert pipeline["steps"][1]["reads"] == [{"name": "rows", "source": "load"}]
    assert pipeline["steps"][1]["cells"] == [4]
    assert pipeline["edges"] == [["load", "sum"]]
    assert pipeline["parameters"][0] == {
        "name": "rate", "default": "0.1", "kind": "float", "help": "how fast"
    }  # fmt: skip
    assert (found["problems"], found["split"], found["project"]) == ([], "tags", "")


async def test_content_counts_more_than_the_file_and_needs_none(ask: Any, project: Path) -> None:
    content = notebook(("x = 1", ["step:one"]))
    for path in ("cars/train.ipynb", "new.ipynb"):
        found = await compiled(ask, path, content)
        assert [step["name"] for step in found["pipeline"]["steps"]] == ["one"]


async def test_a_notebook_with_mistakes_has_its_steps_all_the_same(ask: Any, project: Path) -> None:
    content = notebook(
        ("x = 1", ["step:one"]), ("y = (x", ["step:two", "after:tree"]), ("x", ["step:three"])
    )
    found = await compiled(ask, "new.ipynb", content)
    assert [step["name"] for step in found["pipeline"]["steps"]] == ["one", "two", "three"]
    assert [problem["cell"] for problem in found["problems"]] == [2, 2]
    assert not any(problem["warning"] for problem in found["problems"])
    assert any("there is none" in problem["message"] for problem in found["problems"])


async def test_what_is_no_notebook_has_no_pipeline_but_a_problem(ask: Any, project: Path) -> None:
    found = await compiled(ask, "new.ipynb", {"cells": 3})
    assert found["pipeline"] is None
    assert "not a notebook" in found["problems"][0]["message"]


async def test_wrong_settings_are_a_problem_and_no_end(ask: Any, project: Path) -> None:
    (project / "mlops.toml").write_text("worker = 3\n")
    found = await compiled(ask, "cars/train.ipynb")
    assert len(found["pipeline"]["steps"]) == 2
    assert "did you mean 'workers'" in found["problems"][0]["message"]


async def test_the_settings_are_told_as_they_are_now(ask: Any, project: Path) -> None:
    (project / "mlops.toml").write_text(
        'executor = "ray"\nworkers = 3\nsteps = "cells"\nwarm_for = "off"\n'
    )
    found = await compiled(ask, "cars/train.ipynb")
    assert found["defaults"] == {
        "executor": "ray",
        "split": "cells",
        "workers": 3,
        "keep_failed": 0.0,
    }
    assert found["split"] == "cells"
    assert (await compiled(ask, "cars/train.ipynb", split="tags"))["split"] == "tags"
    assert found["executors"] == ["local", "ray"]


async def test_to_compile_leaves_nothing_behind(ask: Any, project: Path) -> None:
    await compiled(ask, "cars/train.ipynb")
    assert (await ask("GET", "runs", path="cars/train.ipynb"))[1] == {"runs": [], "total": 0}
    assert not (project / ".mlops").exists()


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"path": "no.ipynb"}, 404, "no notebook"),
        ({"path": 3}, 400, "path"),
        ({}, 400, "path: Field required"),
        ({"path": "a.ipynb", "optoins": {}}, 400, "optoins"),
        ({"path": "a.ipynb", "split": "words"}, 400, "split"),
        ([], 400, "message"),
    ],
)
async def test_a_wrong_request_is_told_what_is_wrong(
    body: Any, status: int, words: str, ask: Any, project: Path
) -> None:
    found, answer = await ask("POST", "pipeline", "compile", body=body)
    assert (found, words in answer["message"]) == (status, True), answer


async def test_one_changed_cell_of_two_hundred_is_compiled_in_a_blink(
    ask: Any, project: Path
) -> None:
    text = "import math\ndef f{0}(rows):\n    return [math.sqrt(r) for r in rows if r > {0}]\n"
    text += "a{0} = f{0}(range(100))\nb{0} = {{k: v for k, v in enumerate(a{0})}}\nprint(a{0})\n"
    cells = [(text.format(i) * 2, [f"step:s{i // 4}"]) for i in range(200)]
    content = notebook(*cells)
    await compiled(ask, "big.ipynb", content)
    took = []
    for number in range(5):
        content["cells"][100]["source"] += f"\nc = {number}"
        began = time.perf_counter()
        await compiled(ask, "big.ipynb", content)
        took.append(time.perf_counter() - began)
    assert min(took) < 0.15, took
