"""How cells differ, as nbdime sees it."""

from __future__ import annotations

import time

import pytest

from mlops_lab.backends.diffs.nbdime import cell_changes
from mlops_lab.ir.step import Cell
from mlops_lab.records.diff import CellChange

LONG = "".join(f"value_{n} = compute({n})\n" for n in range(60))


def cells(*sources: str | tuple[str, str]) -> list[Cell]:
    """Cells, some with an id before their code."""
    known = [("", one) if isinstance(one, str) else one for one in sources]
    return [Cell(index=at, id=own, source=source) for at, (own, source) in enumerate(known)]


def shown(change: CellChange) -> tuple[str | None, str | None, list[str], list[str]]:
    """A change with its parts spelled out, cut as JavaScript would."""
    a, b = (f"{one or ''}\n".encode("utf-16-le") for one in (change.a, change.b))
    gone, come = (
        [text[2 * begin : 2 * end].decode("utf-16-le") for begin, end in parts]
        for text, parts in ((a, change.gone), (b, change.come))
    )
    return change.a, change.b, gone, come


@pytest.mark.parametrize(
    ("one", "two", "said"),
    [
        (["x = 1"], ["x = 1"], []),
        (["x = 1\ny = 2"], ["x = 1\ny = 3"], [("x = 1\ny = 2", "x = 1\ny = 3", ["2"], ["3"])]),
        (["fit(data)"], ["fit(data)", "score()"], [(None, "score()", [], [])]),
        (["fit(data)", "score()"], ["score()"], [("fit(data)", None, [], [])]),
        (
            ["import one, two, three", "x = 1"],
            ["draw(figure, 'wide')", "x = 1"],
            [
                ("import one, two, three", None, [], []),
                (None, "draw(figure, 'wide')", [], []),
            ],
        ),
        (
            [("a", "x"), ("b", "y")],
            [("b", "y"), ("a", "x")],
            [(None, "y", [], []), ("y", None, [], [])],
        ),
        (
            [("a", "short()")],
            [("a", "quite another")],
            [("short()", "quite another", ["short()\n"], ["quite another\n"])],
        ),
        (["x = '😀 a'"], ["x = '😀 b'"], [("x = '😀 a'", "x = '😀 b'", ["a"], ["b"])]),
        (["a = 1\r\nb = 1\rc = 1"], ["a = 1\nb = 1\nc = 1"], []),
        (
            [("a", "x = 1")],
            [("a", "x = 1\ny = 2")],
            [("x = 1", "x = 1\ny = 2", [], ["y = 2\n"])],
        ),
        (["a\nb\nc\nd"], ["a\nc\nd"], [("a\nb\nc\nd", "a\nc\nd", ["b\n"], [])]),
    ],
)  # fmt: skip
def test_cells_that_differ_are_told_with_their_parts(
    one: list[str], two: list[str], said: list[object]
) -> None:
    assert [shown(change) for change in cell_changes(cells(*one), cells(*two))] == said


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (LONG, LONG.replace("value_30", "other").replace("compute(7)", "guess(7)")),
        ("x" * 200_000 + "1", "x" * 200_000 + "2"),
        ("\n".join(f"a{n}" for n in range(3000)), "\n".join(f"b{n % 7}" for n in range(3000))),
        ("", LONG),
    ],
)
def test_what_stays_is_the_same_on_both_sides_and_long_code_takes_no_long_time(
    one: str, two: str
) -> None:
    begun = time.process_time()
    [change] = cell_changes(cells(("a", one)), cells(("a", two)))
    assert time.process_time() - begun < 8
    assert (change.a, change.b) == (one, two)
    assert without(f"{one}\n", change.gone) == without(f"{two}\n", change.come)
    assert change.gone or change.come


def without(text: str, parts: tuple[tuple[int, int], ...]) -> str:
    for begin, end in reversed(parts):
        text = text[:begin] + text[end:]
    return text
