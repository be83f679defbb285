"""What a worker process of the warm Ray runs: Ray's own program, begun sooner.

To import Ray is to import jsonschema, which builds two parsers for more than a second that Ray
never uses. They are left out while Ray is imported, no longer: what runs here afterwards, a user's
task too, finds jsonschema whole. Started as a script, it imports nothing of ours.
"""

from __future__ import annotations

import runpy
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

PARSERS = ("rfc3987_syntax", "rfc3986_validator")


def main() -> None:
    """Become Ray's worker."""
    spec = find_spec("ray")
    assert spec is not None
    assert spec.origin is not None
    program = Path(spec.origin).parent / "_private" / "workers" / "default_worker.py"
    sys.path[0], sys.argv[0] = str(program.parent), str(program)
    modules: dict[str, Any] = sys.modules
    modules.update(dict.fromkeys(PARSERS))
    import ray

    assert ray
    for name in [n for n in modules if n in PARSERS or n.split(".")[0] == "jsonschema"]:
        del modules[name]
    runpy.run_path(str(program), run_name="__main__")


if __name__ == "__main__":
    main()
