"""Where the pages of a tracking server are, as they may be shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_lab.backends.tracking.pages import pages_at, pages_of


@pytest.mark.parametrize(
    ("uri", "pages"),
    [
        ("http://tracking.example:5000", "http://tracking.example:5000/"),
        ("https://me:se%40cret@tracking.example/sub/", "https://tracking.example/sub/"),
        ("http://me:a@b@[::1]:5000/x?token=secret#y", "http://[::1]:5000/x/"),
        ("sqlite:////home/me/mlflow.db", None),
        ("databricks://profile", None),
        ("javascript://tracking.example/%0aalert(1)", None),
        ("http://", None),
        ("http://[::1", None),
        ("./mlruns", None),
    ],
)
def test_only_a_server_has_pages_and_no_password_is_in_their_address(
    uri: str, pages: str | None
) -> None:
    assert pages_at(uri) == pages


def test_a_run_is_on_the_server_that_it_was_brought_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pages_of(tmp_path, "r1") is None
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://new.example")
    assert pages_of(tmp_path, "r1") == "http://new.example/"
    folder = tmp_path / ".mlops" / "runs" / "r1"
    folder.mkdir(parents=True)
    (folder / "mlflow_uri").write_text("https://old.example/\n")
    assert pages_of(tmp_path, "r1") == "https://old.example/"
    (folder / "mlflow_uri").write_text(f"sqlite:///{tmp_path}/mlflow.db")
    assert pages_of(tmp_path, "r1") is None
