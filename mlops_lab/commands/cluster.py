"""`mlops cluster`: a Ray on this machine that stays warm."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from mlops_lab.commands.answer import Answer, Table, answers
from mlops_lab.commands.say import when


@click.group(short_help="Keep a Ray warm on this machine.")
def cluster() -> None:
    """Keep a Ray warm on this machine: reachable from here only, and only with its token.

    \b
      mlops cluster start             so that runs on Ray begin at once
      mlops cluster status
      mlops cluster stop
    """


@cluster.command()
@click.option("--num-cpus", type=click.IntRange(min=1), help="Cores to offer. [default: all]")
@answers
def start(num_cpus: int | None) -> Answer:
    """Start it, unless it runs."""
    return _told(_service().start(num_cpus))


@cluster.command()
@answers
def stop() -> Answer:
    """End it, and nothing else."""
    service = _service()
    service.stop()
    return Answer(data={"running": False}, parts=("Ray is stopped",))


@cluster.command()
@answers
def status() -> Answer:
    """Say whether it runs, where, and what it offers."""
    return _told(_service().status())


def _told(found: Any) -> Answer:
    """Its state in a line, with what leads to it; the processes are for programs."""
    if not found.running:
        return Answer(data=asdict(found), parts=("no Ray is warm; start one: mlops cluster start",))
    shown = {"address": found.address, "dashboard": found.dashboard, "logs": found.logs}
    table = Table(rows=tuple((f"  {name}", value) for name, value in shown.items() if value))
    return Answer(data=asdict(found), parts=(f"Ray is warm since {when(found.started)}", table))


def _service() -> Any:
    from mlops_lab.workbench import Workbench

    return Workbench.open().cluster
