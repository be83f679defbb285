"""The timeline in signs, and what was tried early in words."""

from __future__ import annotations

import click
import pytest
from rich.cells import cell_len

from mlops_lab.commands.answer import Answer
from mlops_lab.commands.progress import Progress
from mlops_lab.commands.say import headline
from mlops_lab.commands.say_drop import drop_words
from mlops_lab.commands.say_run import run_page, run_tail, step_page
from mlops_lab.commands.say_timeline import timeline_lines
from mlops_lab.records.needs import RunNeeds
from mlops_lab.records.run import fold
from mlops_lab.records.span import Drop
from mlops_lab.records.timeline import timeline
from tests.records.side_by_side import EVENTS, STEPS

RUN = fold(EVENTS)


def lines(width: int) -> list[str]:
    found = timeline_lines(timeline(RUN), STEPS, width)
    return [click.unstyle(line) for line in found]


def test_each_worker_has_a_row_and_each_step_a_bar_with_its_name() -> None:
    assert lines(82) == [
        "  home       ╎  ┣features━┣li…r┣boosting_trees━━━━━━━━━━━━━━━          ┣evaluate━",
        "  scout 1                 ┣margin━━━━━━━━┄┄┄┄┄━━━━━╱╱╱╱╱ evaluate",
        "  scout 2                 ╱forest╱╱╱┣forest━━━━━━━━━━━━━━━━━━━━━━━━━━━━",
        "           0                                                                 14 s",
    ]


@pytest.mark.parametrize("width", [1, 40, 57, 80, 250])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert max(cell_len(line) for line in lines(width)) <= max(width, 40)


def test_wide_signs_take_the_room_they_need() -> None:
    steps = tuple("특징 만들기" if name == "features" else name for name in STEPS)
    korean = tuple(
        type(e)(**{s: _renamed(getattr(e, s)) for s in e.__dataclass_fields__}) for e in EVENTS
    )
    drawn = timeline_lines(timeline(fold(korean)), steps, 82)
    widths = [cell_len(click.unstyle(line).rstrip()) for line in drawn]
    assert widths == [cell_len(line) for line in lines(82)]


def _renamed(value: object) -> object:
    if isinstance(value, tuple):
        return tuple(map(_renamed, value))
    return "특징 만들기" if value == "features" else value


def test_without_colour_signs_alone_tell_bars_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    coloured = list(timeline_lines(timeline(RUN), STEPS, 80))
    assert "\x1b[" in coloured[0]
    monkeypatch.setenv("NO_COLOR", "1")
    assert list(timeline_lines(timeline(RUN), STEPS, 80)) == lines(80)
    assert "\x1b" not in headline(RUN)


def test_a_page_ends_with_what_it_brought_and_what_it_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    text = click.unstyle(
        "\n".join(Answer(data=None, parts=tuple(run_page(RUN, RunNeeds()))).text())
    )
    numbers, *rest = text.splitlines()[-4:]
    assert numbers == (
        "  14 s in all, steps took 22 s, waited 1.0 s for values, 3.0 s tried early and thrown away"
    )
    assert rest == [
        "  1.6 times as fast as one kernel, which takes about 23 s",
        "  ~ forest    tried early, 'df' changed above: runs again (2.0 s)",
        "  ~ evaluate  tried early, it acts outside (writes out.csv): runs in turn (1.0 s)",
    ]


def test_the_end_of_a_run_says_it_in_a_line() -> None:
    assert next(run_tail(RUN)) == (
        "  kernels     3, 1.6 times as fast as one kernel, which takes about 23 s"
        " · 3.0 s thrown away"
    )
    assert not any("kernels" in line for line in run_tail(fold(EVENTS[:4])))


def test_a_step_is_a_page_too() -> None:
    step = next(step for step in RUN.steps if step.name == "forest")
    assert [click.unstyle(str(part)) for part in step_page(step, RunNeeds())] == [
        "✓ forest  done 7.0 s, early",
        "  dropped     tried early, 'df' changed above: runs again (2.0 s)",
    ]


@pytest.mark.parametrize(
    ("why", "name", "said"),
    [
        ("stale", "df", "tried early, 'df' changed above: runs again"),
        ("stale", "", "tried early, something changed above: runs again"),
        ("acts", "writes a.csv", "tried early, it acts outside (writes a.csv): runs in turn"),
        ("acts", "", "tried early, it acts outside: runs in turn"),
        ("lives", "conn", "tried early, 'conn' lives in one kernel only: runs in turn"),
        ("failed", "KeyError", "tried early, it failed there (KeyError): runs again"),
        ("stuck", "lock", "tried early, 'lock' can't be had there: runs in turn"),
        ("memory", "", "tried early, memory was short: runs in turn"),
        ("died", "", "tried early, its kernel died: runs again"),
        ("late", "", "tried early, the notebook's own kernel was first"),
        ("late", "its time limit", "tried early, it gave way to its time limit"),
        ("late", "resources", "tried early, it gave way to resources"),
        ("stale", "a file", "tried early, a file changed above: runs again"),
        ("stopped", "", "tried early, stopped with the run"),
        ("stale", "{odd", "tried early, {odd changed above: runs again"),
        ("new in a later version", "x", "tried early, new in a later version: runs in turn"),
    ],
)
def test_a_dropped_attempt_says_what_was_to_blame(why: str, name: str, said: str) -> None:
    assert drop_words(Drop(worker="k", started=0.0, seconds=0.0, why=why, name=name)) == said


def test_lines_of_a_pipe_tell_what_ended_and_what_was_thrown_away() -> None:
    said: list[str] = []
    progress = Progress(said.append)
    for event in EVENTS:
        progress(event)
    assert [click.unstyle(line) for line in said] == [
        "  = load            cached",
        "  ✓ features        done 2.0 s",
        "  ✓ linear          done 1.0 s",
        "  ~ forest          tried early, 'df' changed above: runs again (2.0 s)",
        "  ~ evaluate        tried early, it acts outside (writes out.csv): runs in turn (1.0 s)",
        "  ✓ boosting_trees  done 6.0 s",
        "  ✓ margin          done 4.0 s, waited 1.0 s, early",
        "  ✓ forest          done 7.0 s, early",
        "  ✓ evaluate        done 2.0 s",
    ]


def test_what_moves_are_all_running_steps_and_what_they_wait_for() -> None:
    progress = Progress()
    for event in EVENTS[:12]:
        progress(event)
    assert [click.unstyle(line) for line in progress.live_lines(now=106.5)] == [
        "  ○ margin          waits for results · 3.5 s · early",
        "  ◐ forest          cell 1 of 1 · 1.5 s · early",
        "  ◐ boosting_trees  cell 1 of 1 · 2.5 s",
        "  3 of 7 steps · 1 cached · 3 running · 6.5 s",
    ]
    for event in EVENTS[12:14]:
        progress(event)
    assert click.unstyle(list(progress.live_lines(now=108.5))[-1]) == (
        "  3 of 7 steps · 1 cached · 2 running · 1 done early · 8.5 s"
    )
