"""What a segment was seen to do → an entry for the cache, and what the names mean after it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlops_lab.execution.page import Tape
from mlops_lab.ir.step import Segment
from mlops_lab.records.entry import Entry, Version
from mlops_lab.records.versions import COUNT, GENERATORS, PROCESS, SHOWN, Versions, names_history

_STORE = re.compile(
    r"^\s*([A-Za-z_]\w*(?:\.\w+)+)\s*(?:[-+*/|&^%@]|//|\*\*|<<|>>)?=(?!=)", re.MULTILINE
)
_OWN_STATE = re.compile(r"\brandom_state\s*=\s*\w+")
"""An estimator's own generator: no global one is touched."""
_DELETE = re.compile(r"^\s*del\s+([A-Za-z_]\w*(?:\.\w+)+)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Where and when a segment ran; `key` is what its code is looked up by."""

    id: str
    key: str
    run_id: str
    notebook: str
    root: Path
    python: str
    began: float
    seconds: float
    policy: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    """What it read besides what was seen, with digests."""


def attribute_stores(segment: Segment) -> list[str]:
    """The dotted names that the segment's code sets or deletes."""
    text = "\n".join(cell.source for cell in segment.cells)
    return sorted({*_STORE.findall(text), *_DELETE.findall(text)})


def learn(
    segment: Segment,
    seen: Seen,
    answer: Mapping[str, Any],
    reads: Collection[str],
    before: Versions,
    tape: Tape,
    *,
    history: bool = False,
) -> tuple[Entry, str]:
    """The entry, and its cells' outputs as JSON, for which it leaves room in `outputs`.

    `history` says that the notebook somewhere looks at what cells showed before.
    """
    names = set(reads) | before.reach(answer["demanded"])
    found = {name: before.digest(name) for name in names if not name.startswith("@module:")}
    found |= before.settings()
    found |= {g: before.digest(g) for g in GENERATORS if g in answer["settings"]}
    if tape.shows_numbers():
        found[COUNT] = before.digest(COUNT)
    if _may_seed(segment):
        found |= {g: before.digest(g) for g in GENERATORS}
    writes, kept = _writes(seen, answer, before)
    # A name that the code binds and that means what it meant before was bound to the same, or the
    # code did not get there. Either way the entry holds only where the name means that.
    found |= {n: before.digest(n) for n in kept & {*segment.writes, *answer["fresh"]}}
    if history and (tape.shows_results() or names_history(segment.reads | segment.writes)):
        found[SHOWN] = before.digest(SHOWN)
        shown = Version(names=(SHOWN,), digest=f"live:{seen.id}", live="what cells showed")
        writes.append(shown)
    hidden = [
        name
        for name, value in answer["settings"].items()
        if _is_plain(value) and name in before.names
    ]
    entry = Entry(
        id=seen.id,
        code=seen.key,
        notebook=seen.notebook,
        step=segment.name,
        run_id=seen.run_id,
        created=seen.began,
        seconds=seen.seconds,
        memory=int(answer["used"]["memory"]),
        cpu=answer["used"]["cpu"],
        reads=found,
        previews={n: p for n in found if (p := before.preview(n))},
        files={
            **seen.facts,
            **{_short(path, seen.root): state for path, state in answer["files"].items()},
        },
        packages={_fact(key, seen.root): mark for key, mark in answer["packages"].items()},
        python=seen.python,
        writes=tuple(writes),
        deletes=(*answer["deleted"], *hidden),
        files_written={_short(p, seen.root): a for p, a in answer["written"].items()},
        outside=tuple(answer["outside"]),
        metrics=answer["metrics"],
        tracked=tuple(answer["tracked"]),
        policy=seen.policy,
    )
    return entry, json.dumps(tape.items)


def _may_seed(segment: Segment) -> bool:
    """Whether the code may put a generator into a state which it may happen to be in already."""
    texts = [_OWN_STATE.sub("", cell.source) for cell in segment.cells]
    return any("seed" in text or "state" in text for text in texts)


def _writes(
    seen: Seen, answer: Mapping[str, Any], before: Versions
) -> tuple[list[Version], set[str]]:
    """The versions that the segment made, and the names that it touched and left as they were."""
    writes = []
    kept: set[str] = set()
    for unit in answer["units"]:
        names = tuple(unit["names"])
        digest = unit["digest"] or f"live:{seen.id}:{names[0]}"
        old = [before.names.get(name) for name in names]
        same = all(v is not None and v.names == names and v.digest == digest for v in old)
        if same:
            kept.update(names)
            continue
        writes.append(
            Version(
                names=names,
                digest=digest,
                artifact=None if unit["live"] else unit.get("artifact"),
                refs=tuple(unit["refs"]),
                size=unit.get("size", 0),
                preview=unit.get("preview", ""),
                live=unit["live"],
            )
        )
    for name, value in answer["settings"].items():
        if _is_plain(value):
            continue
        digest = value["digest"] or f"live:{seen.id}:{name}"
        if before.digest(name) != digest:
            live = value.get("live", "")
            writes.append(
                Version(names=(name,), digest=digest, artifact=value["artifact"], live=live)
            )
    if answer["process"]:
        what = ", ".join(answer["process"])
        writes.append(Version(names=(PROCESS,), digest=f"live:{seen.id}", live=what))
    return writes, kept


def _is_plain(value: Any) -> bool:
    return value is None or value["digest"] == "unseeded"


def _fact(key: str, root: Path) -> str:
    if not key.startswith("file:"):
        return key
    return "file:" + _short(key.removeprefix("file:"), root)


def _short(path: str, root: Path) -> str:
    top = str(root) + os.sep
    return path.removeprefix(top)
