"""An untagged notebook is given steps that its author would have drawn."""

from __future__ import annotations

from typing import Any

import pytest

from mlops_lab.compiler.compile import draft
from mlops_lab.compiler.suggest import suggest

from .rows import row

FLOW = """
--- md
# Churn
---
import pandas as pd
pd.set_option("display.max_rows", 9)
---
test_size = 0.2
seed = 7
---
def bucket(x):
    return x // 10
---
customers = pd.read_csv("customers.csv")
---
customers.head()
---
events = pd.read_csv("events.csv")
---
X = customers.join(events)
---
linear = model().fit(X)
---
boosted = other().fit(X)
---
fig = plot(boosted)
---
auc = roc_auc_score(y, boosted.predict(X))
"""
HEADED = """
--- md
# Churn
---
import pandas as pd
--- md
## 1. Load data
---
customers = pd.read_csv("customers.csv")
---
events = pd.read_csv("events.csv")
--- md
## Clean & join
---
X = customers.join(events)
---
X = X.dropna()
--- md
## Show
---
X.plot()
"""
CASES = {
    "without headings what flows counts": (
        FLOW,
        [
            ("imports", (2,)),
            ("parameters", (3,)),
            ("functions", (4,)),
            ("step:load_customers", (5, 6)),
            ("step:load_events", (7,)),
            ("step:x", (8,)),
            ("step:train_linear", (9,)),
            ("step:train_boosted", (10, 11)),
            ("step:evaluate_auc", (12,)),
        ],
    ),
    "headings name steps, and what could run side by side is taken apart": (
        HEADED,
        [
            ("imports", (2,)),
            ("step:load_data_customers", (4,)),
            ("step:load_data_events", (5,)),
            ("step:clean_join", (7, 8)),
            ("step:show", (10,)),
        ],
    ),
    "what is tagged stays as it is": (
        "\n--- step:load\nx = read()\n---\n\n---\ny = x + 1\n--- skip\n?\n---\nz = y\n",
        [("step:y", (3, 5))],
    ),
    "two values of one name are two names": (
        "\n---\na = f()\n---\nb = g()\n---\na = f()\n---\nb = g()\n",
        [("step:a", (1, 2, 3, 4))],
    ),
    "what can't be read is no end": ("\n---\nx = = 1\n---\n%%bash\nls\n", [("step:step", (1, 2))]),
    "an empty notebook has none": ("\n---\n\n", []),
}


@pytest.mark.parametrize("case", CASES)
def test_steps_are_told_from_headings_and_data_flow(case: str) -> None:
    text, expected = CASES[case]
    found = suggest(row("suggest", f"{case}\n{text}").notebook)
    assert [(one.tag, one.cells) for one in found] == expected


@pytest.mark.parametrize("text", [FLOW, HEADED])
def test_what_is_suggested_compiles_to_those_steps(text: str) -> None:
    notebook: dict[str, Any] = row("suggest", f"it\n{text}").notebook
    found = suggest(notebook)
    for one in found:
        notebook["cells"][one.cells[0] - 1]["metadata"]["tags"] = [one.tag]
    pipeline = draft(notebook).pipeline
    assert [step.name for step in pipeline] == [one.name for one in found if one.name]


def test_another_language_gets_none() -> None:
    notebook = row("suggest", f'R\nmetadata: {{"kernelspec": {{"language": "R"}}}}{FLOW}').notebook
    assert suggest(notebook) == ()
