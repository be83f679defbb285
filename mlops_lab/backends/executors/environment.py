"""The environment variables that a kernel sees."""

from __future__ import annotations

from collections.abc import Mapping

PROJECT = {
    # Kernels that hash strings alike iterate over sets alike.
    "PYTHONHASHSEED": "0",
    # Nothing that we start reports home.
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "DVC_NO_ANALYTICS": "1",
}

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")

_MACHINE = {
    "PATH", "HOME", "USER", "LOGNAME", "SHELL", "PWD", "OLDPWD", "HOSTNAME", "TMPDIR", "LANG",
    "DISPLAY", "TERM", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "VIRTUAL_ENV", "PYTHONHOME",
}  # fmt: skip
_MACHINE_PREFIXES = ("XDG_", "CONDA_", "SSH_", "LC_", "JUPYTER_", "JPY_")
_DEVICES = "_VISIBLE_DEVICES"


def local(env: Mapping[str, str], asked: Mapping[str, str]) -> dict[str, str]:
    """What a kernel beside its driver sees: the driver's own, the project's, what was asked for."""
    return {**env, **PROJECT, **asked}


def on_ray(
    driver: Mapping[str, str],
    node: Mapping[str, str],
    asked: Mapping[str, str],
    *,
    same_machine: bool,
) -> dict[str, str]:
    """What a kernel that a Ray actor owns sees: as beside its driver, but for what is the node's.

    Ray limits the threads of its workers; that is undone where neither driver nor caller asked
    for it, so that a notebook computes the same here and there.
    """
    base = {k: v for k, v in driver.items() if same_machine or not _of_machine(k)}
    base = {k: v for k, v in base.items() if not _of_devices(k)}
    kept = {k: v for k, v in node.items() if _of_devices(k)}
    if not same_machine:
        kept |= {k: v for k, v in node.items() if _of_machine(k) or k in _AUTHENTICATION}
    return {**base, **kept, **PROJECT, **asked}


_AUTHENTICATION = ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH")


def _of_machine(name: str) -> bool:
    return name in _MACHINE or name in _AUTHENTICATION or name.startswith(_MACHINE_PREFIXES)


def _of_devices(name: str) -> bool:
    return name.endswith(_DEVICES)
