"""MLflow's pages and Ray's dashboard, as jupyter-server-proxy is to serve them.

Each is started when it is first opened, listens on a socket in a folder that only its owner can
enter, and is reached through the Jupyter Server's own authentication and by no other way.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlops_lab.backends.cluster import credentials
from mlops_lab.backends.records.place import private_folder
from mlops_lab.backends.tracking.mlflow import QUIET, tracking_uri
from mlops_lab.backends.tracking.pages import pages_at
from mlops_lab.commands.detached import python
from mlops_lab.errors import UsageError
from mlops_lab.server.elsewhere import PLACE
from mlops_lab.settings import find_root

_SAME_PLACE = {"Host": "localhost", "Origin": "http://localhost"}
"""Who asks has been let in by the Jupyter Server; behind it there is this machine alone."""


def mlflow() -> dict[str, Any]:
    """MLflow on what the project of the server's root tracks; the way to a server that does."""
    if elsewhere := pages_at(tracking_uri(Path.cwd())):
        return {
            "command": python("mlops_lab.server.elsewhere", "{unix_socket}"),
            "environment": {PLACE: _plain(elsewhere)},
            "unix_socket": True,
            "new_browser_tab": False,
            "launcher_entry": {"title": "MLflow", "category": "Other"},
        }
    words = (
        "server", "--workers", "1", "--uvicorn-opts", "--uds {unix_socket}",
        "--allowed-hosts", "localhost", "--cors-allowed-origins", "http://localhost",
    )  # fmt: skip
    return {
        "command": python("mlflow", *words),
        "environment": _where_mlflow_looks,
        "unix_socket": True,
        "timeout": 120.0,
        "request_headers_override": _SAME_PLACE,
        "new_browser_tab": False,
        "launcher_entry": {"title": "MLflow", "category": "Other"},
    }


def ray_dashboard() -> dict[str, Any]:
    """The dashboard of the warm Ray on this machine."""
    return {
        "command": python("mlops_lab.server.dashboard", "{unix_socket}"),
        "unix_socket": True,
        "timeout": 120.0,
        "request_headers_override": _with_token,
        "new_browser_tab": False,
        "launcher_entry": {"title": "Ray dashboard", "category": "Other"},
    }


def _where_mlflow_looks() -> dict[str, str]:
    """MLflow's environment: a store's address may hold a password, so it is on no command line.

    Raises UsageError where runs are tracked by a service whose pages are not to be found out.
    """
    root = find_root(_server_root())
    uri = tracking_uri(root)
    if uri.startswith("databricks"):
        raise UsageError("runs are tracked on Databricks (MLFLOW_TRACKING_URI); open its own pages")
    own = private_folder(root.absolute() / ".mlops")
    said = {
        **QUIET,
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_BACKEND_STORE_URI": uri,
        "MLFLOW_ARTIFACTS_DESTINATION": str(own / "mlartifacts"),
    }
    return {name: _plain(value) for name, value in said.items()}


def _plain(text: str) -> str:
    # The proxy fills in what stands in braces, and a folder may have some in its name.
    return text.replace("{", "{{").replace("}", "}}")


def _with_token() -> dict[str, str]:
    token = Path(credentials()["RAY_AUTH_TOKEN_PATH"]).read_text("utf-8").strip()
    return {**_SAME_PLACE, "Authorization": f"Bearer {token}"}


def _server_root() -> Path:
    from jupyter_server.serverapp import ServerApp

    if ServerApp.initialized():
        return Path(ServerApp.instance().root_dir).expanduser()
    return Path.cwd()
