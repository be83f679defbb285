"""Who holds which of the resources that there are."""

from __future__ import annotations

from dataclasses import dataclass, field

from mlops_lab.execution import fit
from mlops_lab.execution.fit import EXACT
from mlops_lab.interfaces import Node, Offer
from mlops_lab.ir.step import Resources


class Holdings:
    """What an executor offers, less what was taken.

    A need is met by one node, the first that has it free. Where more nodes may come there is no
    end to what can be taken: who has to wait waits for the cluster.
    """

    def __init__(self, offer: Offer) -> None:
        self._endless = offer.scales
        self._nodes = [_Free(node) for node in offer.nodes]
        self._taken: dict[str, tuple[_Free, Resources, tuple[tuple[int, float], ...]] | None] = {}

    def fits(self, need: Resources) -> bool:
        """Whether it can be taken now."""
        return self._endless or not fit.asks(need) or self._place(need) is not None

    def take(self, key: str, need: Resources) -> tuple[int, ...]:
        """Hold it under a key; which GPUs of its node it is given. It must fit.

        A part of a GPU is a part of one that others have parts of, where there is one.
        """
        if key in self._taken:
            raise ValueError(f"{key} holds something already")
        if self._endless or not fit.asks(need):
            self._taken[key] = None
            return ()
        free = self._place(need)
        if free is None:
            raise ValueError(f"{key} can't have {fit.told(need)} now")
        parts = free.parts(need.gpus or 0.0)
        assert parts is not None
        free.change(need, parts, -1)
        self._taken[key] = free, need, parts
        return tuple(sorted(device for device, _ in parts))

    def give_back(self, key: str) -> None:
        """What is held under the key is free again; nothing, where nothing is."""
        held = self._taken.pop(key, None)
        if held is not None:
            free, need, parts = held
            free.change(need, parts, +1)

    def _place(self, need: Resources) -> _Free | None:
        return next((free for free in self._nodes if free.has(need)), None)


@dataclass(slots=True, eq=False)
class _Free:
    """What is left of a node."""

    node: Node
    cpus: float = field(init=False)
    memory: int = field(init=False)
    custom: dict[str, float] = field(init=False)
    devices: list[float] = field(init=False)
    """How much is left of each GPU."""

    def __post_init__(self) -> None:
        self.cpus, self.memory = self.node.cpus, self.node.memory
        self.custom = dict(self.node.custom)
        whole, rest = int(self.node.gpus), round(self.node.gpus % 1, EXACT)
        self.devices = [1.0] * whole + [rest] * bool(rest)

    def has(self, need: Resources) -> bool:
        """Whether all of it is left here."""
        return (
            (need.cpus or 0) <= self.cpus
            and (need.memory or 0) <= self.memory
            and (need.accelerator is None or need.accelerator in self.node.accelerators)
            and all(count <= self.custom.get(name, 0.0) for name, count in need.custom)
            and self.parts(need.gpus or 0.0) is not None
        )

    def parts(self, gpus: float) -> tuple[tuple[int, float], ...] | None:
        """So much of which GPUs: whole ones, and what goes beyond from the fullest that has it."""
        whole, rest = int(gpus), round(gpus % 1, EXACT)
        idle = [device for device, left in enumerate(self.devices) if left == 1.0]
        if len(idle) < whole:
            return None
        found = [(device, 1.0) for device in idle[:whole]]
        if rest:
            others = [d for d in range(len(self.devices)) if d not in idle[:whole]]
            room = [d for d in others if rest <= self.devices[d]]
            if not room:
                return None
            found.append((min(room, key=lambda device: self.devices[device]), rest))
        return tuple(found)

    def change(self, need: Resources, parts: tuple[tuple[int, float], ...], sign: int) -> None:
        """Give it back, or take it with a negative sign."""
        self.cpus = round(self.cpus + sign * (need.cpus or 0), EXACT)
        self.memory += sign * (need.memory or 0)
        for name, count in need.custom:
            if count:
                self.custom[name] = round(self.custom[name] + sign * count, EXACT)
        for device, share in parts:
            self.devices[device] = round(self.devices[device] + sign * share, EXACT)
