"""What workers were busy with: the bars of a run's timeline."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

Spans = tuple["Span", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From when to when a worker was busy with a step, or with one of its segments.

    `ended` is None while it goes on. `waits` says from when to when it waited for a name, and
    `waited` how long in all; `cells` counts those that are done.
    """

    worker: str
    started: float
    ended: float | None = None
    early: bool = False
    cells: int = 0
    waited: float = 0.0
    waits: tuple[tuple[float, float | None], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """An early attempt that was thrown away: `why`, and the `name` or act to blame.

    Of its `seconds` it `waited` some for names, which costs nobody anything.
    """

    worker: str
    started: float
    seconds: float
    why: str
    name: str = ""
    waits: tuple[tuple[float, float | None], ...] = ()

    @property
    def waited(self) -> float:
        """How long it waited."""
        return min(self.seconds, sum(until - since for since, until in self.waits if until))

    @property
    def wasted(self) -> float:
        """How long it worked in vain."""
        return self.seconds - self.waited


def begin(spans: Spans, span: Span) -> Spans:
    """The spans with one more; whoever was at it on the same worker has left it."""
    left = tuple(
        replace(s, ended=span.started) if s.ended is None and s.worker == span.worker else s
        for s in spans
    )
    return (*left, span)


def chosen(spans: Spans, worker: str, started: float = 0.0) -> Span | None:
    """The worker's span that started then, else its latest; no worker: the latest of all."""
    own = [s for s in spans if worker in {"", s.worker}]
    exact = [s for s in own if started and s.started == started]
    best = exact or own
    return best[-1] if best else None


def changed(spans: Spans, one: Span | None, **changes: Any) -> Spans:
    """The spans, with one of them changed."""
    return tuple(replace(s, **changes) if s is one else s for s in spans)


def waits(span: Span, at: float, name: str) -> tuple[tuple[float, float | None], ...]:
    """The span's waits, now that it waits for a name, or goes on."""
    over = tuple((since, at if until is None else until) for since, until in span.waits)
    return (*over, (at, None)) if name else over


def span_from_json(body: dict[str, Any]) -> Span:
    """The span that was written as JSON; fields from a newer version are left out."""
    return Span(**_known(body, Span))


def drop_from_json(body: dict[str, Any]) -> Drop:
    """The drop that was written as JSON; fields from a newer version are left out."""
    return Drop(**_known(body, Drop))


def _known(body: dict[str, Any], kind: type[Span | Drop]) -> dict[str, Any]:
    values = {f.name: body[f.name] for f in fields(kind) if f.name in body}
    values["waits"] = tuple((since, until) for since, until in values.get("waits", ()))
    return values
