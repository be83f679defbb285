"""Each step has what it asks for on Ray; what no node can give is told before the run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.services.test_keeping import failed, said_by, until

from .lab import Lab

pytestmark = pytest.mark.ray


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A project with a Ray of its own, whose two GPUs are pretended."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLOPS_STATE_DIR", str(tmp_path_factory.mktemp("state")))
        patch.setenv("RAY_OVERRIDE_RESOURCES", '{"GPU": 2}')
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


def test_a_step_runs_where_its_resources_are(lab: Lab) -> None:
    count = "len(os.environ['CUDA_VISIBLE_DEVICES'].split(','))"
    lab.write(
        {
            "base": "import os\nx = 10",
            "one gpus:1": f"one = x + {count}",
            "two gpus:2": f"two = x + {count}",
            "end": "print(one, two)",
        }
    )
    code, answer, said = lab.call("run", "lab.ipynb", "--executor", "ray", "--workers", "3")
    assert (code, answer["status"]) == (0, "succeeded"), said
    assert lab.text()["c3"] == "11 12\n"
    workers = {step.name: step.worker for step in lab.last.steps}
    assert workers["base"] == workers["end"]
    assert workers["base"] not in {workers["one"], workers["two"]}


def test_a_failed_steps_own_kernel_stays_with_what_it_holds_until_it_is_released(lab: Lab) -> None:
    lab.write({"load": "x = [1, 2]", "train gpus:2": "y = len(x)\nraise ValueError(y)"})
    words = ("run", "lab.ipynb", "--executor", "ray", "--workers", "2", "--keep-failed", "30m")
    process = lab.start(*words)
    run = until(lambda: failed(lab), 90)
    connection = until(lab.bench.history.kept)
    load, train = run.steps
    assert load.worker != train.worker
    code = "import os; print(x, y, len(os.environ['CUDA_VISIBLE_DEVICES'].split(',')))"
    assert said_by(connection, code) == "[1, 2] 2 2\n"
    lab.bench.history.release(run.run_id)
    process.communicate(timeout=20)
    lab.write({"train gpus:2": "print('again')"})
    assert lab.call("run", "lab.ipynb", "--executor", "ray")[0] == 0
