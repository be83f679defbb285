"""What steps need, against what an executor offers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from mlops_lab.errors import ResourceError
from mlops_lab.interfaces import Node, Offer
from mlops_lab.ir.step import Resources, Step

EXACT = 4
"""Decimals that count of what can be shared, as on Ray."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """What home holds, and what each step of the run needs of the worker that it runs in.

    `lacking` are the steps that home can't run, because it lacks what they need. Each need can be
    given by one node that is otherwise idle, or by one that the cluster may yet get.
    """

    home: Resources
    steps: Mapping[str, Resources]
    lacking: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()


def most(needs: Iterable[Resources]) -> Resources:
    """The least that covers all of these."""
    needs = list(needs)
    custom: dict[str, float] = {}
    for need in needs:
        for name, count in need.custom:
            custom[name] = max(count, custom.get(name, 0.0))
    return Resources(
        cpus=max((n.cpus for n in needs if n.cpus is not None), default=None),
        gpus=max((n.gpus for n in needs if n.gpus is not None), default=None),
        memory=max((n.memory for n in needs if n.memory is not None), default=None),
        accelerator=next((n.accelerator for n in needs if n.accelerator), None),
        custom=tuple(sorted(custom.items())),
    )


def asks(need: Resources) -> bool:
    """Whether it asks for anything at all; none of something is nothing."""
    counts = (need.cpus, need.gpus, need.memory, *dict(need.custom).values())
    return need.accelerator is not None or any(counts)


def whole(need: Resources) -> Resources:
    """As it can be given: more than one GPU only as wholes, parts of anything not too small."""
    if not asks(need):
        return Resources()
    gpus = math.ceil(need.gpus) if need.gpus and need.gpus > 1 else need.gpus
    return replace(
        need,
        cpus=_up(need.cpus),
        gpus=_up(gpus),
        custom=tuple((name, _up(count) or 0.0) for name, count in need.custom),
    )


def fits(need: Resources, node: Node) -> bool:
    """Whether one node can give it all."""
    return (
        (need.cpus or 0) <= node.cpus
        and (need.gpus or 0) <= node.gpus
        and (need.memory or 0) <= node.memory
        and (need.accelerator is None or need.accelerator in node.accelerators)
        and all(count <= dict(node.custom).get(name, 0.0) for name, count in need.custom)
    )


def shortfalls(steps: Sequence[Step], offer: Offer) -> list[str]:
    """What no node can give, one line a step, naming need and offer."""
    largest = _told_largest(offer.nodes)
    return [
        f"step '{step.name}' needs {told(step.resources)}; the largest there is: {largest}"
        for step in steps
        if asks(step.resources) and not any(fits(whole(step.resources), n) for n in offer.nodes)
    ]


def grant(
    steps: Sequence[Step], offer: Offer, *, relax: bool, executor: str
) -> tuple[Resources, list[str]]:
    """The resources of a worker that runs all of these steps, and notes on what is relaxed.

    Raises ResourceError where no node can give them, unless `relax` or the cluster scales.
    """
    need = whole(most(step.resources for step in steps))
    lines = shortfalls(steps, offer)
    if not lines and asks(need) and not any(fits(need, node) for node in offer.nodes):
        lines = [f"the steps together need {told(need)}; the largest: {_told_largest(offer.nodes)}"]
    if not lines:
        return need, []
    if offer.scales:
        return need, _growing(lines)
    if relax:
        return Resources(), _relaxed(lines)
    raise _refusal(lines, executor)


def share(steps: Sequence[Step], offer: Offer, *, relax: bool, executor: str) -> Shares:
    """What each step needs of its own worker, in a run with scouts, and notes on what is relaxed.

    Where workers share one machine they see all of it, home too: needs are there to take turns.
    Elsewhere home holds nothing, so that a long run keeps nothing from others, and a step that
    asks for something has a worker with just that. Raises ResourceError where no node can give
    what a step needs, unless `relax` (it gets what the largest node has of it) or the cluster
    scales.
    """
    needs = {step.name: whole(step.resources) for step in steps}
    notes: list[str] = []
    lines = shortfalls(steps, offer)
    if lines and offer.scales:
        notes = _growing(lines)
    elif lines and relax:
        notes = _relaxed(lines)
        needs = {name: _cut(need, offer.nodes) for name, need in needs.items()}
    elif lines:
        raise _refusal(lines, executor)
    return Shares(
        home=Resources(),
        steps=needs,
        lacking=frozenset(() if offer.shared else (n for n, need in needs.items() if asks(need))),
        notes=tuple(notes),
    )


def _cut(need: Resources, nodes: Sequence[Node]) -> Resources:
    """The need itself where some node can give it, else what the largest one has of it."""
    if not asks(need) or any(fits(need, node) for node in nodes):
        return need
    if not nodes:
        return Resources()
    node = _largest(nodes)
    has = dict(node.custom)
    custom = {name: min(count, has.get(name, 0.0)) for name, count in need.custom}
    return Resources(
        cpus=None if need.cpus is None else min(need.cpus, node.cpus),
        gpus=None if need.gpus is None else min(need.gpus, node.gpus),
        memory=None if need.memory is None else min(need.memory, node.memory),
        accelerator=need.accelerator if need.accelerator in node.accelerators else None,
        custom=tuple((name, count) for name, count in custom.items() if count),
    )


def _up(count: float | None) -> float | None:
    """Rounded up to the decimals that count, what a float lacks by itself aside."""
    return None if count is None else math.ceil(round(count * 10**EXACT, EXACT)) / 10**EXACT


def _growing(lines: Sequence[str]) -> list[str]:
    return [f"{line}; waiting for the cluster to grow" for line in lines]


def _relaxed(lines: Sequence[str]) -> list[str]:
    return [f"{line}; it runs with what there is" for line in lines]


def _refusal(lines: Sequence[str], executor: str) -> ResourceError:
    return ResourceError(
        "\n".join(lines)
        + f"\nAsk for less, use another cluster than this {executor} one, or run with --relax."
    )


def told(need: Resources) -> str:
    """Resources as people say them."""
    parts = []
    if need.cpus is not None:
        parts.append(f"{need.cpus:g} CPUs")
    if need.gpus is not None:
        parts.append(f"{need.gpus:g} GPUs")
    if need.memory is not None:
        parts.append(f"{need.memory / 1e9:.3g} GB memory")
    if need.accelerator is not None:
        parts.append(f"a {need.accelerator}")
    parts += [f"{count:g} {name}" for name, count in need.custom]
    return ", ".join(parts) or "nothing in particular"


def _largest(nodes: Sequence[Node]) -> Node:
    return max(nodes, key=lambda n: (n.gpus, n.cpus, n.memory))


def _told_largest(nodes: Sequence[Node]) -> str:
    if not nodes:
        return "nothing"
    node = _largest(nodes)
    kinds = f" ({', '.join(node.accelerators)})" if node.accelerators else ""
    return f"{node.cpus:g} CPUs, {node.gpus:g} GPUs{kinds}, {node.memory / 1e9:.3g} GB memory"
