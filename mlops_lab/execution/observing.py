"""What a guest is asked after a segment, and what comes of it: the same for home and scouts."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mlops_lab.execution.learn import Seen, attribute_stores
from mlops_lab.execution.visit import Visit
from mlops_lab.ir.pipeline import Pipeline
from mlops_lab.ir.step import Segment
from mlops_lab.records.entry import Entry, to_json

if TYPE_CHECKING:
    from mlops_lab.execution.job import Job


async def observe(
    visit: Visit,
    segment: Segment,
    touched: Collection[str],
    *,
    everything: bool,
    metrics: bool,
    mark: str,
) -> dict[str, Any]:
    """What a segment left, of the names that it may have touched. Raises KernelDied.

    `metrics` says that its numbers are metrics; `mark` is the segment's, for definitions born in
    it.
    """
    answer: dict[str, Any] = await visit.ask(
        "observe",
        touched=sorted(touched),
        everything=everything,
        modules=sorted(segment.reads | segment.modules | segment.writes),
        metrics=[cell.source for cell in segment.cells] if metrics else [],
        stores=attribute_stores(segment),
        mark=mark,
    )
    return answer


def seen(job: Job, index: int, visit: Visit | None, began: float, seconds: float) -> Seen:
    """Where and when a segment ran."""
    return Seen(
        id=uuid.uuid4().hex,
        key=job.judge.key(index),
        run_id=job.run_id,
        notebook=job.notebook,
        root=job.root,
        python=visit.about["python"] if visit is not None else "",
        began=began,
        seconds=seconds,
        policy=job.policy,
        facts=job.facts(index),
    )


def marks(pipeline: Pipeline) -> tuple[str, ...]:
    """What tells definitions of one segment from those of the others, whoever runs them when."""
    known: Counter[str] = Counter()
    found = []
    for segment in pipeline.segments:
        code = segment.code[:8]
        known[code] += 1
        found.append(code if known[code] == 1 else f"{code}x{known[code]}")
    return tuple(found)


def with_outputs(job: Job, entry: Entry, outputs: str) -> Entry:
    """The entry with its outputs stored, unless what would be written down holds a secret."""
    secrets = [value for value in job.secrets.values() if value]
    if secrets and any(value in text for text in _texts(entry, outputs) for value in secrets):
        return replace(entry, policy="what is known of it holds a secret")
    return replace(entry, outputs=job.store.put_blob(outputs.encode()))


def _texts(entry: Entry, outputs: str) -> tuple[str, ...]:
    """All that would be written down, as it is and as JSON escapes it."""
    plain = json.dumps([to_json(entry), json.loads(outputs)], ensure_ascii=False)
    return outputs, plain, plain.replace('\\"', '"').replace("\\\\", "\\")
