"""What all routes share."""

from __future__ import annotations

from dataclasses import dataclass

from mlops_lab.server.drivers import Drivers
from mlops_lab.server.kept import KeptKernels
from mlops_lab.server.places import Places
from mlops_lab.server.projects import Projects

KEY = "mlops_lab_site"
"""Under which the web application's settings hold it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What all routes share: where notebooks lie, their projects, who drives runs, kept kernels."""

    places: Places
    projects: Projects
    drivers: Drivers
    kept: KeptKernels

    async def close(self) -> None:
        """Let go of all; runs go on."""
        await self.kept.close()
        await self.projects.close()
        await self.drivers.close()
