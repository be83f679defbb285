"""What steps need, against what an executor offers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mlops_lab.errors import ResourceError
from mlops_lab.interfaces import Node, Offer
from mlops_lab.ir.step import Resources, Step


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
    nodes = offer.nodes
    return [
        f"step '{step.name}' needs {told(step.resources)}; the largest there is: {_largest(nodes)}"
        for step in steps
        if step.resources != Resources() and not any(fits(step.resources, n) for n in nodes)
    ]


def grant(
    steps: Sequence[Step], offer: Offer, *, relax: bool, executor: str
) -> tuple[Resources, list[str]]:
    """The resources of a worker that runs all of these steps, and notes on what is relaxed.

    Raises ResourceError where no node can give them, unless `relax` or the cluster scales.
    """
    need = most(step.resources for step in steps)
    lines = shortfalls(steps, offer)
    if not lines and need != Resources() and not any(fits(need, node) for node in offer.nodes):
        lines = [f"the steps together need {told(need)}; the largest: {_largest(offer.nodes)}"]
    if not lines:
        return need, []
    if offer.scales:
        return need, [f"{line}; waiting for the cluster to grow" for line in lines]
    if relax:
        return Resources(), [f"{line}; it runs with what there is" for line in lines]
    raise ResourceError(
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


def _largest(nodes: Sequence[Node]) -> str:
    if not nodes:
        return "nothing"
    node = max(nodes, key=lambda n: (n.gpus, n.cpus, n.memory))
    kinds = f" ({', '.join(node.accelerators)})" if node.accelerators else ""
    return f"{node.cpus:g} CPUs, {node.gpus:g} GPUs{kinds}, {node.memory / 1e9:.3g} GB memory"
