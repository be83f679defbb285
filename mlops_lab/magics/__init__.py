"""The magics: `%mlops` takes the command line's words, `%%mlops step` says what a tag says."""

from __future__ import annotations

from typing import Any


def load(shell: Any) -> None:
    """Bring the magics into a shell; loading them again changes nothing."""
    from mlops_lab.magics import complete, step
    from mlops_lab.magics.line import Mlops

    if "mlops" in shell.magics_manager.magics["line"]:
        return
    shell.register_magics(Mlops(shell))
    step.install(shell)
    complete.install(shell)


__all__ = ["load"]
