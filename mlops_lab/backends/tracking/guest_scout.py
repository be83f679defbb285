"""Keeps mlflow in a scout from what only home may do.

Standard library only, like the file beside it. What mlflow knows lives in the process (the active
run, the chosen experiment, the server's address) and on the server: a step that ran ahead would
see neither as the notebook has left them, and would log too early. So each way into tracking ends
the attempt before anything has happened, and home runs the step.
"""

from __future__ import annotations

import functools
import sys
import types
from collections.abc import Callable
from typing import Any

FLUENT = "mlflow.tracking.fluent"
_PLACES = (FLUENT, "mlflow.tracking", "mlflow.tracking._tracking_service.utils",
           "mlflow.tracking._model_registry.utils", "mlflow.tracking._model_registry.fluent",
           "mlflow")  # fmt: skip
_CLIENTS = (("mlflow.tracking.client", "MlflowClient"),)
_ADDRESSES = ("set_tracking_uri", "get_tracking_uri", "is_tracking_uri_set", "set_registry_uri",
              "get_registry_uri", "register_model", "search_registered_models",
              "search_model_versions")  # fmt: skip


def keep_from(acts: Callable[[str], Any], busy: Callable[[], bool]) -> None:
    """Have each way into mlflow's tracking call `acts` first, unless `busy`: it is not the cell's.

    To be called when mlflow's fluent module is loaded, before others take names from it.
    """
    for place in _PLACES:
        module = sys.modules.get(place)
        for name, found in list(vars(module).items()) if module is not None else ():
            if type(found) is types.FunctionType and _leads_in(name, found):
                setattr(module, name, _guarded(found, f"mlflow.{name}", acts, busy))
    for place, name in _CLIENTS:
        client = getattr(sys.modules.get(place), name, None)
        if client is not None:
            client.__init__ = _guarded(client.__init__, f"mlflow.{name}", acts, busy)


def _leads_in(name: str, function: types.FunctionType) -> bool:
    if name in _ADDRESSES:
        return True
    return function.__module__ == FLUENT and not name.startswith("_")


def _guarded(
    real: Any, what: str, acts: Callable[[str], Any], busy: Callable[[], bool]
) -> Callable[..., Any]:
    if getattr(real, "_mlops_guarded", False):
        return real  # type: ignore[no-any-return]

    @functools.wraps(real)
    def around(*args: Any, **named: Any) -> Any:
        if not busy() and not _by_mlflow_itself():
            acts(what)
        return real(*args, **named)

    around._mlops_guarded = True  # type: ignore[attr-defined]
    return around


def _by_mlflow_itself() -> bool:
    """Whether a module of mlflow's asks while it is imported: that is no doing of the notebook."""
    frame: Any = sys._getframe(2)
    while frame is not None and frame.f_globals.get("__name__", "").split(".")[0] == "mlflow":
        if frame.f_code.co_name == "<module>":
            return True
        frame = frame.f_back
    return False
