"""Which modules are the project's own, what they contain, and what the notebook did to modules."""

from __future__ import annotations

import os
import site
import sys
import sysconfig
import types
from functools import lru_cache
from typing import Any

from .digests import digest_of

_paths = sysconfig.get_paths()
INSTALLED = tuple(
    sorted(
        {
            os.path.realpath(p) + os.sep
            for p in (
                _paths["stdlib"],
                _paths["platstdlib"],
                _paths["purelib"],
                _paths["platlib"],
                site.getusersitepackages(),
                sys.prefix,
                sys.base_prefix,
            )
        }
    )
)
_PYTHONS = ("__doc__", "__abstractmethods__", "_abc_impl", "__slotnames__")
"""Attributes that Python itself sets on classes as it goes."""
_contents: dict[tuple[str, int, int], str] = {}


def is_installed(path: str) -> bool:
    """Whether a file belongs to Python or to an installed package."""
    return os.path.realpath(path).startswith(INSTALLED)


@lru_cache(maxsize=10_000)
def is_library(path: str) -> bool:
    """The same for a module's file: those stay, and hundreds are asked after each segment."""
    return is_installed(path)


def source_of(module: types.ModuleType) -> str | None:
    """The file of a module that is the project's own, else None."""
    path = getattr(module, "__file__", None)
    if not isinstance(path, str) or is_library(path) or module.__name__.startswith("_mlops"):
        return None
    return path


def local_digest(module: types.ModuleType) -> str | None:
    """The digest of all project modules that are loaded, if this is one of them; else None.

    They import one another, so a change in any may change what this one does.
    """
    if source_of(module) is None:
        return None
    return digest_of("\n".join(sorted(_content(path) for path in local_files())).encode())


def local_files() -> list[str]:
    """The files of all project modules that are loaded."""
    files = []
    for name, module in list(sys.modules.items()):
        if name != "__main__" and isinstance(module, types.ModuleType):
            path = source_of(module)
            if path is not None and os.path.isfile(path):
                files.append(path)
    return files


def _content(path: str) -> str:
    status = os.stat(path)
    mark = (path, status.st_mtime_ns, status.st_size)
    if mark not in _contents:
        with open(path, "rb") as file:
            _contents[mark] = digest_of(file.read())
    return _contents[mark]


class Patches:
    """Notices when the notebook changes a module's or its classes' public attributes."""

    def __init__(self) -> None:
        self._seen: dict[str, dict[str, int]] = {}

    def look(self, modules: list[types.ModuleType]) -> list[str]:
        """What changed, of what these modules held at the last look, as `module.attribute`."""
        changed = []
        for module in modules:
            now = _attributes(module)
            before = self._seen.get(module.__name__)
            self._seen[module.__name__] = now
            if before is not None:
                names = {k for k in before.keys() | now.keys() if before.get(k) != now.get(k)}
                changed += [
                    f"{module.__name__}.{name}"
                    for name in sorted(names)
                    if not _is_librarys(module, name)
                ]
        return changed


def _is_librarys(module: types.ModuleType, path: str) -> bool:
    """Whether an attribute now holds its library's own class or function: the library's doing.

    What one package sets in another (`tqdm.pandas()`) was done because the notebook asked for it.
    """
    value: Any = module
    for part in path.split("."):
        value = getattr(value, part, None)
    if not isinstance(value, (type, types.FunctionType, types.BuiltinFunctionType)):
        return False
    owner = sys.modules.get(getattr(value, "__module__", None) or "")
    related = ("IPython", "ipykernel", module.__name__.split(".")[0])
    if owner is None or not owner.__name__.startswith(related):
        return False
    return is_library(getattr(owner, "__file__", None) or "")


def _attributes(module: types.ModuleType) -> dict[str, int]:
    found: dict[str, int] = {}
    local = source_of(module) is not None
    for name, value in list(vars(module).items()):
        if isinstance(value, types.ModuleType) or name.startswith("__"):
            continue
        if name.startswith("_") and not local:
            continue  # libraries fill their private caches as they go
        found[name] = _mark(value, local)
        if (
            isinstance(value, type)
            and value.__module__.split(".")[0] == module.__name__.split(".")[0]
        ):
            for attribute, member in list(vars(value).items()):
                if not attribute.startswith("_") or attribute.startswith("__") or local:
                    if attribute not in _PYTHONS:
                        found[f"{name}.{attribute}"] = id(member)
    return found


_PLAIN = (str, bytes, int, float, types.NoneType)


def _mark(value: Any, deep: bool) -> int:
    if isinstance(value, _PLAIN) or (
        type(value) is tuple and all(isinstance(member, _PLAIN) for member in value)
    ):
        return hash((type(value), value))  # made anew, as `time.tzname` is, it is the same
    if deep and isinstance(value, (list, dict, set, bytearray)):
        try:
            return hash(repr(value))
        except Exception:  # a foreign __repr__ may raise anything
            return id(value)
    return id(value)


def patched(stores: list[str], names: dict[str, Any]) -> list[str]:
    """Which of these `a.b.c = …` set an attribute of a module, or of a library's class."""
    found = []
    for target in stores:
        root, *path = target.split(".")
        owner: Any = names.get(root)
        for part in path[:-1]:
            owner = getattr(owner, part, None)
        is_class = isinstance(owner, type) and owner.__module__ not in ("__main__", None)
        librarys = is_class and "<locals>" not in owner.__qualname__
        if isinstance(owner, types.ModuleType) or librarys:
            found.append(target)
    return found
