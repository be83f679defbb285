"""State of the process that can be noticed but not carried elsewhere."""

from __future__ import annotations

import asyncio
import atexit
import logging
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any


def _loggers() -> dict[str, Any]:
    found = {"root": _logger(logging.getLogger())}
    for name, logger in list(logging.root.manager.loggerDict.items()):
        if isinstance(logger, logging.Logger):
            found[name] = _logger(logger)
    return {
        name: mark for name, mark in found.items() if mark != (0, 0, False, True, 0)
        and name.split(".")[0] not in _QUIET
    }  # fmt: skip


_QUIET = (
    "asyncio", "traitlets", "tornado", "matplotlib", "IPython", "ipykernel", "comm", "parso", "PIL",
    "concurrent", "urllib3", "pandas", "numpy", "sklearn", "mlflow", "alembic", "git", "ray",
    "jupyter_client", "sqlalchemy", "joblib", "filelock", "fsspec", "charset_normalizer",
)  # fmt: skip


def _logger(logger: logging.Logger) -> Any:
    level = 0 if logger is logging.getLogger() and logger.level == 30 else logger.level
    return level, len(logger.handlers), logger.disabled, logger.propagate, len(logger.filters)


def _figures() -> list[Any]:
    helpers = sys.modules.get("matplotlib._pylab_helpers")
    return sorted(helpers.Gcf.figs) if helpers is not None else []


def _threads() -> list[int]:
    ours = ("IPython", "ipykernel", "Heartbeat", "mlops", "IOPub", "Control", "zmq", "Tornado")
    return sorted(
        thread.ident or 0
        for thread in threading.enumerate()
        if thread is not threading.main_thread() and not thread.name.startswith(ours)
    )


def _tasks() -> int:
    try:
        tasks = asyncio.all_tasks()
    except RuntimeError:
        return 0
    return sum("ipykernel" not in str(task.get_coro()) and "zmq" not in str(task.get_coro())
               and "Kernel." not in str(task.get_coro()) for task in tasks)  # fmt: skip


def _shell_parts() -> Any:
    shell: Any = sys.modules["IPython"].get_ipython()
    known = shell.magics_manager.magics
    magics = {kind: {k: id(v) for k, v in own.items()} for kind, own in known.items()}
    calls = {name: len(own) for name, own in shell.events.callbacks.items()}
    transforms = (shell.input_transformers_cleanup, shell.input_transformers_post)
    return magics, calls, *map(len, transforms), len(shell.ast_transformers)


def _handlers() -> Any:
    # Libraries leave their own at exit: they count only where the notebook itself looks there.
    shell: Any = sys.modules["IPython"].get_ipython()
    leaving = atexit._ncallbacks() if "atexit" in shell.user_ns else 0
    known = [signal.getsignal(number) for number in signal.valid_signals()]
    return leaving, [id(handler) for handler in known if callable(handler)]


class Surroundings:
    """Tells what is not as it was at the last look."""

    PARTS: tuple[tuple[str, Callable[[], Any]], ...] = (
        ("IPython's own", _shell_parts),
        ("handlers", _handlers),
        ("logging", _loggers),
        ("open figures", _figures),
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
