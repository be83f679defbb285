"""Which language and kernel a notebook is in."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """A notebook's language. `newer` says that its Python may be newer than this process's."""

    name: str
    kernel: str
    python: bool
    newer: bool


def language(nb: Mapping[str, Any]) -> Language:
    """What the metadata say; Python where they say nothing."""
    metadata = nb.get("metadata", {})
    spec = metadata.get("kernelspec") or {}
    info = metadata.get("language_info") or {}
    name = str(spec.get("language") or info.get("name") or "python")
    version = re.match(r"3\.(\d+)", str(info.get("version", "")))
    return Language(
        name=name,
        kernel=str(spec.get("name") or "python3"),
        python=re.fullmatch(r"i?python\s*3?", name.lower()) is not None,
        newer=version is not None and int(version[1]) > sys.version_info.minor,
    )
