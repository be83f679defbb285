"""Where papermill's own cell stands."""

from __future__ import annotations

from typing import Any


def injected(nb: Any) -> int | None:
    """The index of papermill's own cell; None where there is none."""
    said = (cell.get("metadata", {}).get("tags", []) for cell in nb["cells"])
    return next((index for index, tags in enumerate(said) if "injected-parameters" in tags), None)


def behind_parameters(nb: Any) -> bool:
    """Put papermill's cell behind Kale's parameters cells; whether it had to be moved.

    papermill knows no `pipeline-parameters` tag and puts its cell on top, where the defaults
    below would undo it.
    """
    tags = [list(cell.get("metadata", {}).get("tags", [])) for cell in nb["cells"]]
    own = [i for i, said in enumerate(tags) if "injected-parameters" in said]
    kale = [i for i, said in enumerate(tags) if "pipeline-parameters" in said]
    if not own or not kale or own[0] > kale[-1] or any("parameters" in said for said in tags):
        return False
    nb["cells"].insert(kale[-1], nb["cells"].pop(own[0]))
    return True
