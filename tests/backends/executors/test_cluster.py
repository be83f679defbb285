"""The warm Ray of this machine."""

from __future__ import annotations

import stat
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from mlops_lab.backends import cluster
from mlops_lab.backends.cluster import ClusterStatus
from mlops_lab.services.cluster import Cluster


def test_where_nothing_was_started_nothing_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLOPS_STATE_DIR", str(tmp_path))
    assert Cluster().status() == cluster.STOPPED
    assert Cluster().stop() == cluster.STOPPED


def test_a_process_that_got_an_old_number_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLOPS_STATE_DIR", str(tmp_path))
    other = psutil.Popen(["sleep", "60"])
    try:
        pids = ((other.pid, other.create_time() - 1),)
        cluster._write(ClusterStatus(running=True, address="127.0.0.1:1", pids=pids, id="old"))
        assert not Cluster().status().running
        Cluster().stop()
        assert other.is_running()
    finally:
        other.kill()
        other.wait()


@pytest.mark.ray
def test_it_listens_on_the_loopback_interface_alone(warm_ray: ClusterStatus) -> None:
    pids = {p.pid for p in cluster.processes.marked(cluster.MARK, warm_ray.id)}
    listening = [c for c in psutil.net_connections() if c.pid in pids and c.status == "LISTEN"]
    assert listening
    assert {c.laddr.ip for c in listening} <= {"127.0.0.1", "::1", "::ffff:127.0.0.1"}


@pytest.mark.ray
def test_it_refuses_who_has_no_token(warm_ray: ClusterStatus) -> None:
    url = f"http://{warm_ray.dashboard}/api/jobs/"
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(url, timeout=10)
    refused.value.close()
    assert refused.value.code == 401
    token = Path(cluster.credentials()["RAY_AUTH_TOKEN_PATH"])
    assert stat.S_IMODE(token.stat().st_mode) == 0o600
    assert stat.S_IMODE(token.parent.stat().st_mode) == 0o700
    known = urllib.request.Request(url, headers={"Authorization": f"Bearer {token.read_text()}"})
    with urllib.request.urlopen(known, timeout=10) as answer:
        assert answer.status == 200


@pytest.mark.ray
def test_who_starts_it_again_at_once_gets_the_same(warm_ray: ClusterStatus) -> None:
    with ThreadPoolExecutor(4) as pool:
        again = list(pool.map(lambda _: Cluster().start(), range(4)))
    assert {one.address for one in again} == {warm_ray.address}
    assert Cluster().status() == warm_ray
