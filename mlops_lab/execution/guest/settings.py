"""Settings and random generators: hidden names that every step reads.

A setting appears only where it differs from what Python, or the library when it was imported,
begins with; its name begins with `@`. A generator counts only once it was seeded, and as read only
by a step that used it.
"""

from __future__ import annotations

import atexit
import decimal
import locale
import logging
import os
import random
import signal
import sys
import threading
import warnings
from collections.abc import Callable
from typing import Any

TWISTS = 10_000
"""How many times a generator's state is turned to see whether it was seeded anew or only used."""


class Setting:
    """Something that `get` tells and `put` restores, once `module` is imported."""

    def __init__(
        self, name: str, get: Callable[[], Any], put: Callable[[Any], None], module: str = ""
    ) -> None:
        self.name = f"@{name}"
        self.get = get
        self.put = put
        self.module = module

    def present(self) -> bool:
        """Whether there is anything to ask."""
        return not self.module or self.module in sys.modules


def _pandas_get() -> dict[str, Any]:
    config = sys.modules["pandas._config.config"]
    found = {}
    for key, option in config._registered_options.items():
        value = config.get_option(key)
        if value is not option.defval and value != option.defval:
            found[key] = value
    return found


def _pandas_put(values: dict[str, Any]) -> None:
    config = sys.modules["pandas._config.config"]
    for key, option in config._registered_options.items():
        wanted = values.get(key, option.defval)
        if config.get_option(key) is not wanted and config.get_option(key) != wanted:
            config.set_option(key, wanted)


_MPL_LEFT = ("backend", "backend_fallback", "interactive", "figure.hooks")


def _matplotlib_get() -> dict[str, Any]:
    mpl = sys.modules["matplotlib"]
    first = mpl.rcParamsOrig
    return {
        key: value
        for key, value in dict.items(mpl.rcParams)
        if key not in _MPL_LEFT and (key not in first or dict.__getitem__(first, key) != value)
    }


def _matplotlib_put(values: dict[str, Any]) -> None:
    mpl = sys.modules["matplotlib"]
    for key, value in dict.items(mpl.rcParamsOrig):
        if key not in _MPL_LEFT:
            dict.__setitem__(mpl.rcParams, key, values.get(key, value))


def _numpy_get() -> dict[str, Any]:
    numpy = sys.modules["numpy"]
    return {"print": numpy.get_printoptions(), "err": numpy.geterr()}


def _numpy_put(values: dict[str, Any]) -> None:
    numpy = sys.modules["numpy"]
    known = numpy.get_printoptions()
    numpy.set_printoptions(**{k: v for k, v in values["print"].items() if k in known})
    numpy.seterr(**values["err"])


def _decimal_get() -> Any:
    context = decimal.getcontext()
    return context.prec, context.rounding, context.Emin, context.Emax, context.capitals, (
        context.clamp, sorted(str(t) for t, on in context.traps.items() if on)
    )  # fmt: skip


def _decimal_put(value: Any) -> None:
    context = decimal.getcontext()
    context.prec, context.rounding, context.Emin, context.Emax, context.capitals, rest = value
    context.clamp = rest[0]
    for trap in context.traps:
        context.traps[trap] = str(trap) in rest[1]


_RUNS_OWN = ("MLOPS_", "MLFLOW_", "JPY_", "RAY_")


def _environ_setting() -> Setting:
    """Environment variables that differ from those that the kernel was given."""
    given = dict(os.environ)

    def get() -> dict[str, str | None]:
        return {
            key: os.environ.get(key)
            for key in sorted(given.keys() | os.environ.keys())
            if os.environ.get(key) != given.get(key) and not key.startswith(_RUNS_OWN)
        }

    def put(values: dict[str, str | None]) -> None:
        for key, value in ({key: given.get(key) for key in get()} | values).items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value

    return Setting("environ", get, put)


def _shell_settings(shell: Any) -> Setting:
    plain = shell.display_formatter.formatters["text/plain"]

    def get() -> Any:
        return (
            shell.ast_node_interactivity, plain.float_precision, plain.pprint,
            shell.autocall, shell.display_formatter.active_types, shell.xmode,
        )  # fmt: skip

    def put(value: Any) -> None:
        shell.ast_node_interactivity, plain.float_precision, plain.pprint = value[:3]
        shell.autocall, shell.display_formatter.active_types = value[3:5]
        shell.xmode = value[5]
        shell.InteractiveTB.set_mode(value[5])

    return Setting("ipython", get, put)


def known_settings(shell: Any) -> list[Setting]:
    """The settings that are looked after."""

    def set_path(value: list[str]) -> None:
        sys.path[:] = value

    def set_filters(value: list[Any]) -> None:
        filters: Any = warnings.filters
        filters[:] = value
        warnings._filters_mutated() if hasattr(warnings, "_filters_mutated") else None

    return [
        _environ_setting(),
        Setting("cwd", os.getcwd, os.chdir),
        Setting("sys.path", lambda: list(sys.path), set_path),
        Setting("recursion", sys.getrecursionlimit, sys.setrecursionlimit),
        Setting("decimal", _decimal_get, _decimal_put),
        Setting("locale", lambda: locale.setlocale(locale.LC_ALL), _set_locale),
        Setting("warnings", lambda: list(warnings.filters), set_filters),
        _shell_settings(shell),
        Setting("numpy", _numpy_get, _numpy_put, "numpy"),
        Setting("pandas", _pandas_get, _pandas_put, "pandas"),
        Setting("matplotlib", _matplotlib_get, _matplotlib_put, "matplotlib"),
        Setting(
            "sklearn",
            lambda: sys.modules["sklearn"].get_config(),  # noqa: PLW0108  # not imported yet
            lambda value: sys.modules["sklearn"].set_config(**value),
            "sklearn",
        ),
    ]


def _set_locale(value: str) -> None:
    locale.setlocale(locale.LC_ALL, value)


# -- random generators ----------------------------------------------------------------------


class Generator:
    """A global generator: seeded by the notebook, or not yet."""

    def __init__(self, name: str, module: str, get: Any, put: Any, follows: Any) -> None:
        self.name = f"@{name}"
        self.module = module
        self.get = get
        self.put = put
        self._follows = follows
        self.last: Any = None
        self.seeded = False

    def present(self) -> bool:
        """Whether its library is imported."""
        return self.module in sys.modules

    def begin(self) -> None:
        """Remember the state that its library gave it."""
        if self.last is None and self.present():
            self.last = self.get()

    def look(self) -> bool:
        """Whether it was used or seeded since the last look."""
        if not self.present():
            return False
        now = self.get()
        if self.last is None:
            self.last = now
            self.seeded = True
            return True
        if _same(now, self.last):
            return False
        self.seeded = self.seeded or not self._follows(self.last, now)
        self.last = now
        return True

    def restore(self, state: Any) -> None:
        """Put the generator where a step left it."""
        if not self.present():
            __import__(self.module)
        self.put(state)
        self.last = self.get()
        self.seeded = True


def _same(a: Any, b: Any) -> bool:
    return bool(_plain(a) == _plain(b))


def _plain(state: Any) -> Any:
    if isinstance(state, dict):
        return {key: _plain(value) for key, value in state.items()}
    if hasattr(state, "tobytes"):
        return state.tobytes()
    return state


def _random_follows(before: Any, after: Any) -> bool:
    twin = random.Random()
    twin.setstate(before)
    for _ in range(TWISTS):
        if twin.getstate()[1][:-1] == after[1][:-1]:
            return True
        twin.getrandbits(32 * 624)
    return False


def _numpy_follows(before: Any, after: Any) -> bool:
    twin = sys.modules["numpy"].random.RandomState()
    twin.set_state(before)
    key = after["state"]["key"].tobytes()
    for _ in range(TWISTS):
        if twin.get_state(legacy=False)["state"]["key"].tobytes() == key:
            return True
        twin.bytes(4 * 624)
    return False


def known_generators() -> list[Generator]:
    """The global generators that are looked after."""

    def numpy_random() -> Any:
        return sys.modules["numpy.random"]

    return [
        Generator("random", "random", random.getstate, random.setstate, _random_follows),
        Generator(
            "numpy.random",
            "numpy.random",
            lambda: numpy_random().get_state(legacy=False),
            lambda state: numpy_random().set_state(state),
            _numpy_follows,
        ),
    ]


# -- what can be noticed but not restored ---------------------------------------------------


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
    import asyncio

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
    """State of the process that can be noticed but not carried elsewhere."""

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
