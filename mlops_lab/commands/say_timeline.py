"""A run's timeline: a row a worker, a bar a step; then what running side by side has brought.

Signs alone tell bars apart, colour only helps: ┣━━ a step, ┄ it waits for a name, ╱ thrown away,
╎ from the cache.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass

from mlops_lab.commands.paint import paint
from mlops_lab.commands.say import duration
from mlops_lab.records.timeline import Bar, Row, Timeline

COLOURS = ("blue", "yellow", "green", "magenta", "cyan")
"""By notebook order, and over again; red is left out: it means failed."""

NARROWEST = 40


def timeline_lines(found: Timeline, steps: tuple[str, ...], width: int = 0) -> Iterator[str]:
    """The timeline as text, as wide as the terminal; `steps` are in notebook order."""
    if not found.rows or found.wall <= 0:
        return
    width = max(NARROWEST, width or shutil.get_terminal_size((80, 24)).columns)
    label = max(len(row.label) for row in found.rows)
    room = width - label - 5
    colours = {name: COLOURS[place % len(COLOURS)] for place, name in enumerate(steps)}
    for row in found.rows:
        yield f"  {row.label:<{label}}  {_drawn(row, found.wall, room, colours)}".rstrip()
    end = duration(found.wall)
    yield paint(f"  {'':<{label}}  0{end:>{room - 1}}", dim=True)


def timeline_words(found: Timeline) -> Iterator[str]:
    """What it says in numbers."""
    parts = [f"{duration(found.wall)} in all", f"steps took {duration(found.worked)}"]
    if found.waited >= 0.05:
        parts.append(f"waited {duration(found.waited)} for values")
    if found.wasted >= 0.05:
        parts.append(f"{duration(found.wasted)} tried early and thrown away")
    yield f"  {', '.join(parts)}"
    if how := faster(found):
        yield f"  {how}"


def faster(found: Timeline) -> str:
    """How the run compares with one kernel; empty where it had but one."""
    if found.times is None or found.alone is None:
        return ""
    alone = duration(found.alone)
    if found.times < 1.05:
        return f"no faster than one kernel, which takes about {alone}"
    return f"{found.times:.1f} times as fast as one kernel, which takes about {alone}"


def timeline_short(found: Timeline) -> str:
    """The same in one line: how many kernels, what they brought, what they wasted."""
    parts = [f"{len(found.rows)}, {faster(found)}" if faster(found) else f"{len(found.rows)}"]
    if found.wasted >= 0.05:
        parts.append(f"{duration(found.wasted)} thrown away")
    return " · ".join(parts)


@dataclass(slots=True)
class _Strip:
    """A line of signs, each in its colour; a sign of two columns takes two places."""

    signs: list[str]
    colours: list[str | None]

    def put(self, at: int, sign: str, colour: str | None) -> None:
        if 0 <= at < len(self.signs):
            self.signs[at], self.colours[at] = sign, colour

    def write(self, at: int, text: str, colour: str | None) -> None:
        from rich.cells import cell_len

        for sign in text:
            self.put(at, sign, colour)
            for more in range(1, cell_len(sign)):
                self.put(at + more, "", colour)
            at += max(1, cell_len(sign))

    def text(self) -> str:
        said, start = "", 0
        for at in range(1, len(self.signs) + 1):
            if at == len(self.signs) or self.colours[at] != self.colours[start]:
                said += paint("".join(self.signs[start:at]), self.colours[start])
                start = at
        return said


def _drawn(row: Row, wall: float, room: int, colours: dict[str, str]) -> str:
    from rich.cells import cell_len

    strip = _Strip([" "] * room, [None] * room)
    places = [_place(bar, wall, room) for bar in row.bars]
    for bar, (first, last) in zip(row.bars, places, strict=True):
        colour = colours.get(bar.step)
        for at in range(first, last):
            strip.put(at, _sign(bar, (at + 0.5) * wall / room, first=at == first), colour)
    ends = [*(first for first, _ in places[1:]), room]
    for bar, (first, last), end in zip(row.bars, places, ends, strict=True):
        if bar.kind == "cached" and last - first < end - first - cell_len(bar.step):
            strip.write(last, bar.step, colours.get(bar.step))
        elif cell_len(bar.step) < last - first:
            strip.write(first + 1, bar.step, colours.get(bar.step))
        elif last + cell_len(bar.step) + 2 <= end:
            strip.write(last + 1, bar.step, colours.get(bar.step))
        elif last - first >= 4:
            strip.write(first + 1, _short(bar.step, last - first - 1), colours.get(bar.step))
    return strip.text()


def _place(bar: Bar, wall: float, room: int) -> tuple[int, int]:
    """From which sign to which; each bar has at least one."""
    first = min(room - 1, round(bar.start * room / wall))
    return first, max(first + 1, min(room, round(bar.end * room / wall)))


def _sign(bar: Bar, at: float, *, first: bool) -> str:
    if bar.kind == "cached":
        return "╎"
    if any(since <= at < until for since, until in bar.waits):
        return "┄"
    if bar.kind == "dropped":
        return "╱"
    return "┣" if first else "━"


def _short(name: str, room: int) -> str:
    """The name, with an ellipsis in its middle: the ends tell names apart."""
    from rich.cells import cell_len

    if cell_len(name) <= room:
        return name
    head, tail = room // 2, (room - 1) // 2
    while cell_len(name[:head] + name[len(name) - tail :]) + 1 > room and head + tail:
        head, tail = (head - 1, tail) if head >= tail else (head, tail - 1)
    return f"{name[:head]}…{name[len(name) - tail :]}"
