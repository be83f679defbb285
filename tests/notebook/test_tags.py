"""Tags say what the grammar says, and no tag of others does any harm."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_lab.notebook.facts import Facts, merge
from mlops_lab.notebook.quantity import count, duration, size
from mlops_lab.notebook.spelling import suggest
from mlops_lab.notebook.tags import read_tags, tagged


@pytest.mark.parametrize(
    ("text", "bytes_"),
    [
        ("4GB", 4 * 10**9),
        ("4G", 4 * 10**9),
        ("4Gi", 2**32),
        ("1.5gib", 3 * 2**29),
        ("512 MB", 512 * 10**6),
    ],
)
def test_sizes_are_read_with_their_units(text: str, bytes_: int) -> None:
    assert size(text) == bytes_


@pytest.mark.parametrize("text", ["", "4", "GB", "-1GB", "4XB", "4 GB of memory", "nan"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # who asks tells what is wrong
        size(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("90s", 90), ("10m", 600), ("1h30m", 5400), ("1.5h", 5400), ("1d", 86400)],
)
def test_durations_are_read(text: str, seconds: float) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "0", "m", "-5m", "10 minutes", "1h-30m", "inf"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # who asks tells what is wrong
        duration(text)


@pytest.mark.parametrize(("text", "number"), [("2", 2), ("0.5", 0.5), ("500m", 0.5), ("0", 0)])
def test_counts_are_read(text: str, number: float) -> None:
    assert count(text) == number


@pytest.mark.parametrize("text", ["", "m", "-1", "nan", "inf", "two"])
def test_what_is_no_count_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # who asks tells what is wrong
        count(text)


@pytest.mark.parametrize(
    ("tag", "meant"),
    [
        ("stpe:train", "step:train"),
        ("steps:train", "step:train"),
        ("Step:train", "step:train"),
        ("step=train", "step:train"),
        ("step train", "step:train"),
        ("block train", "block:train"),
        ("prv:a", "prev:a"),
        ("gpu:1", "gpus:1"),
        ("cpu=2", "cpus:2"),
        ("mem:4GB", "memory:4GB"),
        ("step", "step:NAME"),
        ("parameter", "parameters"),
        ("Parameters", "parameters"),
        ("pipeline_metrics", "pipeline-metrics"),
        ("raise-exception", "raises-exception"),
        ("seriel", "serial"),
    ],
)
def test_a_near_miss_is_recognised(tag: str, meant: str) -> None:
    assert suggest(tag) == meant


@pytest.mark.parametrize(
    "tag",
    """hide-input hide_cell remove-cell remove_input remove-output nbval-skip nbval-ignore-output
    solution exercise test slide fragment date:2024 author:me level:1 grade:3 margin full-width
    thebe-init output_scroll interactive todo wip sidebar popout jupyter-book:x active-ipynb
    active-py keep_output pytest data model train nbsphinx export default_exp ci-skip""".split(),
)
def test_what_others_use_is_no_near_miss(tag: str) -> None:
    assert suggest(tag) is None


@given(st.lists(st.text()))
def test_no_list_of_tags_breaks_the_reading(tags: list[str]) -> None:
    marks = read_tags(tagged(tags))
    assert (marks.kind == "step") == (marks.step is not None)


def test_what_is_no_string_is_no_tag() -> None:
    assert read_tags(tagged([1, None, ["step:a"], "step:b"])).step == "b"


def test_an_age_belongs_to_the_word_that_gave_it() -> None:
    off, day = Facts(cache=False), Facts(cache=True, cache_age=86400.0)
    assert merge(off, day) == (off, ("cache",))
    assert merge(Facts(), day) == (day, ())
    assert merge(Facts(cache=True), day) == (Facts(cache=True), ("cache",))
