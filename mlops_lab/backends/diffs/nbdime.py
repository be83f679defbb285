"""How the cells of two notebooks differ, as nbdime sees it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mlops_lab.ir.step import Cell
from mlops_lab.records.diff import CellChange, Part

BUDGET = 25_000_000
"""Characters of one text times those of the other that nbdime may look through for likenesses.

It compares everything with everything: about half a second for code, some seconds at worst.
"""


class Patience:
    """How much of the budget is left for all that is compared in one go."""

    def __init__(self, budget: int = BUDGET) -> None:
        self._left = budget

    def affords(self, one: int, two: int) -> bool:
        """Whether texts of these lengths may be looked through; if so, that is spent."""
        cost = one * two
        if cost > self._left:
            return False
        self._left -= cost
        return True


def cell_changes(
    one: Sequence[Cell], two: Sequence[Cell], patience: Patience | None = None
) -> tuple[CellChange, ...]:
    """The cells that differ, in the notebook's order: changed, removed, added.

    A cell is known again by its id, else by its code. Outputs, counts and metadata don't matter.
    Where there is no `patience` left, lines are compared, and nothing within them.
    """
    before, after = ([_as_nbdime(cell) for cell in cells] for cells in (one, two))
    return tuple(_changes(before, after, patience or Patience()))


def _as_nbdime(cell: Cell) -> dict[str, Any]:
    # Editors know one way to end a line only, and their places are counted in it.
    source = cell.source.replace("\r\n", "\n").replace("\r", "\n")
    known = {"id": cell.id} if cell.id else {}
    return {"cell_type": "code", "source": source, "outputs": [], **known}


def _changes(
    one: list[dict[str, Any]], two: list[dict[str, Any]], patience: Patience
) -> Iterator[CellChange]:
    at, to = 0, 0
    for begin, other, count in [*_alike(one, two, patience), (len(one), len(two), 0)]:
        yield from (CellChange(a=cell["source"]) for cell in one[at:begin])
        yield from (CellChange(b=cell["source"]) for cell in two[to:other])
        at, to = begin + count, other + count
        for a, b in zip(one[begin:at], two[other:to], strict=True):
            if a["source"] != b["source"]:
                yield _changed(a["source"], b["source"], patience)


def _alike(
    one: list[dict[str, Any]], two: list[dict[str, Any]], patience: Patience
) -> Sequence[tuple[int, int, int]]:
    """Which cells are the same cell: (first of one, first of the other, how many)."""
    from nbdime.diffing.notebooks import compare_cell_by_ids, notebook_predicates
    from nbdime.diffing.snakes import compute_snakes_multilevel

    sizes = (sum(len(cell["source"]) for cell in cells) for cells in (one, two))
    ways = list(notebook_predicates["/cells"])
    if not patience.affords(*sizes):
        ways = [lambda a, b: a["source"] == b["source"], compare_cell_by_ids]
    found: Sequence[tuple[int, int, int]] = compute_snakes_multilevel(one, two, ways)
    return found


def _changed(a: str, b: str, patience: Patience) -> CellChange:
    """A cell whose code is another, with the parts that only one side has."""
    from nbdime.diffing.seq_difflib import diff_sequence_difflib
    from nbdime.diffing.sequences import diff_strings_linewise

    # A last line that stays is the same whether or not another one follows.
    ended = f"{a}\n", f"{b}\n"
    old, new = (text.splitlines(keepends=True) for text in ended)
    head = _same(old, new)
    tail = _same(old[head:][::-1], new[head:][::-1])
    old, new = old[head : len(old) - tail], new[head : len(new) - tail]
    texts = "".join(old), "".join(new)
    found = (
        diff_strings_linewise(*texts)
        if patience.affords(*map(len, texts))
        else diff_sequence_difflib(old, new)
    )
    gone, come = _parts(found, old)
    begin = sum(map(len, ended[0].splitlines(keepends=True)[:head]))
    gone_at, come_at = (
        _placed(parts, text, begin) for parts, text in zip((gone, come), ended, strict=True)
    )
    return CellChange(a=a, b=b, gone=gone_at, come=come_at)


def _same(one: Sequence[str], two: Sequence[str]) -> int:
    """How many lines both begin with."""
    count = 0
    for a, b in zip(one, two, strict=False):
        if a != b:
            break
        count += 1
    return count


def _parts(found: Any, items: Sequence[str]) -> tuple[list[Part], list[Part]]:
    """The parts that are gone from some lines (or characters), and those that came."""
    gone: list[Part] = []
    come: list[Part] = []
    taken, at, to = 0, 0, 0
    for op in found:
        same = sum(map(len, items[taken : op.key]))
        at, to, taken = at + same, to + same, max(taken, op.key)
        if op.op == "addrange":
            length = sum(map(len, op.valuelist))
            come.append((to, to + length))
            to += length
        elif op.op == "removerange":
            length = sum(map(len, items[taken : taken + op.length]))
            gone.append((at, at + length))
            at, taken = at + length, taken + op.length
        else:
            line = items[taken]
            left, right = _parts(op.diff, line)
            gone += [(at + begin, at + end) for begin, end in left]
            come += [(to + begin, to + end) for begin, end in right]
            added = sum(e - b for b, e in right) - sum(e - b for b, e in left)
            at, to, taken = at + len(line), to + len(line) + added, taken + 1
    return gone, come


def _placed(parts: Sequence[Part], text: str, begin: int) -> tuple[Part, ...]:
    """The parts, counted as JavaScript counts: in units of UTF-16, from the text's beginning."""

    def place(at: int) -> int:
        return len(text[: begin + at].encode("utf-16-le", "surrogatepass")) // 2

    return tuple((place(first), place(last)) for first, last in parts)
