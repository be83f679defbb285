"""The description of all routes."""

from __future__ import annotations

import json

from mlops_lab.server.route import RUNS, Route, may


class Description(Route):
    """The OpenAPI description, with this server's own base URL."""

    @may("read", RUNS)
    async def get(self) -> None:
        """Read it."""
        from mlops_lab.server.openapi import description

        told = await self.work(description, self.base_url)
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(told))
