"""Keeps mlflow in a scout from what only home may do.

Standard library only, like the file beside it. What mlflow knows lives in the process (the active
run, the chosen experiment, the server's address) and on the server: a step that ran ahead would
see neither as the notebook has left them, and would log too early. So each way into tracking ends
the attempt before anything has happened, and home runs the step. Only where a notebook does nothing
with tracking but log numbers, parameters and tags, these are kept, to be sent with the step.
"""

from __future__ import annotations

import functools
import re
import sys
import time
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


Record = dict[str, Any]
_KEY = re.compile(r"[\w.\- :/]{1,250}", re.ASCII)
_LONGEST = 500
"""Characters of a parameter or tag that any server takes."""


def keep_from(
    acts: Callable[[str], Any], busy: Callable[[], bool], kept: list[Record] | None = None
) -> None:
    """Have each way into mlflow's tracking call `acts` first, unless `busy`: it is not the cell's.

    What is plainly logged goes to `kept`, if there is such a list. To be called when mlflow's
    fluent module is loaded, before others take names from it.
    """
    instead = _loggers(kept, acts) if kept is not None else {}
    for place in _PLACES:
        module = sys.modules.get(place)
        for name, found in list(vars(module).items()) if module is not None else ():
            if type(found) is types.FunctionType and _leads_in(name, found):
                new = instead.get(name) or _guarded(found, f"mlflow.{name}", acts, busy)
                setattr(module, name, functools.wraps(found)(new) if name in instead else new)
    for place, name in _CLIENTS:
        client = getattr(sys.modules.get(place), name, None)
        if client is not None:
            client.__init__ = _guarded(client.__init__, f"mlflow.{name}", acts, busy)


def _loggers(kept: list[Record], acts: Callable[[str], Any]) -> dict[str, Callable[..., Any]]:
    """What stands in for mlflow's plain loggers: it keeps what they would send.

    What mlflow would refuse, or send elsewhere, ends the attempt.
    """

    def keep(kind: str, items: Any, step: Any = None, at: Any = None, **other: Any) -> None:
        plain = isinstance(items, dict) and not any(v is not None for v in other.values())
        for key, value in items.items() if plain else ():
            plain = plain and isinstance(key, str) and bool(_KEY.fullmatch(key))
            plain = plain and not key.startswith("mlflow.")
            plain = plain and _fits(kind, value) and not _again(kept, kind, key, value)
        if not plain or not (step is None or type(step) is int):
            acts(f"mlflow.log_{kind}")
        now = int(at or time.time() * 1000)
        kept.extend(
            {
                "kind": kind,
                "key": key,
                "value": float(value) if kind == "metric" else str(value),
                "step": step or 0,
                "timestamp": now,
            }
            for key, value in items.items()
        )

    def log_metric(
        key: str, value: float, step: int | None = None, synchronous: Any = None,
        timestamp: int | None = None, run_id: Any = None, *more: Any, **other: Any,
    ) -> None:  # fmt: skip
        given = (synchronous, run_id, *more)
        unusual = next((each for each in given if each is not None), None)
        keep("metric", {key: value}, step, timestamp, unusual=unusual, **other)

    def log_metrics(metrics: Any, step: int | None = None, **other: Any) -> None:
        keep("metric", metrics, step, other.pop("timestamp", None), **other)

    def log_param(key: str, value: Any, synchronous: Any = None) -> Any:
        keep("param", {key: value}, synchronous=synchronous)
        return value

    def log_params(params: Any, synchronous: Any = None, run_id: Any = None) -> None:
        keep("param", params, synchronous=synchronous, run_id=run_id)

    def set_tag(key: str, value: Any, synchronous: Any = None) -> None:
        keep("tag", {key: value}, synchronous=synchronous)

    def set_tags(tags: Any, synchronous: Any = None) -> None:
        keep("tag", tags, synchronous=synchronous)

    own = (log_metric, log_metrics, log_param, log_params, set_tag, set_tags)
    return {function.__name__: function for function in own}


def _fits(kind: str, value: Any) -> bool:
    if kind == "metric":
        return hasattr(value, "__float__") and not isinstance(value, str)
    return len(str(value)) <= _LONGEST


def _again(kept: list[Record], kind: str, key: str, value: Any) -> bool:
    """Whether a parameter gets a second value, which mlflow refuses."""
    return kind == "param" and any(
        r["kind"] == kind and r["key"] == key and r["value"] != str(value) for r in kept
    )


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
