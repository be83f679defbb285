"""A notebook becomes the pipeline that its author meant."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mlops_lab.compiler.compile import compile
from mlops_lab.errors import NotebookError
from mlops_lab.ir.pipeline import Parameter

from .rows import Row, rows

ROWS = tuple(rows())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_notebook_gives_the_pipeline_below_it(row: Row) -> None:
    assert row.compiled() == row.expected


def test_no_two_rows_have_one_name() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS)


def notebook(*sources: str, tags: dict[int, list[str]] | None = None, **metadata: Any) -> Any:
    """A notebook of code cells; `tags` by cell number."""
    said = tags or {}
    return {
        "metadata": metadata,
        "cells": [
            {"cell_type": "code", "source": text, "metadata": {"tags": said.get(number, [])}}
            for number, text in enumerate(sources, start=1)
        ],
    }


def test_every_mistake_is_reported_at_once_in_notebook_order() -> None:
    nb = notebook("x = (", "y", "z", tags={2: ["gpus:many"], 3: ["step:a", "after:b"]})
    with pytest.raises(NotebookError) as caught:
        compile(nb)
    assert [problem.cell for problem in caught.value.problems] == [1, 2, 3]


def test_steps_line_equals_tags() -> None:
    by_line = notebook(
        "x = 1",
        "%%mlops step b --after a --gpus 1 --cpus 2 --memory 4GB --retries 3 --timeout 10m"
        " --cache off --serial --data raw/cars.csv\nx",
        tags={1: ["step:a"]},
    )
    words = (
        "step:b after:a gpus:1 cpus:2 memory:4GB retries:3 timeout:10m cache:off serial"
        " data:raw/cars.csv"
    )
    by_tags = notebook("x = 1", "\nx", tags={1: ["step:a"], 2: words.split()})
    assert compile(by_line) == compile(by_tags)


def test_a_cell_that_papermill_injects_changes_no_name_of_a_step() -> None:
    plain = notebook("lr = 1", "a = lr", "b = a", tags={1: ["parameters"]})
    injected = notebook(
        "lr = 1", "lr = 2", "a = lr", "b = a", tags={1: ["parameters"], 2: ["injected-parameters"]}
    )
    for split in ("cells", "tags", "sections"):
        assert [s.name for s in compile(plain, split)] == [s.name for s in compile(injected, split)]


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("x = 1", "x = 1  # one\n\n", True),
        ("x = [1, 2]", "x = [\n  1,\n  2,\n]", True),
        ("x", "x;", False),
        ("x = 1", "x = 1.0", False),
        ("x = 1", "x = True", False),
        ("x = '1'", "x = 1", False),
        ("%%time\nx = 1", "%%time\nx = 1  # one", True),
        ("%%time\nx = 1", "x = 1", False),
        ("!ls", "!ls -l", False),
        ("", "# a comment", True),
    ],
)
def test_only_what_code_says_is_in_its_digest(before: str, after: str, same: bool) -> None:
    codes = [compile(notebook("a = 0", text), "tags").segments[0].code for text in (before, after)]
    assert (codes[0] == codes[1]) is same


def test_where_a_cell_ends_is_in_the_digest() -> None:
    one, two = (
        compile(notebook("x = 1\nx", "y = 2"), "tags"),
        compile(notebook("x = 1", "x\ny = 2"), "tags"),
    )
    assert one.segments[0].code != two.segments[0].code


def test_builtins_are_no_reads_unless_the_notebook_shadows_them() -> None:
    assert compile(notebook("print(len([1]))")).segments[0].reads == frozenset()
    assert compile(notebook("print(1)", "print = 2")).segments[0].reads == {"print"}


def test_a_syntax_error_is_a_warning_where_the_kernel_may_have_a_newer_python() -> None:
    nb = notebook("x = = 1", language_info={"name": "python", "version": "3.99.0"})
    pipeline = compile(nb)
    assert [note.warning for note in pipeline.notes] == [True]
    assert pipeline.segments[0].everything


def test_an_expected_syntax_error_is_no_problem() -> None:
    assert compile(notebook("x = (", tags={1: ["raises-exception"]})).notes == ()


def test_source_may_be_a_list_of_lines_and_metadata_may_be_missing() -> None:
    nb = {"cells": [{"cell_type": "code", "source": ["x = 1\n", "x"]}]}
    assert compile(nb).segments[0].cells[0].source == "x = 1\nx"


def test_kernel_and_name_come_from_the_metadata() -> None:
    pipeline = compile(
        notebook(
            "x",
            kernelspec={"name": "conda-env", "language": "python"},
            kubeflow_notebook={"pipeline_name": "titanic"},
        ),
        name="other",
    )
    assert (pipeline.kernel, pipeline.name) == ("conda-env", "titanic")


def test_kales_parameters_cells_add_up() -> None:
    nb = notebook("a = 1", "b = 2", tags={1: ["pipeline-parameters"], 2: ["pipeline-parameters"]})
    assert compile(nb).parameters == (
        Parameter(name="a", default="1", kind="int"),
        Parameter(name="b", default="2", kind="int"),
    )


def test_two_thousand_cells_compile() -> None:
    body = (
        "import numpy as np\nx{0} = [a * 2 for a in range(10)]\ndef f{0}(y):\n    return x{0} + y"
    )
    nb = notebook(*(body.format(number) for number in range(2000)))
    assert len(compile(nb).steps) == 2000


def test_equal_notebooks_give_equal_pipelines() -> None:
    nb = notebook("x = 1", "y = x", tags={1: ["step:a"], 2: ["step:b"]})
    assert compile(nb) == compile(nb)
    assert compile(nb) != replace(compile(nb), name="other")
