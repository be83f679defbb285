"""What the cache holds, and how it forgets."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from mlops_lab.services.cache import Cache
from tests.execution.lab import Lab, steps

CELLS = {
    "parameters": "n = 1",
    "small": "x = n",
    "large": "big = bytes([n]) * 1_000_000",
    "file": "open('f', 'w').write('kept')",
}


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    lab = Lab(tmp_path, CELLS)
    for n in (1, 2):
        lab.run(params={"n": n})
    return lab


def age(lab: Lab, seconds: float) -> None:
    """As if everything stored had lain there for so long."""
    for path in lab.artifacts("*"):
        before = time.time() - seconds
        os.utime(path, (before, before))


def test_it_tells_each_steps_share(lab: Lab) -> None:
    report = lab.bench.cache.show()
    shares = {step.step: step for step in report.steps}
    assert {"small", "large", "file"} <= shares.keys()
    assert (shares["large"].entries, shares["file"].entries) == (2, 1)
    assert shares["large"].size > 2_000_000
    assert report.size >= 2_000_000
    assert report.artifacts == len(lab.artifacts("*"))


def test_what_was_used_longest_ago_goes_first(lab: Lab) -> None:
    age(lab, 3600)
    lab.run(params={"n": 1})
    before = lab.bench.cache.show().size
    pruned = lab.bench.cache.prune(max_bytes=1_500_000)
    assert pruned.left <= 1_500_000
    assert pruned.freed >= 1_000_000
    assert pruned.freed + pruned.left == before
    assert steps(lab.run(params={"n": 1}))["large"] == "cached"
    assert steps(lab.run(params={"n": 2}))["large"] == "succeeded"


def test_all_may_go_and_the_next_run_is_right(lab: Lab) -> None:
    age(lab, 3600)
    assert lab.bench.cache.prune(max_bytes=0).left == 0
    assert lab.artifacts("*") == []
    assert set(steps(lab.run(params={"n": 1})).values()) == {"succeeded"}


def test_what_a_run_has_just_stored_stays_until_it_is_recorded(lab: Lab) -> None:
    files = lab.artifacts("*")
    lab.bench.cache.prune(max_bytes=0)
    assert lab.artifacts("*") == files


def test_what_was_not_used_since_goes_in_any_case(lab: Lab) -> None:
    assert lab.bench.cache.prune(older_than=3600).entries == 0
    known = len(lab.entries())
    assert lab.bench.cache.prune(older_than=0).entries == known > 4
    assert lab.entries() == []


def test_its_limit_is_a_tenth_of_the_disk_unless_it_is_settled(tmp_path: Path) -> None:
    bench = Lab(tmp_path).bench
    assert 0 < bench.cache.limit <= 50 * 10**9
    assert Cache(bench._records, tmp_path, 1000).limit == 1000
