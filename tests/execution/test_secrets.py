"""A value `env:NAME` is read where the notebook runs, and neither shown nor kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_lab.errors import ParameterError
from mlops_lab.execution.redaction import Redaction

from .lab import Lab, steps

SECRET = 'hunter2-"quoted"-ü'
NAME = "LAB_TOKEN"

CELLS = {
    "parameters": "token = 'none'",
    "use": "print('token is', token)\nlength = len(token)",
    "split": "import sys\nfor letter in token:\n    sys.stdout.write(letter); sys.stdout.flush()",
    "show": "from IPython.display import HTML, display\n"
    "display(HTML(f'<b>{token}</b>'), {token: 1})\n"
    "{'key': [token]}",
    "hold": "kept = {'auth': ('bearer', token)}\nclass Client:\n    auth = token\n"
    "def call(): return token",
    "file": "open('config.ini', 'w').write(token)",
    "environ": "import os; os.environ['OTHER'] = token",
    "safe": "print(length + 1)",
    "error raises-exception": "raise ValueError(f'refused: {token}')",
    "native": "os.write(2, token.encode())",
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    lab = Lab(tmp_path_factory.mktemp("secret"), CELLS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(NAME, SECRET)
        run = lab.run(params={"token": f"env:{NAME}"})
        assert run.status == "succeeded", run.error
        lab.run(params={"token": f"env:{NAME}"})
    return lab


def holding(folder: Path, secret: str) -> list[str]:
    forms = {secret.encode(), secret.encode("unicode_escape"), secret.replace('"', '\\"').encode()}
    forms |= {secret.replace('"', '\\"').replace("ü", "\\u00fc").encode(), secret[2:-3].encode()}
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [str(p.relative_to(folder)) for p in files if any(f in p.read_bytes() for f in forms)]


def test_no_file_that_a_run_keeps_holds_a_secret(lab: Lab) -> None:
    assert holding(lab.folder / ".mlops", SECRET) == []


def test_cells_see_the_value_and_readers_its_name(lab: Lab) -> None:
    text = lab.text(lab.bench.history.list()[1])
    assert text["c1"] == f"token is [{NAME}]\n"
    assert text["c2"] == f"[{NAME}]"
    assert SECRET not in str(text)
    assert f"refused: [{NAME}]" in text["c8"]
    assert text["c7"] == f"{len(SECRET) + 1}\n"
    assert (lab.folder / "config.ini").read_text() == SECRET


def test_logs_are_redacted(lab: Lab) -> None:
    lines = list(lab.bench.history.logs(lab.bench.history.list()[1].run_id))
    assert f"token is [{NAME}]\n" in lines
    assert not any(SECRET in line for line in lines)


def test_what_holds_no_secret_is_cached(lab: Lab) -> None:
    assert steps(lab.last)["safe"] == "cached"
    assert steps(lab.last)["split"] == "cached"


def test_the_parameter_is_recorded_by_name(lab: Lab) -> None:
    assert lab.last.params == {"token": f"env:{NAME}"}
    assert lab.output().metadata.papermill.parameters == {"token": f"env:{NAME}"}


def test_another_value_of_a_secret_runs_its_readers(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(NAME, "another-value")
    run = lab.run(params={"token": f"env:{NAME}"})
    assert steps(run)["use"] == "succeeded"
    assert lab.text(run)["c7"] == f"{len('another-value') + 1}\n"
    assert holding(lab.folder / ".mlops", "another-value") == []


def test_a_default_may_be_a_secret_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, SECRET)
    lab = Lab(tmp_path, {"parameters": f"token = 'env:{NAME}'", "use": "print(token)"})
    assert lab.text(lab.run())["c1"] == f"[{NAME}]\n"


def test_a_variable_that_is_not_set_is_told_before_anything_runs(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(NAME, raising=False)
    runs = len(list((lab.folder / ".mlops" / "runs").iterdir()))
    with pytest.raises(ParameterError, match=f"variable {NAME}, which is not set"):
        lab.run(params={"token": f"env:{NAME}"})
    assert len(list((lab.folder / ".mlops" / "runs").iterdir())) == runs


def stream(text: str, name: str = "stdout") -> dict[str, object]:
    return {"msg_type": "stream", "content": {"name": name, "text": text}}


@pytest.mark.parametrize(
    ("pieces", "shown"),
    [
        (["hunter2"], "[T]"),
        (["a hun", "ter2 b"], "a [T] b"),
        (["h", "u", "n", "t", "e", "r", "2"], "[T]"),
        (["hunt", "ing"], "hunting"),
        (["ends with hunter"], "ends with hunter"),
        (["hunter2hunter", "2"], "[T][T]"),
    ],
)
def test_a_secret_in_pieces_is_found(pieces: list[str], shown: str) -> None:
    redaction = Redaction({"T": "hunter2"})
    told = [m for piece in pieces for m in redaction.messages(stream(piece))]
    told += redaction.rest()
    assert "".join(m["content"]["text"] for m in told) == shown


def test_what_waits_comes_before_what_is_displayed() -> None:
    redaction = Redaction({"T": "hunter2"})
    display = {"msg_type": "display_data", "content": {"data": {"text/plain": "hunter2"}}}
    told = [*redaction.messages(stream("so hun")), *redaction.messages(display)]
    assert [m["content"].get("text") or m["content"]["data"]["text/plain"] for m in told] == [
        "so ",
        "hun",
        "[T]",
    ]
