"""The wheel, installed into an empty environment, is all that a user needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import nbformat
import pytest

REPOSITORY = Path(__file__).parents[1]
UV = Path(sys.executable).with_name("uv")


def where_packages_come_from() -> dict[str, str]:
    """What uv has to be told, because it reads none of pip's settings."""
    asked = [Path(sys.base_prefix) / "bin" / "python3", "-m", "pip", "config", "get"]
    told = subprocess.run([*asked, "global.index-url"], check=False, capture_output=True, text=True)
    index = os.environ.get("PIP_INDEX_URL") or told.stdout.strip()
    certificates = Path("/etc/ssl/certs/ca-certificates.crt")
    return (
        dict(os.environ)
        | ({"UV_DEFAULT_INDEX": index} if index else {})
        | ({"SSL_CERT_FILE": str(certificates)} if certificates.is_file() else {})
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [UV, "build", "--wheel", "--no-build-isolation", "--out-dir", folder]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [*command, "--python", sys.executable, REPOSITORY],
        env=where_packages_come_from() | {"PATH": path},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def scripts(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The commands of an environment that holds the wheel and what it depends on."""
    place = tmp_path_factory.mktemp("user") / "env"
    env = where_packages_come_from()
    subprocess.run([UV, "venv", "--quiet", "--python", sys.executable, place], check=True)
    lock = REPOSITORY / "requirements.lock"
    install = [UV, "pip", "install", "--quiet", "--constraints", lock, wheel]
    target = ["--python", place / "bin" / "python"]
    done = subprocess.run([*install, *target], env=env, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return place / "bin"


def said(scripts: Path, *words: str, cwd: Path | None = None) -> str:
    """What a command of that environment says, on a machine that has nothing else: no Node."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "VIRTUAL_ENV"))}
    done = subprocess.run(
        [scripts / words[0], *words[1:]],
        env=env | {"PATH": str(scripts)},
        cwd=cwd,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_the_wheel_holds_the_front_end_and_what_enables_it(wheel: Path) -> None:
    names = ZipFile(wheel).namelist()
    for ending in (
        "labextensions/mlops-lab/package.json",
        "labextensions/mlops-lab/static/style.js",
        "labextensions/mlops-lab/install.json",
        "jupyter_server_config.d/mlops_lab.json",
        "mlops_lab/locale/ko_KR/LC_MESSAGES/mlops_lab.json",
    ):
        assert any(name.endswith(ending) for name in names), ending
    assert not [name for name in names if "/node_modules/" in name or name.startswith("tests/")]


@pytest.mark.parametrize(
    "words", [("jupyter", "labextension", "list"), ("jupyter", "server", "extension", "list")]
)
def test_jupyter_says_ok(scripts: Path, words: tuple[str, ...]) -> None:
    lines = [line for line in said(scripts, *words).splitlines() if "mlops" in line]
    assert any("OK" in line for line in lines), lines


def test_a_notebook_runs(scripts: Path, tmp_path: Path) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("print(6 * 7)")])
    nbformat.write(notebook, tmp_path / "nb.ipynb")
    said(scripts, "mlops", "run", "nb.ipynb", "out.ipynb", cwd=tmp_path)
    cells = json.loads((tmp_path / "out.ipynb").read_text())["cells"]
    assert "".join(cells[0]["outputs"][0]["text"]) == "42\n"
