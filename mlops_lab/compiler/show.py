"""A pipeline as people, programs and Mermaid read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from mlops_lab.ir.pipeline import Pipeline
from mlops_lab.ir.step import Step


def as_json(pipeline: Pipeline, bound: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The pipeline as JSON's types; `bound` says what keeps steps at home."""
    waits = _waits(pipeline)
    return {
        "name": pipeline.name,
        "kernel": pipeline.kernel,
        "python": pipeline.python,
        "parameters": [asdict(parameter) for parameter in pipeline.parameters],
        "steps": [
            _step_json(pipeline, step, waits[step.name])
            | {"home": (bound or {}).get(step.name, "")}
            for step in pipeline
        ],
        "edges": [list(edge) for edge in pipeline.edges],
        "segments": [
            {
                "name": segment.name,
                "role": segment.role,
                "cells": [cell.number for cell in segment.cells],
                "reads": sorted(segment.reads),
                "writes": sorted(segment.writes),
                "deletes": sorted(segment.deletes),
                "everything": segment.everything,
            }
            for segment in pipeline.segments
        ],
        "notes": [asdict(note) for note in pipeline.notes],
    }


def as_mermaid(pipeline: Pipeline) -> str:
    """The pipeline as a Mermaid flowchart; arrows bear the names that are handed on."""
    node = {step.name: f"s{place}" for place, step in enumerate(pipeline)}
    lines = ["flowchart TD"]
    lines += [f'  {node[step.name]}["{_escaped(step.name)}"]' for step in pipeline]
    for above, below in pipeline.edges:
        names = [name for name, source in pipeline.step(below).reads if source == above]
        label = f'|"{_escaped(_few(names))}"|' if names else ""
        lines.append(f"  {node[above]} {'-->' if names else '-.->'}{label} {node[below]}")
    return "\n".join(lines) + "\n"


def as_text(pipeline: Pipeline, bound: Mapping[str, str] | None = None) -> str:
    """Each step with what it reads and from whom, writes, waits for, needs; then the notes.

    `bound` says what keeps steps at home.
    """
    count = len(pipeline.steps)
    blocks = [f"{pipeline.name}: {count} step{'' if count == 1 else 's'}, {pipeline.kernel}"]
    if pipeline.parameters:
        rows = [(p.name, f"{p.default}{_about(p.kind, p.help)}") for p in pipeline.parameters]
        blocks.append(_block("parameters", rows))
    waits = _waits(pipeline)
    home = bound or {}
    blocks += [_step_text(pipeline, s, waits[s.name], home.get(s.name, "")) for s in pipeline]
    notes = "\n".join(str(note) for note in pipeline.notes)
    return "\n\n".join([*blocks, *([notes] if notes else [])]) + "\n"


def _waits(pipeline: Pipeline) -> dict[str, list[str]]:
    """For each step those that it waits for, in notebook order."""
    found: dict[str, list[str]] = {step.name: [] for step in pipeline}
    for above, below in pipeline.edges:
        found[below].append(above)
    return found


def _step_json(pipeline: Pipeline, step: Step, waits: list[str]) -> dict[str, Any]:
    body = asdict(step)
    body["segments"] = list(step.segments)
    body["cells"] = [cell.number for i in step.segments for cell in pipeline.segments[i].cells]
    body["reads"] = [{"name": name, "from": source} for name, source in step.reads]
    body["everything"] = _wide(pipeline, step)
    body["waits_for"] = waits
    body["resources"]["custom"] = dict(step.resources.custom)
    for key in ("writes", "after", "data", "kale"):
        body[key] = list(body[key])
    return body


def _step_text(pipeline: Pipeline, step: Step, waits: list[str], home: str) -> str:
    numbers = [cell.number for i in step.segments for cell in pipeline.segments[i].cells]
    rows = [("cells", _ranges(numbers))]
    sources: dict[str | None, list[str]] = {}
    for name, source in step.reads:
        sources.setdefault(source, []).append(name)
    for source, names in sources.items():
        origin = f"from {source}" if source else "from setup and parameters"
        rows.append(("reads", f"{', '.join(names)} ({origin})"))
    if _wide(pipeline, step):
        rows.append(("reads", "the namespace as a whole"))
    rows.append(("writes", ", ".join(step.writes)))
    rows.append(("waits for", ", ".join(waits)))
    rows.append(("at home", home))
    rows.append(("needs", ", ".join(_needs(step))))
    rows.append(("policy", ", ".join(_policy(step))))
    rows.append(("data", ", ".join(step.data)))
    return _block(step.name, [row for row in rows if row[1]])


def _block(title: str, rows: Iterable[tuple[str, str]]) -> str:
    rows = list(rows)
    width = max((len(left) for left, _ in rows), default=0)
    lines: list[str] = []
    for place, (left, right) in enumerate(rows):
        again = place > 0 and rows[place - 1][0] == left
        lines.append(f"  {'' if again else left:<{width}}  {right}")
    return "\n".join([title, *lines])


def _needs(step: Step) -> list[str]:
    own = step.resources
    found = [f"{own.cpus:g} cpus"] if own.cpus is not None else []
    found += [f"{own.gpus:g} gpus"] if own.gpus is not None else []
    found += [f"{_bytes(own.memory)} memory"] if own.memory is not None else []
    found += [own.accelerator] if own.accelerator else []
    return found + [f"{amount:g} {key}" for key, amount in own.custom]


def _policy(step: Step) -> list[str]:
    own = step.policy
    found = [f"retries {own.retries}"] if own.retries else []
    found += [f"timeout {own.timeout:g} s"] if own.timeout is not None else []
    if own.cache_age is not None:
        found.append(f"cache for {own.cache_age:g} s")
    elif own.cache is not None:
        found.append("cache on" if own.cache else "cache off")
    found += ["serial"] if own.serial else []
    return found + (["metrics"] if step.metrics else [])


def _bytes(size: int) -> str:
    for unit, power in (("TB", 4), ("GB", 3), ("MB", 2), ("kB", 1)):
        if size >= 1000**power:
            return f"{size / 1000**power:.3g} {unit}"
    return f"{size} B"


def _ranges(numbers: list[int]) -> str:
    parts: list[list[int]] = []
    for number in numbers:
        if parts and parts[-1][-1] == number - 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ", ".join(f"{p[0]}" if len(p) == 1 else f"{p[0]}-{p[-1]}" for p in parts)


def _wide(pipeline: Pipeline, step: Step) -> bool:
    return any(pipeline.segments[i].everything for i in step.segments)


def _about(kind: str | None, help_text: str) -> str:
    parts = [part for part in (kind, help_text) if part]
    return f"  ({': '.join(parts)})" if parts else ""


def _few(names: list[str]) -> str:
    return ", ".join(names[:4]) + (f", … {len(names) - 4} more" if len(names) > 4 else "")


def _escaped(text: str) -> str:
    for mark, code in (("#", "#35;"), ('"', "#quot;"), ("<", "#lt;"), (">", "#gt;")):
        text = text.replace(mark, code)
    return text
