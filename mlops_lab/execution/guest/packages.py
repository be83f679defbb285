"""Which packages a kernel has loaded, beyond what it needs itself."""

from __future__ import annotations

import importlib.metadata
import sys
from functools import lru_cache

from .effects import state_of
from .modules import is_installed, local_files

_NAMES = {
    "sklearn": "scikit-learn",
    "PIL": "pillow",
    "dateutil": "python-dateutil",
    "yaml": "PyYAML",
    "mpl_toolkits": "matplotlib",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
}
"""The common packages whose module has another name; the others have to be looked for."""


class Packages:
    """Looks at what is loaded; what was there from the start is the kernel's own."""

    def __init__(self) -> None:
        self._roots: dict[str, bool] = {}
        self._versions: dict[str, tuple[str, str]] = {}
        self._own = frozenset(self._installed())

    def loaded(self, wanted: list[str]) -> dict[str, str]:
        """Versions by package; the project's own modules as `file:PATH` with their digests.

        A package that the kernel itself needs counts where `wanted` names it.
        """
        roots = [root for root in self._installed() if root not in self._own or root in wanted]
        return {
            **dict(filter(all, map(self._distribution, roots))),
            **{f"file:{path}": state_of(path) for path in local_files()},
        }

    def _installed(self) -> list[str]:
        """The installed packages that are loaded, Python's own modules aside."""
        found = []
        for name in {name.split(".")[0] for name in list(sys.modules)}:
            if name not in self._roots:
                path = getattr(sys.modules.get(name), "__file__", None) or ""
                self._roots[name] = "-packages" in path and is_installed(path)
            if self._roots[name]:
                found.append(name)
        return found

    def _distribution(self, module: str) -> tuple[str, str]:
        """Which package a module belongs to, and its version."""
        if module not in self._versions:
            name = _NAMES.get(module, module)
            try:
                self._versions[module] = name, importlib.metadata.version(name)
            except importlib.metadata.PackageNotFoundError:
                own = _owners().get(module)
                self._versions[module] = (own.name, own.version) if own else ("", "")
        return self._versions[module]


@lru_cache(maxsize=1)
def _owners() -> dict[str, importlib.metadata.Distribution]:
    """The package of each module at the top; importlib would parse all that packages say."""
    found: dict[str, importlib.metadata.Distribution] = {}
    for package in importlib.metadata.distributions():
        files = package.read_text("top_level.txt") or package.read_text("RECORD") or ""
        for line in files.splitlines():
            module, _, _ = line.partition(",")[0].partition("/")[0].partition(".")
            found.setdefault(module, package)
    return found
