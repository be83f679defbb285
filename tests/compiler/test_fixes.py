"""A problem says what mends it, where that is safe, and then it is mended."""

from __future__ import annotations

from typing import Any

import pytest

from mlops_lab.compiler.compile import draft
from mlops_lab.ir.problem import Fix

from .rows import row

CASES = {
    "a name that is none": ("--- step:a/b\n1", [Fix(cell=1, old="step:a/b", new="step:a_b")]),
    "a near miss": ("--- stpe:a\n1", [Fix(cell=1, old="stpe:a", new="step:a")]),
    "a near miss that is none": ("--- step:a cpu:2\n1", [Fix(cell=1, old="cpu:2", new="cpus:2")]),
    "a step that is none": (
        "--- step:load\n1\n--- step:b prev:lod\n2",
        [Fix(cell=2, old="prev:lod", new="prev:load")],
    ),
    "a step that waits for itself": (
        "--- step:a after:a\n1",
        [Fix(cell=1, old="after:a")],
    ),
    "a step below": ("--- step:a after:b\n1\n--- step:b\n2", [Fix(cell=1, old="after:b")]),
    "a word against another": ("--- step:a cpus:1 cpus:2\n1", [Fix(cell=1, old="cpus:2")]),
    "a name that a skipped cell makes": (
        "--- step:a\nx = 1\n--- skip\ny = x\n--- step:b\nx\n---\ny",
        [Fix(cell=2, old="skip")],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_fix_is_told_and_mends(case: str) -> None:
    text, fixes = CASES[case]
    notebook: dict[str, Any] = row("fixes", f"{case}\n{text}").notebook
    assert [problem.fix for problem in draft(notebook).problems] == fixes
    for fix in fixes:
        tags = notebook["cells"][fix.cell - 1]["metadata"]["tags"]
        tags[tags.index(fix.old)] = fix.new
        tags[:] = filter(None, tags)
    assert draft(notebook).problems == ()


def test_a_second_name_is_nothing_to_mend_with() -> None:
    (problem,) = draft(row("fixes", "two names\n--- step:a stpe:b\n1").notebook).problems
    assert problem.fix is None


def test_a_name_that_something_else_makes_too_is_no_problem() -> None:
    text = "--- step:a\ny = 1\n--- skip\ny = 2\n--- step:b\ny"
    assert draft(row("fixes", f"made twice\n{text}").notebook).problems == ()
