"""A run that a client wants → the words with which `mlops` is called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from mlops_lab.records.run import Run
from mlops_lab.server.bodies import Options


def run_words(notebook: Path, options: Options) -> tuple[str, ...]:
    """The words that run a notebook as wanted."""
    said = {
        "steps": options.split,
        "executor": options.executor,
        "workers": options.workers,
        "upto": options.upto,
        "from": options.since,
        "only": options.only,
        "keep-failed": options.keep_failed,
    }
    return ("run", str(notebook), *_parameters(options.params), *_said(said, options))


def again(run: Run) -> Options:
    """How a run was wanted."""
    kept = run.options
    return Options(
        params=dict(run.params),
        executor=run.executor or None,
        cache=kept.get("cache", True),
        refresh=tuple(kept.get("refresh") or ()),
        keep_failed=f"{kept['keep_failed']:g}s" if kept.get("keep_failed") else None,
        **{name: kept.get(name) for name in ("split", "workers", "upto", "since", "only")},
    )


def _said(said: Mapping[str, Any], options: Options) -> Iterator[str]:
    # In one word, so that a value which begins with a dash stays a value.
    for name, value in said.items():
        if value is not None:
            yield f"--{name}={value}"
    for step in options.refresh:
        yield f"--refresh={step}"
    if not options.cache:
        yield "--no-cache"


def _parameters(params: Mapping[str, Any]) -> Iterator[str]:
    """Each parameter in the option that leaves its value as it is."""
    for name, value in params.items():
        if isinstance(value, str):
            yield from ("-r", name, value)
        elif value is None or isinstance(value, bool | int | float):
            yield from ("-p", name, repr(value))
        else:
            # Not as JSON: YAML takes its 1e-05 for text.
            yield from ("-y", yaml.safe_dump({name: value}, default_flow_style=True, width=10**9))
