"""The driver's side of the guest: getting it into a worker's kernel, and asking its verbs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlops_lab.errors import BackendError
from mlops_lab.interfaces import Worker

GUEST = Path(__file__).parent / "guest"

_BOOT = """
import importlib.util, sys
if "_mlops_guest" not in sys.modules:
    spec = importlib.util.spec_from_file_location(
        "_mlops_guest", {path!r} + "/__init__.py", submodule_search_locations=[{path!r}])
    module = importlib.util.module_from_spec(spec)
    sys.modules["_mlops_guest"] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules["_mlops_guest"]
        raise
answer = sys.modules["_mlops_guest"].start({config!r})
"""


class Uninvited(Exception):
    """The guest can't enter the kernel's environment, and why."""


class Visit:
    """A guest in a worker's kernel."""

    def __init__(self, worker: Worker, about: dict[str, Any]) -> None:
        self._worker = worker
        self.about = about

    @classmethod
    async def begin(cls, worker: Worker, config: dict[str, Any]) -> Visit:
        """Send a guest into a fresh kernel. Raises Uninvited."""
        source = _BOOT.format(path=str(GUEST), config=config)
        expression = f"(lambda ns: (exec({source!r}, ns), ns['answer'])[1])({{}})"
        try:
            return cls(worker, await worker.ask(expression))
        except BackendError as error:
            raise Uninvited(str(error).strip().splitlines()[-1]) from error

    async def ask(self, verb: str, **arguments: Any) -> Any:
        """Let the guest do something. Raises KernelDied, BackendError."""
        text = json.dumps(arguments)
        return await self._worker.ask(
            f"__import__('sys').modules['_mlops_guest'].verb({verb!r}, "
            f"**__import__('json').loads({text!r}))"
        )

    async def settle(self) -> None:
        """Wait until all that was stored is on disk."""
        await self.ask("settle")


def units_told(means: Mapping[str, tuple[tuple[str, ...], str]]) -> list[list[Any]]:
    """Units as the guest's verb `prepare` takes them: names, artifact, the names that still count.

    `means` says of each name that counts which unit it belongs to: its names and its artifact.
    """
    units: dict[tuple[tuple[str, ...], str], list[str]] = {}
    for name, unit in means.items():
        units.setdefault(unit, []).append(name)
    return [[list(names), artifact, own] for (names, artifact), own in units.items()]
