"""A pipeline and what is remembered of it → what is cached, what will run, and why."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from mlops_lab.compiler.compile import compile
from mlops_lab.compiler.plan import Memory, Wish, plan
from mlops_lab.ir.pipeline import Pipeline
from mlops_lab.ir.plan import Plan, Reason
from mlops_lab.records.entry import Entry, Version

PYTHON = "CPython 3.11"


@dataclass(frozen=True, kw_only=True)
class Still:
    """A world as these mappings tell it."""

    files: Mapping[str, str] = field(default_factory=dict)
    packages: Mapping[str, str] = field(default_factory=dict)
    version: str = PYTHON
    lost: Collection[str] = ()

    def state(self, fact: str, recorded: str) -> str:
        return self.files.get(fact, "absent")

    def package(self, name: str) -> str:
        return self.packages.get(name, "")

    def python(self) -> str:
        return self.version

    def stored(self, artifact: str) -> bool:
        return artifact not in self.lost


def notebook(**steps: str) -> Pipeline:
    """`name='tag tag | code'` makes one step."""
    cells = []
    for name, text in steps.items():
        words, _, source = text.rpartition("|")
        first = "parameters" if name == "parameters" else f"step:{name}"
        tags = [first, *words.split()]
        cell = {"cell_type": "code", "metadata": {"tags": tags}, "source": source.strip()}
        cells.append(cell)
    return compile({"cells": cells, "metadata": {}}, "tags")


def value(name: str, digest: str, **more: Any) -> Version:
    return Version(names=(name,), digest=digest, artifact=digest, **more)


def entry(step: str, reads: Mapping[str, str], writes: tuple[Version, ...], **more: Any) -> Entry:
    return Entry(
        id=more.pop("id", step), code=step, notebook="n", step=step, run_id="r",
        created=more.pop("created", time.time()), seconds=1.0, reads=dict(reads), writes=writes,
        python=PYTHON, **more,
    )  # fmt: skip


CHAIN = notebook(a="x = 1", b="y = x + 1", c="print(y)")
A = entry("a", {}, (value("x", "x1", preview="1"),))
B = entry("b", {"x": "x1"}, (value("y", "y1"),), previews={"x": "1"})
C = entry("c", {"y": "y1"}, ())


def planned(
    *entries: Entry, pipeline: Pipeline = CHAIN, world: Still | None = None, **wish: Any
) -> Plan:
    known = [[e for e in entries if e.step == s.name] for s in pipeline.segments]
    seen = {e.step for e in entries}
    return plan(pipeline, Memory(entries=known, seen=seen), world or Still(), Wish(**wish))


def told(found: Plan) -> dict[str, tuple[str, ...]]:
    return {
        step.name: (found.fate(step.name).fate, *map(str, found.fate(step.name).why))
        for step in found.pipeline
    }


FORCED = {0: Reason(kind="forced", what="asked for by --refresh")}
ABOVE = ("may-run", "'a' runs above it and may give the same again")


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (planned(A, B, C), {"a": ("cached",), "b": ("cached",), "c": ("cached",)}),
        (
            planned(B, C),
            {
                "a": ("run", "has no result with this code yet"),
                "b": ABOVE,
                "c": ("may-run", "'b' runs above it and may give the same again"),
            },
        ),
        (
            planned(A, B, C, forced=FORCED),
            {
                "a": ("run", "asked for by --refresh"),
                "b": ABOVE,
                "c": ("may-run", "'b' runs above it and may give the same again"),
            },
        ),
        (
            planned(A, B, C, left_out=[1, 2]),
            {"a": ("cached",), "b": ("left-out",), "c": ("left-out",)},
        ),
        (
            planned(A, B, C, world=Still(lost={"y1"})),
            {
                "a": ("cached",),
                "b": ("run", "the stored y is damaged or gone"),
                "c": ("may-run", "'b' runs above it and may give the same again"),
            },
        ),
    ],
    ids=["all as it was", "new", "refreshed", "left out", "lost"],
)
def test_what_runs_and_what_may_run(found: Plan, expected: dict[str, tuple[str, ...]]) -> None:
    assert told(found) == expected


CHANGED = replace(A, writes=(value("x", "x2", preview="2"),))


@pytest.mark.parametrize(
    ("known", "world", "why"),
    [
        ([CHANGED, B], Still(), "value x changed: 1 → 2"),
        ([A, replace(B, files={"d.csv": "1"})], Still(files={"d.csv": "2"}), "file d.csv changed"),
        ([A, replace(B, files={"d.csv": "1"})], Still(), "file d.csv changed"),
        (
            [A, replace(B, packages={"numpy": "1.0"})],
            Still(packages={"numpy": "2.0"}),
            "package numpy changed: 1.0 → 2.0",
        ),
        ([A, replace(B, packages={"file:m.py": "1"})], Still(), "file m.py changed"),
        (
            [A, replace(B, python="CPython 3.10")],
            Still(),
            "Python changed: CPython 3.10 → " + PYTHON,
        ),
        ([A, replace(B, policy="it ran with the cache off")], Still(), "it ran with the cache off"),
        ([A, replace(B, outside=("process sh",))], Still(), "reaches outside: process sh"),
        (
            [replace(A, writes=(*A.writes, value("@pandas", "p"))), B],
            Still(),
            "setting pandas changed",
        ),
    ],
)
def test_what_changed_is_named_with_old_and_new(known: list[Entry], world: Still, why: str) -> None:
    assert told(planned(*known, world=world))["b"] == ("run", why)


def test_any_entry_that_holds_will_do() -> None:
    older = replace(B, id="older")
    newer = replace(B, id="newer", reads={"x": "x9"})
    found = planned(A, newer, older, C)
    assert (found.fate("b").fate, found.fate("b").entry) == ("cached", "older")


@pytest.mark.parametrize(
    ("tags", "known", "expected"),
    [
        ("cache:off", B, ("run", "tagged cache:off")),
        ("cache:on", replace(B, outside=("process sh",)), ("cached",)),
        ("cache:1d", replace(B, outside=("process sh",)), ("cached",)),
        (
            "cache:1h",
            replace(B, created=time.time() - 4000),
            ("run", "its cached result is older than its tag allows"),
        ),
    ],
)
def test_tags_decide_how_long_a_result_counts(
    tags: str, known: Entry, expected: tuple[str, ...]
) -> None:
    pipeline = notebook(a="x = 1", b=f"{tags} | y = x + 1", c="print(y)")
    assert told(planned(A, known, C, pipeline=pipeline))["b"] == expected
    assert told(planned(A, known, C, pipeline=pipeline, trusted=["b"]))["b"] == ("cached",)


def test_what_lives_in_one_kernel_is_made_again_only_if_it_is_needed() -> None:
    live = Version(names=("x",), digest="live:1", live="generator can't travel")
    a = replace(A, writes=(live,))
    b = replace(B, reads={"x": "live:1"})
    assert set(told(planned(a, b, C)).values()) == {("cached",)}
    wanted = told(planned(a, C))
    assert wanted["a"] == ("run", "leaves 'x', which lives in one kernel only and is needed below")
    assert wanted["b"][0] == "run"


def test_a_file_that_a_resumed_run_wrote_itself_is_as_it_was() -> None:
    b = replace(B, files={"count": "absent"}, files_written={"count": "f1"})
    world = Still(files={"count": "f1"})
    assert told(planned(A, b, C, world=world))["b"] == ("run", "file count changed")
    resumed = planned(A, b, C, world=world, trusted=["b"], rewritten=["count"])
    assert told(resumed)["b"] == ("cached",)


READER = entry("b", {"n": "n3"}, (value("y", "y1"),), previews={"n": "3"})


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("n = 4", ("run", "parameter n changed: 3 → 4")),
        ("n = 3", ("cached",)),
        ("n = 'env:TOKEN'", ("may-run", "'parameters' runs above it and may give the same again")),
        ("n = max(3, 4)", ("may-run", "'parameters' runs above it and may give the same again")),
    ],
)
def test_a_parameters_value_is_known_before_its_cell_runs(
    code: str, expected: tuple[str, ...]
) -> None:
    pipeline = notebook(parameters=code, b="y = n + 1")
    assert told(planned(READER, pipeline=pipeline))["b"] == expected


@pytest.mark.parametrize("given", ["'" + "long" * 20 + "'", "'env:TOKEN'"])
def test_a_value_that_cant_be_told_is_not_taken_for_the_default_that_it_replaces(
    given: str,
) -> None:
    cells = [("parameters", "n = 3"), ("injected-parameters", f"n = {given}"), ("step:b", "y = n")]
    pipeline = compile(
        {
            "cells": [
                {"cell_type": "code", "metadata": {"tags": [tag]}, "source": source}
                for tag, source in cells
            ],
            "metadata": {},
        },
        "tags",
    )
    why = "'parameters' runs above it and may give the same again"
    assert told(planned(READER, pipeline=pipeline))["b"] == ("may-run", why)


def test_a_step_is_cached_only_if_each_of_its_places_is() -> None:
    pipeline = notebook(a="x = 1", b="y = x + 1")
    twice = compile(
        {
            "cells": [
                {"cell_type": "code", "metadata": {"tags": [f"step:{n}"]}, "source": source}
                for n, source in [("a", "x = 1"), ("b", "y = x + 1"), ("a", "z = y")]
            ],
            "metadata": {},
        },
        "tags",
    )
    assert pipeline.step("a").segments == (0,)
    known = [[A], [B], []]
    found = plan(twice, Memory(entries=known, seen={"a"}), Still(), Wish())
    assert [d.fate for d in found.decisions] == ["cached", "cached", "run"]
    assert found.fate("a").fate == "run"
