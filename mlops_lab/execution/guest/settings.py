"""Settings: hidden names that every step reads.

A setting appears only where it differs from what Python, or the library when it was imported,
begins with; its name begins with `@`.
"""

from __future__ import annotations

import decimal
import locale
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from .digests import digest_of
from .units import take


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


def _pyplot_get() -> bool:
    """Whether pyplot has met Jupyter's backend: from then on a figure shows as a picture."""
    return "matplotlib_inline.backend_inline" in sys.modules


def _pyplot_put(met: bool) -> None:
    if met and not _pyplot_get():
        sys.modules["matplotlib.pyplot"].switch_backend(sys.modules["matplotlib"].get_backend())


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


def _torch_get() -> dict[str, Any]:
    torch = sys.modules["torch"]
    return {
        "dtype": str(torch.get_default_dtype()).removeprefix("torch."),
        "device": str(torch.get_default_device())
        if hasattr(torch, "get_default_device")
        else "cpu",
        "threads": torch.get_num_threads(),
        "grad": torch.is_grad_enabled(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "cudnn": (torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark),
    }


def _torch_put(value: dict[str, Any]) -> None:
    torch = sys.modules["torch"]
    torch.set_default_dtype(getattr(torch, value["dtype"]))
    if hasattr(torch, "get_default_device"):
        torch.set_default_device(value["device"])
    torch.set_num_threads(value["threads"])
    torch.set_grad_enabled(value["grad"])
    torch.use_deterministic_algorithms(value["deterministic"])
    torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = value["cudnn"]


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


class Settings:
    """All settings of a kernel, against what they began with."""

    def __init__(self, shell: Any) -> None:
        self._known = _known_settings(shell)
        self._began: dict[str, Any] = {}
        self._marks: dict[str, str] = {}
        self.begin("")

    def begin(self, module: str) -> None:
        """What is set now is what a library just imported, or Python, begins with."""
        for setting in self._known:
            if setting.name not in self._began and setting.present():
                if not module or setting.module == module:
                    self._began[setting.name] = value = setting.get()
                    self._marks[setting.name] = _mark(value)

    def modules(self) -> frozenset[str]:
        """The modules at whose import settings begin."""
        return frozenset(setting.module for setting in self._known if setting.module)

    def look(self) -> Iterator[tuple[str, Any, bool]]:
        """Each setting's hidden name and value, and whether it is another than at the start."""
        for setting in self._known:
            if setting.name in self._began:
                value = setting.get()
                yield setting.name, value, _mark(value) != self._marks[setting.name]

    def restore(self, name: str, value: tuple[Any, ...]) -> None:
        """Put a setting to a value, or where there is none back to what it began with."""
        for setting in self._known:
            if setting.name == name:
                if setting.module:
                    __import__(setting.module)
                    self.begin(setting.module)
                setting.put(value[0] if value else self._began[name])


def _mark(value: Any) -> str:
    shot = take("", value)
    return shot.live or digest_of(shot.stream)


def _known_settings(shell: Any) -> list[Setting]:

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
        Setting("switch", sys.getswitchinterval, sys.setswitchinterval),
        Setting("decimal", _decimal_get, _decimal_put),
        Setting("locale", lambda: locale.setlocale(locale.LC_ALL), _set_locale),
        Setting("warnings", lambda: list(warnings.filters), set_filters),
        _shell_settings(shell),
        Setting("numpy", _numpy_get, _numpy_put, "numpy"),
        Setting("pandas", _pandas_get, _pandas_put, "pandas"),
        Setting("matplotlib", _matplotlib_get, _matplotlib_put, "matplotlib"),
        Setting("torch.settings", _torch_get, _torch_put, "torch"),
        Setting("pyplot", _pyplot_get, _pyplot_put, "matplotlib.pyplot"),
        Setting(
            "sklearn",
            lambda: sys.modules["sklearn"].get_config(),  # noqa: PLW0108  # not imported yet
            lambda value: sys.modules["sklearn"].set_config(**value),
            "sklearn",
        ),
    ]


def _set_locale(value: str) -> None:
    locale.setlocale(locale.LC_ALL, value)
