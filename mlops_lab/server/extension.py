"""The Jupyter Server extension: its routes, and what they share."""

from __future__ import annotations

from pathlib import Path

from jupyter_server.extension.application import ExtensionApp

from mlops_lab.server.drivers import Drivers
from mlops_lab.server.kept import KeptKernels
from mlops_lab.server.places import Places
from mlops_lab.server.projects import Projects
from mlops_lab.server.routes import console, description, pipeline, runs, stream
from mlops_lab.server.site import KEY, Site

_RUN = r"/mlops-lab/runs/([^/]+)"

ROUTES = (
    (r"/mlops-lab/pipeline/compile", pipeline.Compile),
    (r"/mlops-lab/pipeline/explain", pipeline.Explain),
    (r"/mlops-lab/pipeline/suggest", pipeline.Suggest),
    (r"/mlops-lab/runs", runs.Runs),
    (_RUN, runs.OneRun),
    (_RUN + "/cancel", runs.Cancel),
    (_RUN + "/resume", runs.Resume),
    (_RUN + "/again", runs.Again),
    (_RUN + "/console", console.Console),
    (_RUN + "/release", console.Release),
    (_RUN + "/log", runs.Log),
    (_RUN + "/notebook", runs.Output),
    (_RUN + "/diff/([^/]+)", runs.Diff),
    (r"/mlops-lab/events", stream.Stream),
    (r"/mlops-lab/openapi.json", description.Description),
)


class MlopsLab(ExtensionApp):
    """Notebooks as pipelines: the routes that JupyterLab's panels speak to."""

    name = "mlops_lab"
    description = "Notebooks as pipelines"
    extension_url = "/mlops-lab"
    load_other_extensions = True

    def initialize_handlers(self) -> None:
        """Take the server's root as it is now, and offer the routes."""
        assert self.serverapp is not None, "it is made by the server"
        root = Path(self.serverapp.root_dir).expanduser()
        hidden = bool(getattr(self.serverapp.contents_manager, "allow_hidden", False))
        places = Places(root, hidden=hidden)
        site = Site(
            places=places,
            projects=Projects(places),
            drivers=Drivers(),
            kept=KeptKernels(self.serverapp.kernel_manager),
        )
        self.serverapp.web_app.settings[KEY] = site
        self.handlers.extend(ROUTES)

    async def stop_extension(self) -> None:
        """Let go of all; runs go on."""
        assert self.serverapp is not None, "it is made by the server"
        site: Site | None = self.serverapp.web_app.settings.pop(KEY, None)
        if site is not None:
            await site.close()
