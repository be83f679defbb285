"""Where the pages of a tracking server are."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from mlops_lab.backends.tracking.mlflow import tracking_uri


def pages_at(uri: str) -> str | None:
    """The address of a tracking server's pages; None where runs are tracked on none.

    It may be shown: name and password stay out of it, and it leads by http or https only.
    """
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return None
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, place, parts.path.rstrip("/") + "/", "", ""))


def pages_of(root: Path, run_id: str) -> str | None:
    """The same of the server that tracks a run of the project, or will."""
    known = root / ".mlops" / "runs" / run_id / "mlflow_uri"
    try:
        uri = known.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        uri = tracking_uri(root)
    return pages_at(uri)
