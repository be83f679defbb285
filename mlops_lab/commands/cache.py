"""`mlops cache`: what is kept so that it need not run again."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

import click

from mlops_lab.commands.answer import Answer, Table, answers
from mlops_lab.commands.place import Place
from mlops_lab.commands.say import bytes_text, duration
from mlops_lab.errors import UsageError

_AGE = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


@click.group(short_help="Show the cache, make room.")
def cache() -> None:
    """What is kept so that it need not run again.

    \b
      mlops cache show
      mlops cache prune --max-size 5GB
      mlops cache prune --older-than 30d
    """


@cache.command()
@answers
@click.pass_obj
def show(place: Place) -> Answer:
    """How much the cache holds, and of what."""
    report = _service(place).show()
    held = f"{bytes_text(report.size)} of at most {bytes_text(report.limit)}"
    rows = tuple(
        (step.notebook, step.step, str(step.entries), bytes_text(step.size), duration(step.saves))
        for step in report.steps
    )
    head = ("notebook", "step", "results", "size", "saves")
    table = Table(head=head, rows=rows, right=frozenset({2, 3, 4}))
    return Answer(data=asdict(report), parts=(held, table) if rows else (held,))


@cache.command()
@click.option("--max-size", metavar="SIZE", help="What may stay, as in 5GB. [default: the cap]")
@click.option("--older-than", metavar="AGE", help="What was last used before that, as in 30d.")
@answers
@click.pass_obj
def prune(place: Place, max_size: str | None, older_than: str | None) -> Answer:
    """Forget what was used longest ago, never what a kept run needs."""
    from mlops_lab.settings import size

    limit = size(max_size) if max_size else None
    seconds = age(older_than) if older_than else None
    report = _service(place).prune(max_bytes=limit, older_than=seconds)
    told = f"{report.entries} results forgotten, {bytes_text(report.freed)} freed"
    return Answer(data=asdict(report), parts=(f"{told}; {bytes_text(report.left)} left",))


def age(text: str) -> float:
    """The seconds that '30d', '12h' or '10m' says."""
    match = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([smhdw])\s*", text)
    if match is None:
        raise UsageError(f"'{text}' is no age; write it as 30d, 12h or 10m")
    return float(match[1]) * _AGE[match[2]]


def _service(place: Place) -> Any:
    from mlops_lab.workbench import Workbench

    return Workbench.open(place.notebook() if place.namespace is not None else None).cache
