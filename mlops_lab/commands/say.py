"""A run and its steps in words: an icon and a word for each state."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from mlops_lab.commands.paint import paint
from mlops_lab.records.run import Run
from mlops_lab.records.step import StepRecord

ICONS = {
    "waiting": ("○", None),
    "running": ("◐", "blue"),
    "ready": ("●", None),
    "cached": ("=", "cyan"),
    "succeeded": ("✓", "green"),
    "failed": ("✗", "red"),
    "cancelled": ("■", None),
    "interrupted": ("■", None),
    "skipped": ("–", None),
}


def icon(status: str) -> str:
    """The state's icon, in its colour."""
    sign, colour = ICONS.get(status, ("?", None))
    return paint(sign, colour)


def duration(seconds: float | None) -> str:
    """How long, as people say it: '0.2 s', '27 s', '1:06', '2:03:00'."""
    if seconds is None:
        return ""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def bytes_text(size: float) -> str:
    """A size, as people say it: '512 B', '4.2 MB'."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" or size >= 99.5 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def state(step: StepRecord) -> str:
    """What a step's icon stands for."""
    return "cached" if step.cached and step.status == "succeeded" else step.status


def step_words(step: StepRecord, now: float | None = None) -> str:
    """What became of a step: 'done 27 s', 'cached', 'failed after 1:06', 'cell 1 of 2 · 0:18'."""
    took = duration(step.seconds)
    match state(step):
        case "succeeded":
            parts = [f"done {duration((step.seconds or 0.0) - step.waited)}"]
            parts += [f"waited {duration(step.waited)}"] if step.waited >= 0.05 else []
            parts += ["early"] if step.early else []
            parts += [f"attempt {step.attempts}"] if step.attempts > 1 else []
            return ", ".join(parts)
        case "failed":
            return f"failed after {took}" + (f" in cell {step.cell}" if step.cell else "")
        case "skipped":
            return "not reached"
        case "running":
            parts = []
            if step.waits:
                parts.append(f"waits for {step.waits}")
            elif step.cells:
                parts.append(f"cell {min(step.cells_done + 1, step.cells)} of {step.cells}")
            if now is not None and step.started is not None:
                parts.append(duration(max(0.0, now - step.started)))
            return " · ".join([*parts, *(["early"] if step.early else [])]) or "running"
        case "ready":
            return f"done {took}, not yet due"
        case other:
            return other


def step_line(step: StepRecord, width: int = 0) -> str:
    """One line a step."""
    return f"  {icon(state(step))} {step.name:<{width}}  {step_words(step)}".rstrip()


def tally(run: Run) -> str:
    """How the steps went: '3 ran, 5 cached, 1 not reached'."""
    states = [state(step) for step in run.steps]
    words = {
        "ran": states.count("succeeded"),
        "cached": states.count("cached"),
        "running": states.count("running"),
        "done early": states.count("ready"),
        "failed": states.count("failed"),
        "cancelled": states.count("cancelled") + states.count("interrupted"),
        "to come" if run.status == "running" else "not reached": states.count("waiting"),
    }
    words["not reached"] = words.get("not reached", 0) + states.count("skipped")
    return ", ".join(f"{n} {word}" for word, n in words.items() if n) or "no steps"


def headline(run: Run) -> str:
    """A run in one line."""
    name = run.notebook.rsplit("/", 1)[-1] or run.run_id
    took = f" in {duration(run.seconds)}" if run.seconds is not None else ""
    return f"{icon(run.status)} {name} {run.status}{took}: {tally(run)}"


def when(at: float) -> str:
    """A time of day here: '2026-11-05 13:12'."""
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M")


def value_text(value: Any) -> str:
    """A parameter or metric in few signs."""
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 60 else text[:57] + "…"


def from_here(path: str) -> str:
    """The path as one would type it in the current folder."""
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path
