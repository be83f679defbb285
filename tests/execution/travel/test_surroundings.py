"""What a cell does to the process is noticed, and what libraries do to it by themselves is not."""

from __future__ import annotations

import pytest

from .conftest import Bench

DONE = {
    "a formatter": "get_ipython().display_formatter.formatters['text/plain'].for_type(int, lambda "
    "v, p, c: p.text('n'))",
    "a built-in": "import builtins; builtins.print = lambda *a: None",
    "a stream": "import sys, io; sys.stdin = io.StringIO('')",
    "the collector": "import gc; gc.disable()",
    "a hook": "import sys; sys.unraisablehook = lambda e: None",
    "a dialect": "import csv; csv.register_dialect('mine', delimiter=';')",
    "how to copy": "import copyreg\nclass A: pass\ncopyreg.pickle(A, lambda a: (A, ()))",
}
LIBRARIES = """
import csv, sqlite3, decimal, json
import numpy as np, pandas as pd, matplotlib.pyplot as plt, seaborn as sns, sklearn.linear_model
import pyarrow, scipy.stats, networkx
pd.DataFrame({'a': [1]}).plot()
"""


def test_importing_libraries_changes_no_surroundings(maker: Bench) -> None:
    maker.observe([])
    maker.run(LIBRARIES)
    assert maker.observe([])["process"] == []


@pytest.mark.parametrize("what", DONE)
def test_what_a_cell_does_to_the_process_is_noticed(what: str, maker: Bench) -> None:
    maker.observe([])
    maker.run(DONE[what])
    assert maker.observe([])["process"] != []
    maker.run("pass")
    assert maker.observe([])["process"] == []
