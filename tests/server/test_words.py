"""A run that a client wants is the run that the command line starts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_lab.commands import run as command
from mlops_lab.commands.place import Place
from mlops_lab.ir.options import RunOptions
from mlops_lab.records.run import Run
from mlops_lab.server.bodies import Options
from mlops_lab.server.words import again, run_words
from mlops_lab.services.resuming import to_keep
from mlops_lab.settings import Settings

NOTEBOOK = Path("/work/a b/-train.ipynb")


def understood(options: Options) -> RunOptions:
    """What the command line makes of the words."""
    word, *rest = run_words(NOTEBOOK, options)
    assert word == "run"
    said = command.run.make_context("run", rest, obj=Place()).params
    assert said["nb"] == str(NOTEBOOK)
    return command._options(said, Settings())


@pytest.mark.parametrize(
    "value",
    [1, -1, 1e-05, -0.5, 1e300, True, None, "", "3", "True", "-x", "a\nb", "env:KEY", "2026-11-21",
     [1e-05, "1", None, [True]], {"a": {"b": "2026-11-21"}, "c": "on"}, ["x: y", "- z", "'", '"']],
)  # fmt: skip
def test_a_parameter_arrives_as_it_was_sent(value: Any) -> None:
    found = understood(Options(params={"rate": value})).params
    assert found == {"rate": value}
    assert type(found["rate"]) is type(value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.from_regex(r"[a-z_]\w{0,8}", fullmatch=True), JSON, max_size=4))
def test_whatever_json_can_say_arrives(params: dict[str, Any]) -> None:
    assert understood(Options(params=params)).params == params


def test_every_option_arrives_though_it_looks_like_another_one() -> None:
    wanted = Options(
        split="cells", executor="--no-cache", workers=2, cache=False, refresh=("-a", "b"), since="-"
    )
    found = understood(wanted)
    assert (found.split, found.executor, found.workers, found.cache) == (
        "cells", "--no-cache", 2, False
    )  # fmt: skip
    assert (found.refresh, found.since, found.upto, found.only) == (("-a", "b"), "-", None, None)


def test_a_run_once_more_has_the_options_that_it_had() -> None:
    options = RunOptions(params={"rate": 0.1}, executor="ray", workers=3, upto="fit", cache=False)
    past = Run(
        run_id="a", params={"rate": 0.1}, executor="ray", options=to_keep(options, Path(), None)
    )
    assert understood(again(past)) == options
    assert again(past).keep_failed is None
    kept = replace(past, options=to_keep(options, Path(), None, 1800.0))
    assert "--keep-failed=1800s" in run_words(NOTEBOOK, again(kept))
