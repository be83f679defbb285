"""The tag grammar: what the tags of one cell say.

Kale's tags mean what they mean in Kale. The first of `skip`, `parameters`, `pipeline-parameters`,
`injected-parameters`, `imports`, `functions`, `setup`, `pipeline-metrics` decides what the cell
is, wherever it stands in the list, and what follows it is not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from mlops_lab.ir.problem import Fix, Problem
from mlops_lab.notebook.facts import Facts, merge
from mlops_lab.notebook.quantity import count, duration, size
from mlops_lab.notebook.spelling import suggest

Kind = Literal["skip", "parameters", "setup", "metrics", "step", "untagged"]

SPECIAL: dict[str, Kind] = {
    "skip": "skip",
    "parameters": "parameters",
    "pipeline-parameters": "parameters",
    "injected-parameters": "parameters",
    "imports": "setup",
    "functions": "setup",
    "setup": "setup",
    "pipeline-metrics": "metrics",
}
KALE_ONLY = ("secret", "image", "annotation", "label", "notebook", "report")
_OF_STEPS = {"prev", "limit", *KALE_ONLY} - {"notebook"}  # a cell of its own names a notebook
_OTHERS = frozenset({"raises-exception"})  # nbclient's
_KUBERNETES_ONLY = re.compile(r"ephemeral-storage|storage|hugepages-.*|pods")
_NAME = re.compile(r"\w[\w-]{0,99}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What the tags of one cell say.

    `label` is the tag that made the cell a setup or parameters cell. `only_kale` says that the
    facts came in Kale's own words, which Kale takes from named steps only.
    """

    kind: Kind = "untagged"
    label: str = ""
    step: str | None = None
    facts: Facts = Facts()
    only_kale: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


class _Wrong(ValueError):
    """`better` is the tag that was meant; None where only its author can tell."""

    def __init__(self, message: str, way_out: str, better: str | None = None) -> None:
        super().__init__(message)
        self.way_out = way_out
        self.better = better


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A tag, and how the author wrote it: as a tag, or as an option of `%%mlops step`."""

    text: str
    shown: str


def tagged(tags: Iterable[object]) -> list[Tag]:
    """Tags of the cell's metadata. What is no string is no tag."""
    return [Tag(text=tag, shown=f"tag '{tag}'") for tag in tags if isinstance(tag, str)]


def read_tags(tags: Sequence[Tag], *, cell: int | None = None) -> Marks:
    """What the tags say, with every mistake that is in them. `cell` counts from 1."""
    names: list[str] = []
    facts = Facts()
    kale: list[str] = []
    problems: list[Problem] = []
    near: list[Tag] = []
    special = next((place for place, tag in enumerate(tags) if tag.text in SPECIAL), None)
    for tag in tags[:special]:
        head = tag.text.partition(":")[0]
        try:
            said = _said(tag)
            if said is None:
                near.append(tag)
            elif isinstance(said, str):
                names += [said] if said else []
            else:
                facts = _both(facts, said)
                kale += [tag.text] if head in _OF_STEPS else []
        except _Wrong as wrong:
            message = f"{tag.shown} {wrong}"
            fix = _fix(tag, wrong.better, cell)
            problems.append(Problem(message=message, way_out=wrong.way_out, cell=cell, fix=fix))
    problems += [found for tag in near for found in _near_miss(tag, cell, named=bool(names))]
    if special is None:
        problems += _two_names(list(dict.fromkeys(names)), cell)
    label = tags[special].text if special is not None else ""
    kind: Kind = SPECIAL[label] if label else "step" if names else "untagged"
    return Marks(
        kind=kind,
        label=label,
        step=names[0] if kind == "step" else None,
        facts=facts,
        only_kale=tuple(kale),
        problems=tuple(problems),
    )


def _said(tag: Tag) -> Facts | str | None:
    """The facts that a tag says, or the step that it names; None where it isn't ours."""
    head, colon, value = tag.text.partition(":")
    if tag.text == "serial":
        return Facts(serial=True)
    if tag.text in _OTHERS:
        return Facts()
    if colon and head in ("step", "block"):
        return _name(value, head) if value else ""
    if colon and head in _READERS:
        return _READERS[head](value)
    return None


def _fix(tag: Tag, better: str | None, cell: int | None) -> Fix | None:
    if cell is None or better is None:
        return None
    return Fix(cell=cell, old=tag.text, new=better)


def _both(facts: Facts, said: Facts) -> Facts:
    both, differ = merge(facts, said)
    if differ:
        raise _Wrong("says otherwise than a tag before it", "Keep one of the two", "")
    return both


def _two_names(names: list[str], cell: int | None) -> list[Problem]:
    if len(names) < 2:
        return []
    message = f"the cell names {len(names)} steps: {', '.join(names)}"
    way_out = "A cell belongs to one step; split it, or keep one of the names"
    return [Problem(message=message, way_out=way_out, cell=cell)]


def _near_miss(tag: Tag, cell: int | None, *, named: bool) -> list[Problem]:
    meant = suggest(tag.text)
    if meant is None:
        return []
    message = f"{tag.shown} is none of ours and does nothing"
    way_out = f"Did you mean '{meant}'?"
    # A second name would be the next mistake.
    open_ = meant.endswith(":NAME") or (named and meant.startswith(("step:", "block:")))
    fix = _fix(tag, None if open_ else meant, cell)
    return [Problem(message=message, way_out=way_out, cell=cell, warning=True, fix=fix)]


def _name(value: str, head: str) -> str:
    if not value:
        raise _Wrong("needs a name", f"Write it as in '{head}:train'")
    if not _NAME.fullmatch(value):
        slug = re.sub(r"[^\w-]+", "_", value.strip()).strip("_-")[:100]
        better = f"{head}:{slug}"
        raise _Wrong(
            "is not a step's name: letters, digits, '_' and '-' make one, 100 at most",
            f"Write it as in '{better if slug else head + ':train'}'",
            better if slug else None,
        )
    return value


def _number(parse: Callable[[str], float], text: str, what: str, example: str) -> float:
    try:
        return parse(text)
    except ValueError:
        raise _Wrong(f"is not {what}", f"Write it as in '{example}'") from None


def _retries(value: str) -> Facts:
    if not re.fullmatch(r"\d{1,6}", value):
        raise _Wrong("is not a number of times", "Write it as in 'retries:3'")
    return Facts(retries=int(value))


def _cache(value: str) -> Facts:
    if value in ("on", "enabled"):
        return Facts(cache=True)
    if value in ("off", "disabled"):
        return Facts(cache=False)
    try:
        return Facts(cache=True, cache_age=duration(value, unit=True))
    except ValueError:
        way_out = "Write 'cache:on', 'cache:off', or how old a result may be, as in 'cache:1d'"
        raise _Wrong("is neither on, off nor an age", way_out) from None


def _text(value: str, head: str, example: str) -> str:
    if not value.strip():
        raise _Wrong("needs a value", f"Write it as in '{head}:{example}'")
    return value


def _limit(value: str) -> Facts:
    key, colon, amount = value.partition(":")
    if not key or not colon or not amount:
        raise _Wrong("needs a key and a value", "Write it as in 'limit:nvidia.com/gpu:1'")
    if key == "cpu":
        return Facts(cpus=_number(count, amount, "a number of cores", "limit:cpu:2"))
    if key == "memory":
        return Facts(memory=int(_number(_bytes, amount, "a size", "limit:memory:4Gi")))
    if key == "gpu" or key.endswith("/gpu"):
        return Facts(gpus=_number(count, amount, "a number of GPUs", f"limit:{key}:1"))
    if _KUBERNETES_ONLY.fullmatch(key):
        return Facts(kale=(f"limit:{value}",))
    return Facts(custom=((key, _number(count, amount, "an amount", f"limit:{key}:1")),))


def _bytes(text: str) -> int:
    return size(text, unit=False)


def _memory(value: str) -> Facts:
    return Facts(memory=int(_number(size, value, "a size with its unit", "memory:4GB")))


def _kale(head: str) -> Callable[[str], Facts]:
    return lambda value: Facts(kale=(f"{head}:{value}",))


_READERS: dict[str, Callable[[str], Facts]] = {
    "prev": lambda value: Facts(after=(_name(value, "prev"),)),
    "after": lambda value: Facts(after=(_name(value, "after"),)),
    "cpus": lambda value: Facts(cpus=_number(count, value, "a number of cores", "cpus:2")),
    "gpus": lambda value: Facts(gpus=_number(count, value, "a number of GPUs", "gpus:1")),
    "memory": _memory,
    "accelerator": lambda value: Facts(accelerator=_text(value, "accelerator", "A100")),
    "limit": _limit,
    "retries": _retries,
    "timeout": lambda value: Facts(timeout=_number(duration, value, "a time", "timeout:10m")),
    "cache": _cache,
    "data": lambda value: Facts(data=(_text(value, "data", "raw/cars.csv"),)),
    **{head: _kale(head) for head in KALE_ONLY},
}
