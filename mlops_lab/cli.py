"""The command line: `mlops`."""

from __future__ import annotations

import sys
from contextlib import suppress
from io import TextIOWrapper
from typing import Any


def main() -> None:
    """Do what the command line says and end with its exit code."""
    leave_out_slow_parsers()
    _never_fail_to_print()
    try:
        from mlops_lab.commands.call import call
        from mlops_lab.commands.place import Place

        sys.exit(call(sys.argv[1:], Place()))
    except KeyboardInterrupt:  # before or behind the call, which has its own words for it
        sys.exit(130)


def leave_out_slow_parsers() -> None:
    """Keep jsonschema from building its parsers at import, 0.9 s that nothing here uses.

    Only the checks of the formats `iri` and `uri` are lost. It stands here and in no library
    module, because it is the process that is ours, not the interpreter of whoever imports us.
    """
    modules: dict[str, Any] = sys.modules
    modules.setdefault("rfc3987_syntax", None)
    modules.setdefault("rfc3986_validator", None)


def _never_fail_to_print() -> None:
    """Print a replacement where the terminal cannot show a sign, rather than stop."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            with suppress(ValueError):
                stream.reconfigure(errors="replace")
