"""When a run's workers were busy with what, and what running side by side has brought."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from mlops_lab.records.run import Run
from mlops_lab.records.span import Drop, Span
from mlops_lab.records.step import StepRecord

Kind = Literal["ran", "cached", "dropped"]
HOME = "home"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What a worker was busy with; seconds since the run began.

    A cached step is a bar without length. `waits` says from when to when it waited for a name.
    """

    step: str
    kind: Kind
    start: float
    end: float
    early: bool = False
    waits: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one worker did; `label` is home or scout 1, 2, …, `workers` how the run named it."""

    label: str
    workers: tuple[str, ...]
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """A row a worker, home first. All times are in seconds.

    `wall` is what the run took, `worked` the sum of its steps' own times without what they
    `waited`, `wasted` what dropped attempts worked. `alone` is about what one kernel would have
    taken, with its start: None where there was but one.
    """

    rows: tuple[Row, ...]
    wall: float
    worked: float
    waited: float
    wasted: float
    alone: float | None = None

    @property
    def times(self) -> float | None:
        """How many times as fast as one kernel the run was, or None where there was but one."""
        return self.alone / self.wall if self.alone is not None and self.wall > 0 else None


def timeline(run: Run, now: float | None = None) -> Timeline:
    """The run's timeline; of one that still goes on, up to `now`."""
    end = run.started + run.seconds if run.seconds is not None else now
    if end is None:
        end = max((b for s in run.steps for _, _, b in _stretches(s)), default=run.started)
    ran = [step for step in run.steps if step.status == "succeeded" and not step.cached]
    waited = sum(step.waited for step in ran)
    worked = sum(step.seconds or 0.0 for step in ran) - waited
    rows = tuple(_rows(run, end))
    begun = min((b.start for row in rows for b in row.bars if b.kind != "cached"), default=0.0)
    return Timeline(
        rows=rows,
        wall=end - run.started,
        worked=worked,
        waited=waited,
        wasted=sum(drop.wasted for step in run.steps for drop in step.dropped),
        alone=begun + worked if len(rows) > 1 and run.status == "succeeded" else None,
    )


def timeline_json(found: Timeline) -> dict[str, Any]:
    """The timeline as JSON's types."""
    return asdict(found) | {"times": found.times}


def _rows(run: Run, end: float) -> Iterator[Row]:
    """Home begins anew in another kernel where it has to; those are one row."""
    scouts = _scouts(run)
    home = [bar for step in run.steps for name, bar in _bars(run, step, end) if name not in scouts]
    names = dict.fromkeys(
        name for step in run.steps for name, _, _ in _stretches(step) if name not in scouts
    )
    if home or scouts:
        yield Row(label=HOME, workers=tuple(names), bars=_sorted(home))
    for number, scout in enumerate(scouts, 1):
        bars = [bar for step in run.steps for name, bar in _bars(run, step, end) if name == scout]
        yield Row(label=f"scout {number}", workers=(scout,), bars=_sorted(bars))


def _scouts(run: Run) -> list[str]:
    """Those who began something ahead of home, the first one first."""
    began = [(s.started, s.worker) for step in run.steps for s in step.spans if s.early]
    began += [(drop.started, drop.worker) for step in run.steps for drop in step.dropped]
    return list(dict.fromkeys(worker for _, worker in sorted(began)))


def _stretches(step: StepRecord) -> Iterator[tuple[str, float, float]]:
    """Who was busy with a step, from when to when it is known to have been."""
    for span in step.spans:
        yield span.worker, span.started, span.ended or span.started
    for drop in step.dropped:
        yield drop.worker, drop.started, drop.started + drop.seconds
    if not step.spans and step.started is not None:  # recorded before there were spans
        yield step.worker or "", step.started, step.started + (step.seconds or 0.0)


def _bars(run: Run, step: StepRecord, end: float) -> Iterator[tuple[str, Bar]]:
    def bar(kind: Kind, start: float, stop: float, span: Span | Drop | None = None) -> Bar:
        waits = [(a, end if b is None else b) for a, b in (span.waits if span else ())]
        if span and span.waited and not waits:  # it isn't known when: mostly at the end
            waits = [(max(start, stop - span.waited), stop)]
        return Bar(
            step=step.name,
            kind=kind,
            start=max(0.0, start - run.started),
            end=max(0.0, min(stop, end) - run.started),
            early=isinstance(span, Drop) or bool(span and span.early),
            waits=tuple((a - run.started, b - run.started) for a, b in waits),
        )

    if step.cached and step.ended is not None:
        yield step.worker or "", bar("cached", step.ended, step.ended)
        return
    for span in step.spans:
        yield span.worker, bar("ran", span.started, span.ended or end, span)
    for drop in step.dropped:
        yield drop.worker, bar("dropped", drop.started, drop.started + drop.seconds, drop)
    if not step.spans and step.started is not None:
        stop = step.started + step.seconds if step.seconds is not None else end
        yield step.worker or "", bar("ran", step.started, stop)


def _sorted(bars: list[Bar]) -> tuple[Bar, ...]:
    return tuple(sorted(bars, key=lambda bar: (bar.start, bar.end)))
