"""Large values are mapped: what nobody wrote to is not read again, and every write is noticed."""

from __future__ import annotations

import pytest

from .conftest import Bench, Pool
from .test_unchanged import told

MAKE = """
import numpy as np, pandas as pd
array = np.arange(4_000_000, dtype='f8')
df = pd.DataFrame(np.arange(6_000_000, dtype='f8').reshape(-1, 6), columns=list('abcdef'))
"""
WRITES = {
    "through numpy": ("array", "array[2_000_000] = 7"),
    "one byte": ("array", "array.view('u1')[16_000_003] ^= 1"),
    "through a view": ("array", "v = array[1000:3_900_000:7][5:]; v[100_000] = -1; del v"),
    "the last page": ("array", "array[-1] = 0"),
    "through pandas": ("df", "df.loc[500_000, 'c'] = -1"),
    "all of a column": ("df", "df['a'] += 1"),
}
READS = """
array.sum(), array[::2].mean(), df.describe(), df.groupby(df.a > 3).b.sum(), df.head()
"""


COUNT = """
import _mlops_guest.mapped as _m
_read = 0
def _count(data, _real=_m.digest_of):
    global _read
    _read += memoryview(data).nbytes
    return _real(data)
_m.digest_of = _count
del _m
"""


def test_what_nobody_wrote_to_is_not_read_again(maker: Bench, reader: Bench) -> None:
    maker.run(MAKE)
    answer = maker.observe(["array", "df"])
    reader.give(answer)
    reader.run(READS)
    reader.run(COUNT)
    units = told(reader.observe(["array", "df"]))
    large = ("array",), ("df",)
    assert [units[key] for key in large] == [told(answer)[key] for key in large]
    assert reader.value("int(_read)") < 1 << 20


@pytest.mark.parametrize("how", WRITES)
def test_every_write_is_noticed(how: str, maker: Bench, pool: Pool) -> None:
    name, write = WRITES[how]
    maker.run(MAKE)
    answer = maker.observe(["array", "df"])
    other = pool.start()
    other.give(answer)
    other.run(READS)
    before = told(other.observe(["array", "df"]))
    other.run(write)
    after = told(other.observe(["array", "df"]))
    assert {key for key in before if before[key] != after[key]} == {(name,)}
