"""What is remembered of a pipeline's segments, and what that makes of them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping

from mlops_lab.compiler.outlook import foretold, outlooks
from mlops_lab.compiler.plan import Memory, Wish, World, decide, plan
from mlops_lab.interfaces import Ledger
from mlops_lab.ir.outlook import Outlook
from mlops_lab.ir.pipeline import Pipeline
from mlops_lab.ir.plan import Decision, Plan, Reason
from mlops_lab.ir.step import Segment
from mlops_lab.records.entry import Entry
from mlops_lab.records.versions import Versions

OFF = Reason(kind="no-cache", what="the cache is off")


class Remembering:
    """Decides from a ledger's entries; with no ledger, everything runs."""

    def __init__(
        self,
        pipeline: Pipeline,
        world: World,
        ledger: Ledger | None,
        left_out: Collection[int] = (),
        seen: Collection[str] = (),
    ) -> None:
        self._pipeline = pipeline
        self._world = world
        self._left_out = frozenset(left_out)
        self._seen = frozenset(seen)
        self._keys = [key_of(segment) for segment in pipeline.segments]
        self._policies = pipeline.policies()
        found = ledger.find(dict.fromkeys(self._keys)) if ledger is not None else {}
        self._entries: list[list[Entry]] = [list(found.get(key, ())) for key in self._keys]
        self._off = ledger is None
        self._parameters = frozenset(p.name for p in pipeline.parameters)

    def plan(self, forced: Mapping[int, Reason], trusted: Collection[str]) -> Plan:
        """A decision for each segment, before anything runs."""
        if self._off:
            rest = {i: OFF for i, own in enumerate(self._entries) if not own}
            forced = {**rest, **forced}
        rewritten = self._rewritten(trusted)
        wish = Wish(forced=forced, left_out=self._left_out, trusted=trusted, rewritten=rewritten)
        memory = Memory(entries=[self._known(i) for i in range(len(self._keys))], seen=self._seen)
        planned = plan(self._pipeline, memory, self._world, wish)
        return foretold(planned, self.outlooks(planned), self._entries)

    def decide(
        self,
        segment: int,
        versions: Versions,
        trusted: Collection[str],
        fresh: Collection[str] = (),
    ) -> tuple[Decision, Entry | None]:
        """Whether an entry can stand for a segment, now that all above it is committed."""
        entries = self._known(segment)
        decision = decide(
            entries,
            versions,
            self._world,
            self._policies[segment],
            trusted,
            self._rewritten(trusted) if any(e.id in trusted for e in entries) else (),
            seen=self._pipeline.segments[segment].name in self._seen,
            parameters=self._parameters,
            fresh=fresh,
        )
        if decision.fate != "cached":
            return decision, None
        return decision, next(entry for entry in entries if entry.id == decision.entry)

    def key(self, segment: int) -> str:
        """What the segment's entries are looked up by."""
        return self._keys[segment]

    def entry(self, segment: int, entry: str | None) -> Entry | None:
        """A segment's entry by its id; None where there is none."""
        return next((known for known in self._known(segment) if known.id == entry), None)

    def outlooks(self, plan: Plan) -> tuple[Outlook, ...]:
        """What is expected of each segment."""
        return outlooks(self._pipeline, plan, self._entries)

    def learn(self, segment: int, entry: Entry) -> None:
        """The segment was seen to run."""
        self._entries[segment].insert(0, entry)

    def _rewritten(self, trusted: Collection[str]) -> Collection[str]:
        own = [entry for entries in self._entries for entry in entries if entry.id in trusted]
        return {path for entry in own for path in entry.files_written}

    def _known(self, segment: int) -> list[Entry]:
        return self._entries[segment]


def key_of(segment: Segment) -> str:
    """The digest of all that a segment's author wrote which bears on what it does."""
    raising = "".join("!" if cell.may_raise else "." for cell in segment.cells)
    return hashlib.blake2b(
        f"{segment.role}\0{raising}\0{segment.code}".encode(), digest_size=16
    ).hexdigest()
