"""What a notebook says about a step besides its code."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from mlops_lab.ir.step import Policy, Resources


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What tags say of a step; None and empty stand for nothing said.

    `kale` holds Kale's tags that have no meaning here, as written.
    """

    after: tuple[str, ...] = ()
    cpus: float | None = None
    gpus: float | None = None
    memory: int | None = None
    accelerator: str | None = None
    custom: tuple[tuple[str, float], ...] = ()
    retries: int | None = None
    timeout: float | None = None
    cache: bool | None = None
    cache_age: float | None = None
    serial: bool | None = None
    data: tuple[str, ...] = ()
    kale: tuple[str, ...] = ()

    def resources(self) -> Resources:
        """What the step needs."""
        return Resources(
            cpus=self.cpus,
            gpus=self.gpus,
            memory=self.memory,
            accelerator=self.accelerator,
            custom=self.custom,
        )

    def policy(self) -> Policy:
        """What the step is promised."""
        return Policy(
            retries=self.retries or 0,
            timeout=self.timeout,
            cache=self.cache,
            cache_age=self.cache_age,
            serial=bool(self.serial),
        )


def merge(first: Facts, later: Facts) -> tuple[Facts, tuple[str, ...]]:
    """Both together, and the names of the facts on which they differ.

    As in Kale the first word counts; what is a list grows.
    """
    changes: dict[str, object] = {}
    differ = []
    for field in fields(Facts):
        ours, theirs = getattr(first, field.name), getattr(later, field.name)
        if field.name == "custom":
            changes["custom"] = tuple({**dict(theirs), **dict(ours)}.items())
        elif isinstance(ours, tuple):
            changes[field.name] = tuple(dict.fromkeys((*ours, *theirs)))
        elif ours is None:
            changes[field.name] = theirs
        elif theirs is not None and ours != theirs:
            differ.append(field.name)
    if first.cache is not None:  # an age belongs to the word that gave it
        changes["cache_age"] = first.cache_age
        if later.cache is not None and later.cache_age != first.cache_age:
            differ = [*(name for name in differ if not name.startswith("cache")), "cache"]
    return replace(first, **changes), tuple(differ)  # type: ignore[arg-type]
