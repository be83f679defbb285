"""Hears when a module has been imported, before the importer goes on."""

from __future__ import annotations

import importlib.abc
import sys
import types
from collections.abc import Callable
from importlib.machinery import SourceFileLoader
from typing import Any


class ImportWatch(importlib.abc.MetaPathFinder):
    """Calls `then` with each package or module of the top level, and those named in `also`."""

    def __init__(self, then: Callable[[types.ModuleType], None], also: frozenset[str]) -> None:
        self._then = then
        self._also = also
        self._busy = False
        sys.meta_path.insert(0, self)

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        """The module's own spec, whose loader calls back when it is done."""
        if self._busy or ("." in fullname and fullname not in self._also):
            return None
        self._busy = True
        try:
            found = (f.find_spec(fullname, path, target) for f in sys.meta_path if f is not self)
            spec = next(filter(None, found), None)
        finally:
            self._busy = False
        loader: Any = spec.loader if spec is not None else None
        if isinstance(loader, SourceFileLoader):
            vars(loader)["exec_module"] = lambda module: self._execute(loader, module)
        return spec

    def _execute(self, loader: Any, module: types.ModuleType) -> None:
        del loader.exec_module
        loader.exec_module(module)
        self._then(module)
