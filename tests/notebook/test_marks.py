"""What the browser reads in tags it reads as we do: `tests/cases/marks.json` holds for both."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mlops_lab.notebook.stepline import FLAGS, OPTIONS, step_line
from mlops_lab.notebook.tags import read_tags, tagged

CASES = json.loads((Path(__file__).parents[1] / "cases" / "marks.json").read_text("utf-8"))
FACTS = ("cpus", "gpus", "memory", "accelerator", "retries", "timeout", "cache", "cache_age")


@pytest.mark.parametrize("case", CASES["tags"], ids=lambda case: " ".join(case["tags"]) or "none")
def test_tags_say_what_the_shared_cases_say(case: dict[str, Any]) -> None:
    marks = read_tags(tagged(case["tags"]))
    facts = marks.facts
    assert case == {
        "tags": case["tags"],
        "kind": marks.kind,
        "label": marks.label,
        "step": marks.step,
        "after": list(facts.after),
        "serial": bool(facts.serial),
        "data": list(facts.data),
    } | {name: getattr(facts, name) for name in FACTS}


@pytest.mark.parametrize("case", CASES["lines"], ids=lambda case: case["source"])
def test_lines_stand_for_the_shared_cases_tags(case: dict[str, Any]) -> None:
    assert [tag.text for tag in step_line(case["source"])[0]] == case["tags"]


def test_a_line_has_the_options_that_the_browser_knows() -> None:
    assert [*OPTIONS, *FLAGS] == CASES["options"]
