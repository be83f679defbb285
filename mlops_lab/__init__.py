"""A tagged notebook runs as a cached, tracked pipeline, exactly as the notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlops_lab.api import compile as compile
    from mlops_lab.api import explain as explain
    from mlops_lab.api import run as run
    from mlops_lab.errors import MlopsError, NotebookError, ParameterError, RunFailed
    from mlops_lab.ir.options import RunOptions
    from mlops_lab.ir.pipeline import Pipeline
    from mlops_lab.ir.plan import Plan
    from mlops_lab.ir.step import Step
    from mlops_lab.records.run import Run
    from mlops_lab.workbench import Workbench

__version__ = "0.1.0"

_HOMES = {
    "compile": "api",
    "explain": "api",
    "run": "api",
    "MlopsError": "errors",
    "NotebookError": "errors",
    "ParameterError": "errors",
    "RunFailed": "errors",
    "RunOptions": "ir.options",
    "Pipeline": "ir.pipeline",
    "Plan": "ir.plan",
    "Step": "ir.step",
    "Run": "records.run",
    "Workbench": "workbench",
}

__all__ = [
    "MlopsError",
    "NotebookError",
    "ParameterError",
    "Pipeline",
    "Plan",
    "Run",
    "RunFailed",
    "RunOptions",
    "Step",
    "Workbench",
    "compile",
    "explain",
    "run",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'mlops_lab' has no attribute '{name}'")
    from importlib import import_module

    value = getattr(import_module(f"mlops_lab.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*globals(), *__all__]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Where JupyterLab finds the front end."""
    return [{"src": "labextension", "dest": "mlops-lab"}]


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext mlops_lab`: the magics `%mlops` and `%%mlops step`."""
    from mlops_lab.magics import load

    load(shell)


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """What `jupyter server` loads: the routes that JupyterLab's panels speak to."""
    from mlops_lab.server.extension import MlopsLab

    return [{"module": "mlops_lab.server", "app": MlopsLab}]
