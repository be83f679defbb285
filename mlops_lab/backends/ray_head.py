"""The process that holds a Ray cluster: as long as it lives, the cluster does.

`python -m mlops_lab.backends.ray_head FOLDER [CPUS]` prints one line of JSON when Ray is up, and
waits for its end.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from mlops_lab.backends.ray_worker import PARSERS


def main() -> None:
    """Start Ray on the loopback interface, say where, and wait to be told to end."""
    modules: dict[str, Any] = sys.modules
    modules.update(dict.fromkeys(PARSERS))
    import ray

    _begin_workers_sooner()
    folder, cpus = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else None
    context = ray.init(
        address="local",
        num_cpus=cpus,
        include_dashboard=True,
        dashboard_host="127.0.0.1",
        log_to_driver=False,
        logging_level="error",
        namespace="mlops-lab-head",
        _temp_dir=folder,
        _node_ip_address="127.0.0.1",
    )
    info = context.address_info
    ready = {
        "address": info["gcs_address"],
        "dashboard": info.get("webui_url") or "",
        "logs": f"{info['session_dir']}/logs",
    }
    sys.stdout.write(json.dumps(ready) + "\n")
    sys.stdout.flush()
    told = threading.Event()
    # Not blocked but handled: kernels inherit what is blocked, and could not be interrupted.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    told.wait()
    ray.shutdown()


def _begin_workers_sooner() -> None:
    """Have Ray's worker processes started by a program of ours, which goes on to be theirs.

    Ray has no setting for it. Where it keeps the path elsewhere one day, workers take longer.
    """
    with suppress(ImportError, AttributeError):
        from ray._private.parameter import RayParams

        plain = RayParams.update_if_absent

        def with_ours(self: Any, **defaults: Any) -> None:
            if "worker_path" in defaults:
                defaults["worker_path"] = str(Path(__file__).with_name("ray_worker.py"))
            plain(self, **defaults)

        RayParams.update_if_absent = with_ours


if __name__ == "__main__":
    main()
