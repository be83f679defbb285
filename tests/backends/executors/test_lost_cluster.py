"""A cluster that isn't there is said at once."""

from __future__ import annotations

import os
import subprocess
import sys

_ASK = """
from mlops_lab.backends.executors.ray import RayExecutor
from mlops_lab.errors import BackendError
try:
    RayExecutor().offer()
except BackendError as error:
    print(error)
"""


def test_an_address_where_nobody_listens_is_named_with_the_ways_out() -> None:
    # A process of its own: this one may be connected to a Ray already, and would stay with it.
    asked = subprocess.run(
        [sys.executable, "-c", _ASK],
        env={**os.environ, "RAY_ADDRESS": "127.0.0.1:1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "127.0.0.1:1 " in asked.stdout
    assert "--executor local" in asked.stdout
