"""State of the process that can be noticed but not carried elsewhere."""

from __future__ import annotations

import asyncio
import atexit
import builtins
import copyreg
import faulthandler
import gc
import logging
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable
from functools import cache
from importlib.util import find_spec
from typing import Any

from .modules import is_library


def _is_librarys(thing: Any) -> bool:
    """Whether a class or function belongs to Python or a package: its own doing comes with it."""
    name = getattr(thing, "__module__", None)
    module = sys.modules.get(name) if isinstance(name, str) else None
    path = getattr(module, "__file__", None)
    return module is not None and name != "__main__" and (not path or is_library(path))


def _users(things: Iterable[Any]) -> list[int]:
    return [id(thing) for thing in things if not _is_librarys(thing)]


_MIGRATION = re.compile(r"[0-9a-f]{12}_\w+_py")
"""A script that alembic runs under a name of its own: mlflow's have loggers."""


@cache
def _names_library(package: str) -> bool:
    """Whether it is a package's name. mlflow sets up alembic's before alembic is imported."""
    if _MIGRATION.fullmatch(package):
        return True
    try:
        spec = find_spec(package)
    except (ImportError, ValueError):
        return False
    places = [spec.origin or "", *(spec.submodule_search_locations or ())] if spec else []
    return any(is_library(place) for place in places)


def _loggers() -> dict[str, Any]:
    found = {"": _logger(logging.getLogger())}
    for name, logger in list(logging.root.manager.loggerDict.items()):
        if isinstance(logger, logging.Logger) and not _names_library(name.split(".")[0]):
            found[name] = _logger(logger)
    return {name: mark for name, mark in found.items() if mark != (0, 0, False, True, 0)}


def _logger(logger: logging.Logger) -> Any:
    level = 0 if logger is logging.getLogger() and logger.level == logging.WARNING else logger.level
    handlers = [h for h in logger.handlers if not isinstance(h, logging.NullHandler)]
    return level, len(handlers), logger.disabled, logger.propagate, len(logger.filters)


def _figures() -> list[Any]:
    helpers = sys.modules.get("matplotlib._pylab_helpers")
    return sorted(helpers.Gcf.figs) if helpers is not None else []


def _backend() -> Any:
    """The backend of matplotlib where it isn't Jupyter's, and how Jupyter's shows figures."""
    mpl = sys.modules.get("matplotlib")
    name = dict.get(mpl.rcParams, "backend") if mpl is not None else None
    backend = name if isinstance(name, str) and "inline" not in name else None
    inline = sys.modules.get("matplotlib_inline.config")
    if inline is None or not inline.InlineBackend.initialized():
        return backend, None
    shown = inline.InlineBackend.instance()
    usual = inline.InlineBackend()
    traits = ("figure_formats", "close_figures", "print_figure_kwargs", "rc")
    changed = {t: str(v) for t in traits if (v := getattr(shown, t)) != getattr(usual, t)}
    return backend, changed or None


def _configuration() -> str:
    """What `%config` has set, for parts of IPython that need not be there yet."""
    shell: Any = sys.modules["IPython"].get_ipython()
    return str({part: own for part, own in shell.config.items() if part != "IPKernelApp"})


def _threads() -> list[int]:
    """The threads that run the notebook's own code."""
    targets = [
        (thread.ident or 0, getattr(thread, "_target", None) or getattr(thread, "function", None))
        for thread in threading.enumerate()
        if thread is not threading.main_thread()
    ]
    return sorted(i for i, target in targets if target is not None and not _is_librarys(target))


def _tasks() -> int:
    try:
        tasks = asyncio.all_tasks()
    except RuntimeError:
        return 0
    ours = ("ipykernel", "zmq", "Kernel.", "tornado")
    return sum(not any(name in str(task.get_coro()) for name in ours) for task in tasks)


def _shell_parts() -> Any:
    shell: Any = sys.modules["IPython"].get_ipython()
    known = shell.magics_manager.magics.values()
    return (
        [_users(getattr(m, "__func__", m) for m in own.values()) for own in known],
        [_users(own) for own in shell.events.callbacks.values()],
        _users(shell.input_transformers_cleanup + shell.input_transformers_post),
        _users(type(transformer) for transformer in shell.ast_transformers),
        sorted(shell.extension_manager.loaded),
    )


def _handlers() -> Any:
    # Libraries leave their own at exit: they count only where the notebook itself looks there.
    shell: Any = sys.modules["IPython"].get_ipython()
    leaving = atexit._ncallbacks() if "atexit" in shell.user_ns else 0
    known = [signal.getsignal(number) for number in signal.valid_signals()]
    return leaving, [id(handler) for handler in known if callable(handler)]


_DIALECTS = ["excel", "excel-tab", "unix"]
"""Those that the csv module enters itself."""
_SHOWS_BY_ITSELF = ("IPython", "ipykernel", "matplotlib", "matplotlib_inline", "builtins")


def _formatters() -> Any:
    """How values of some types are shown, where the notebook had it changed (`init_printing`)."""
    shell: Any = sys.modules["IPython"].get_ipython()
    found = []
    for name, formatter in shell.display_formatter.formatters.items():
        known = (formatter.type_printers, formatter.deferred_printers)
        for shown, how in [item for printers in known for item in printers.items()]:
            owner = getattr(getattr(how, "func", how), "__module__", None) or ""
            if owner.split(".")[0] not in _SHOWS_BY_ITSELF:
                found.append((name, str(shown), id(how)))
    return found


def _interpreter() -> Any:
    """What Python itself goes by: its hooks, its streams, its built-in functions."""
    return (
        [id(hook) for hook in (sys.stdout, sys.stderr, sys.stdin, sys.displayhook, sys.excepthook,
                               threading.excepthook, sys.unraisablehook)],
        {name: id(value) for name, value in vars(builtins).items() if name != "_"},
        (gc.isenabled(), gc.get_threshold(), gc.get_debug()),
        (sys.gettrace(), sys.getprofile()),
        faulthandler.is_enabled(),
        time.tzname,
        type(asyncio.get_event_loop_policy()),
    )  # fmt: skip


def _registries() -> Any:
    """What the notebook's own code was entered in: how to copy, CSV dialects, SQLite's types."""
    sqlite = sys.modules.get("sqlite3")
    csv = sys.modules.get("csv")
    return (
        _users(copyreg.dispatch_table.values()),
        sorted(csv.list_dialects()) if csv is not None else _DIALECTS,
        _users([*sqlite.adapters.values(), *sqlite.converters.values()]) if sqlite else [],
    )


class Surroundings:
    """Tells what is not as it was at the last look."""

    PARTS: tuple[tuple[str, Callable[[], Any]], ...] = (
        ("IPython's own parts", _shell_parts),
        ("how values are shown", _formatters),
        ("Python's own parts", _interpreter),
        ("registries", _registries),
        ("handlers at exit or of signals", _handlers),
        ("loggers", _loggers),
        ("open figures", _figures),
        ("how figures are shown", _backend),
        ("IPython's configuration", _configuration),
        ("running threads", _threads),
        ("pending tasks", _tasks),
    )

    def __init__(self) -> None:
        self._before = {name: part() for name, part in self.PARTS}

    def look(self) -> list[str]:
        """What is not as it was at the last look."""
        now = {name: part() for name, part in self.PARTS}
        changed = [name for name in now if now[name] != self._before[name]]
        self._before = now
        return changed
