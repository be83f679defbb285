"""What is damaged in the store: noticed when read, and put away so that it is made anew."""

from __future__ import annotations

import json
import re
from pathlib import Path

from mlops_lab.execution.guest.store import Damaged, Store, digest_of

_DIGEST = re.compile(r"[0-9a-f]{32}")


def whole(store: Store, digest: str | None) -> bytes:
    """The content of a blob whose size nobody noted. Raises Damaged."""
    path = store.path(digest or "", "blob")
    if not digest or not path.is_file():
        raise Damaged(digest or "", "gone")
    size = path.stat().st_size
    content = bytes(store.get_blob(digest, size))
    if not size and digest_of(b"") != digest:
        raise Damaged(digest, "damaged")  # cut down to nothing, which the store does not look at
    return content


def put_away(store: Store, digest: str) -> None:
    """Remove a value or blob that is damaged, else what it became would pass for what it was."""
    value = store.path(digest, "value")
    for name in (digest, *_blobs(value)):
        blob = store.path(name, "blob")
        if _DIGEST.fullmatch(name) and blob.is_file() and digest_of(blob.read_bytes()) != name:
            blob.unlink(missing_ok=True)
    value.unlink(missing_ok=True)


def _blobs(value: Path) -> list[str]:
    """The blobs that a value names; it may be damaged itself, so nothing of it is believed."""
    try:
        body = value.read_bytes()[32:]
        table = json.loads(body[4 : 4 + int.from_bytes(body[:4], "little")])
        return [str(row[0]) for row in table]
    except (OSError, ValueError, TypeError, LookupError):
        return []
