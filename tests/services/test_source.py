"""A notebook as it is read for a run."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from mlops_lab.ir.options import RunOptions
from mlops_lab.services.source import prepare


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"language_info": {"name": ""}},
        {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        {
            "kernelspec": {"name": "python3", "display_name": "P", "language": ""},
            "language_info": {"name": ""},
        },
    ],
)
def test_parameters_are_set_in_a_notebook_that_does_not_say_its_language(
    metadata: dict[str, object], tmp_path: Path
) -> None:
    cell = nbformat.v4.new_code_cell("rate = 1", metadata={"tags": ["parameters"]})
    path = tmp_path / "train.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata=metadata), path)
    found = prepare(path, RunOptions(params={"rate": 2}))
    assert found.params == {"rate": 2}
    assert "rate = 2" in found.nb.cells[1].source
