"""The route that proposes steps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat


def notebook(*cells: tuple[str, list[str]]) -> dict[str, Any]:
    made = [nbformat.v4.new_code_cell(text, metadata={"tags": tags}) for text, tags in cells]
    return dict(nbformat.v4.new_notebook(cells=made))


async def test_steps_are_proposed_for_what_is_edited(ask: Any, project: Path) -> None:
    content = notebook(("rows = read_csv('a')", []), ("model = other.fit(rows)", []))
    body = {"path": "new.ipynb", "notebook": content}
    status, answer = await ask("POST", "pipeline", "suggest", body=body)
    assert status == 200, answer
    assert answer == {
        "steps": [
            {"name": "load_rows", "tag": "step:load_rows", "cells": [1]},
            {"name": "train_model", "tag": "step:train_model", "cells": [2]},
        ]
    }


async def test_a_fix_reaches_the_browser(ask: Any, project: Path) -> None:
    body = {"path": "new.ipynb", "notebook": notebook(("x = 1", ["stpe:one"]))}
    _, answer = await ask("POST", "pipeline", "compile", body=body)
    fix = {"cell": 1, "old": "stpe:one", "new": "step:one"}
    assert [problem["fix"] for problem in answer["problems"]] == [fix]
