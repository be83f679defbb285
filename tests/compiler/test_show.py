"""A pipeline is shown so that people, programs and Mermaid can read it."""

from __future__ import annotations

import json

from mlops_lab.compiler.compile import compile
from mlops_lab.compiler.show import as_json, as_mermaid, as_text

from .rows import row

PIPELINE = compile(
    row(
        "show",
        """a pipeline
--- parameters
lr = 0.1  # how fast
--- imports
import os
--- step:load
x = os
y = 1
--- step:train gpus:1 memory:4GB retries:2 cache:1d data:raw.csv
m = fit(x, lr)
--- step:load
z = m
--- step:look after:load serial
exec("x")
""",
    ).notebook,
    name="demo",
)


def test_text_tells_what_each_step_reads_writes_waits_for_and_needs() -> None:
    assert (
        as_text(PIPELINE)
        == """\
demo: 3 steps, python3

parameters
  lr  0.1  (float: how fast)

load
  cells   3, 5
  reads   os (from setup and parameters)
          m (from train)
  writes  x, y, z

train
  cells      4
  reads      lr (from setup and parameters)
             x (from load)
  writes     m
  waits for  load
  needs      1 gpus, 4 GB memory
  policy     retries 2, cache for 86400 s
  data       raw.csv

look
  cells      6
  reads      the namespace as a whole
  waits for  load, train
  policy     serial
"""
    )


def test_mermaid_draws_data_as_full_arrows_and_waiting_as_dotted_ones() -> None:
    assert (
        as_mermaid(PIPELINE)
        == """\
flowchart TD
  s0["load"]
  s1["train"]
  s2["look"]
  s0 -->|"x"| s1
  s0 -.-> s2
  s1 -.-> s2
"""
    )


def test_json_is_json_and_names_cells_as_people_count() -> None:
    body = json.loads(json.dumps(as_json(PIPELINE)))
    load, train, _ = body["steps"]
    assert load["cells"] == [3, 5]
    assert train["reads"] == [{"name": "lr", "from": None}, {"name": "x", "from": "load"}]
    assert train["waits_for"] == ["load"]
    assert train["resources"]["memory"] == 4 * 10**9
    assert body["edges"] == [["load", "train"], ["load", "look"], ["train", "look"]]


def test_it_tells_what_keeps_a_step_at_home() -> None:
    bound = {"look": "tagged serial"}
    assert "  at home    tagged serial" in as_text(PIPELINE, bound).splitlines()
    assert [step["home"] for step in as_json(PIPELINE, bound)["steps"]] == ["", "", bound["look"]]
