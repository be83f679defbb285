"""What no node of a cluster can give is told before the run; --relax runs without it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .lab import Lab

pytestmark = pytest.mark.ray


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A project with a Ray of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLOPS_STATE_DIR", str(tmp_path_factory.mktemp("state")))
        lab = Lab(tmp_path_factory.mktemp("ray"), {"one gpus:64": "print('ran')"})
        yield lab
        lab.call("cluster", "stop")


def test_need_and_offer_are_named_or_relaxed(lab: Lab) -> None:
    code, answer, _ = lab.call("run", "lab.ipynb", "--executor", "ray")
    assert code == 2
    message = answer["error"]["message"]
    assert "step 'one' needs 64 GPUs; the largest there is: " in message
    assert "--relax" in message
    code, answer, _ = lab.call("run", "lab.ipynb", "--executor", "ray", "--relax")
    assert (code, answer["status"]) == (0, "succeeded")
    assert any("runs with what there is" in note for note in lab.last.notes)
    assert lab.text() == {"c0": "ran\n"}
