"""What is told of values and files: their digests, what is stored of them, nothing of a secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .effects import ABSENT, state_of
from .store import Store
from .units import Unit, group, take

LONGEST_PREVIEW = 60


class Telling:
    """Tells the driver of what a segment left; where it is to be stored, it goes to `store`."""

    def __init__(self, store: Store, secrets: list[str]) -> None:
        self._store = store
        # NumPy's arrays of text hold four bytes a character.
        self._secrets = [s.encode(form) for s in secrets for form in ("utf-8", "utf-32-le")]

    def unit(self, unit: Unit, value: Any, *, store: bool) -> dict[str, Any]:
        """A unit, with a preview of its first name's `value`, an ellipsis where that has none."""
        body: dict[str, Any] = {
            "names": unit.names,
            "digest": unit.digest,
            "refs": sorted(unit.refs),
            "live": unit.live,
        }
        if unit.digest is None:
            return body
        if any(unit.holds(secret) for secret in self._secrets):
            return {**body, "live": "it holds a secret", "digest": self._store.seal(unit.digest)}
        if store:
            body |= {"artifact": unit.digest, "size": self._keep(unit)}
        if len(unit.names) == 1:
            body["preview"] = _preview(value)
        return body

    def hidden(self, value: Any, *, store: bool) -> dict[str, Any]:
        """The value of a setting or a generator."""
        unit = group([take("", value)], {"": value})[0]
        if unit.digest is None:
            return {"digest": None, "artifact": None, "live": unit.live}
        if any(unit.holds(secret) for secret in self._secrets):
            sealed = self._store.seal(unit.digest)
            return {"digest": sealed, "artifact": None, "live": "it holds a secret"}
        if store:
            self._keep(unit)
        return {"digest": unit.digest, "artifact": unit.digest if store else None}

    def written(self, reads: dict[str, str], writes: list[str], *, store: bool) -> dict[str, Any]:
        """The files written, with the artifact of what they hold; None for those removed."""
        kept: dict[str, Any] = {}
        for path in writes:
            state = state_of(path)
            if state == ABSENT:
                if reads.get(path) != ABSENT:
                    kept[path] = None
            elif store and Path(path).is_file() and not self._tells_secret(Path(path)):
                kept[path] = self._store.put_file(Path(path))
            else:
                kept[path] = state
        return kept

    def _keep(self, unit: Unit) -> int:
        """Store a unit, unless it is; the bytes that this took."""
        assert unit.digest is not None
        if self._store.has(unit.digest):
            return 0
        return self._store.put(unit.stream, unit.buffers, unit.marks, unit.digest)

    def _tells_secret(self, path: Path) -> bool:
        """Whether a file holds a secret; then it is known by its digest and not kept."""
        return bool(self._secrets) and any(secret in path.read_bytes() for secret in self._secrets)


def _preview(value: Any) -> str:
    if isinstance(value, (bool, int, float, str, type(None))):
        text = repr(value)
        return text if len(text) <= LONGEST_PREVIEW else text[: LONGEST_PREVIEW - 1] + "…"
    return ""
