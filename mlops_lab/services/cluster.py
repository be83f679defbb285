"""The warm Ray of this machine: started, stopped, looked at."""

from __future__ import annotations

from mlops_lab.backends import cluster
from mlops_lab.backends.cluster import ClusterStatus


class Cluster:
    """A local Ray that stays warm from one run to the next."""

    def start(self, num_cpus: int | None = None) -> ClusterStatus:
        """The warm Ray, started where there is none. Raises BackendError."""
        return cluster.start(num_cpus)

    def stop(self) -> ClusterStatus:
        """End the warm Ray; what ran there, `running` False."""
        return cluster.stop()

    def status(self) -> ClusterStatus:
        """The warm Ray, if there is one."""
        return cluster.status()
