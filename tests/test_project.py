"""What holds for the project as a whole: layers, imports, the lock, the files that ship."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import nbformat
import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "mlops_lab"
LOCK = ROOT / "requirements.lock"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())

HEAVY = {
    "alembic": ["backends/records/"],
    "dvc": ["backends/versions/"],
    "matplotlib": ["execution/guest/"],
    "mlflow": ["backends/tracking/", "execution/guest/"],
    "nbclient": ["backends/executors/", "execution/"],
    "nbdime": ["backends/diffs/"],
    "numpy": ["execution/guest/"],
    "pandas": ["execution/guest/"],
    "papermill": ["engine.py", "services/"],
    "ray": ["backends/executors/", "backends/ray_head.py", "backends/ray_worker.py"],
    "sqlalchemy": ["backends/records/", "backends/tracking/mlflow.py"],
}
"""The libraries that take long to import, and where in the package each is at home."""


def imported(file: Path) -> Iterator[str]:
    """The top-level modules that a file imports, anywhere in it, for more than its types."""
    tree = ast.parse(file.read_text())
    typing_only = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.unparse(block.test)
        for node in ast.walk(block)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        match node:
            case ast.Import(names=names):
                yield from (alias.name.partition(".")[0] for alias in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module.partition(".")[0]


def locked() -> dict[str, list[tuple[str, str]]]:
    """Each name of the lock with its versions and the condition of each."""
    found: dict[str, list[tuple[str, str]]] = {}
    pin = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;]+)(?: ; (.*?))? \\$", re.MULTILINE)
    for name, exact, condition in pin.findall(LOCK.read_text()):
        found.setdefault(normal(name), []).append((exact, condition))
    return found


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def required() -> list[Requirement]:
    """All that pyproject.toml asks for: the package, its extras and its groups."""
    project = PROJECT["project"]
    groups = [line for group in PROJECT["dependency-groups"].values() for line in group]
    extras = [line for extra in project["optional-dependencies"].values() for line in extra]
    lines = [*project["dependencies"], *extras, *(g for g in groups if isinstance(g, str))]
    return [Requirement(line) for line in lines]


def test_imports_point_down() -> None:
    check = subprocess.run(
        [sys.executable, "-m", "importlinter.cli", "lint", "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert check.returncode == 0, check.stdout + check.stderr


@pytest.mark.parametrize("place", ["errors.py", "interfaces.py", "ir", "records"])
def test_values_and_seams_import_the_standard_library_only(place: str) -> None:
    files = [PACKAGE / place] if place.endswith(".py") else [*(PACKAGE / place).rglob("*.py")]
    foreign = {
        (file.name, module)
        for file in files
        for module in imported(file)
        if module not in sys.stdlib_module_names and module != "mlops_lab"
    }
    assert foreign == set()


@pytest.mark.parametrize("library", HEAVY)
def test_a_heavy_library_is_imported_where_it_is_at_home(library: str) -> None:
    files = {
        str(file.relative_to(PACKAGE))
        for file in PACKAGE.rglob("*.py")
        if library in set(imported(file))
    }
    homes = tuple(HEAVY[library])
    assert {file for file in files if not file.startswith(homes)} == set()


@pytest.mark.parametrize(
    "start",
    [
        "import mlops_lab",
        "import mlops_lab.cli",
        "import mlops_lab.magics",
        "from mlops_lab.cli import main; sys.argv = ['mlops', '--help']; main()",
        "from mlops_lab.cli import main; sys.argv = ['mlops', 'run', '--help']; main()",
    ],
)
def test_a_surface_starts_without_a_heavy_library(start: str) -> None:
    lines = ["import json, sys", "try:", f"    {start}", "except SystemExit: pass"]
    script = "\n".join([*lines, "print(json.dumps(sorted(sys.modules)), file=sys.stderr)"])
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert set(HEAVY).intersection(json.loads(out.stderr)) == set()


def test_a_steps_values_are_loaded_without_what_reads_and_writes_notebooks() -> None:
    slow = {"nbformat", "jsonschema", "papermill", "nbclient"}
    wants = "from mlops_lab.services import runs, values\nfrom mlops_lab.notebook.read import look"
    script = f"{wants}\nimport sys\nprint(sorted({slow!r} & set(sys.modules)))"
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert out.stdout == "[]\n"


def test_all_is_exactly_what_the_package_exports() -> None:
    import mlops_lab

    assert [name for name in mlops_lab.__all__ if not hasattr(mlops_lab, name)] == []
    assert mlops_lab.__all__ == sorted(set(mlops_lab.__all__))
    assert {name for name in dir(mlops_lab) if name[0] != "_"} >= set(mlops_lab.__all__)


def test_the_package_says_the_version_that_is_installed() -> None:
    import mlops_lab

    assert mlops_lab.__version__ == version("mlops-lab")


def test_the_lock_names_no_registry() -> None:
    assert re.findall(r"\b\w+://\S+|--(?:extra-)?index\S*|--find-links\S*", LOCK.read_text()) == []


def test_the_lock_has_a_hash_for_each_version() -> None:
    entries = re.split(r"\n(?=\S)", LOCK.read_text().strip())
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("requirement", required(), ids=str)
def test_the_lock_satisfies_what_the_project_asks_for(requirement: Requirement) -> None:
    pins = locked().get(normal(requirement.name), [])
    assert pins, f"{requirement.name} is not in requirements.lock: make lock"
    assert all(Version(exact) in requirement.specifier for exact, _ in pins), "make lock"


@pytest.mark.parametrize("notebook", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=str)
def test_a_notebook_ships_valid_and_without_outputs(notebook: Path) -> None:
    read = nbformat.read(notebook, as_version=4)
    nbformat.validate(read)
    code = [cell for cell in read.cells if cell.cell_type == "code"]
    assert [cell.id for cell in code if cell.outputs or cell.execution_count] == []


@pytest.mark.parametrize(
    "name", ["CHANGELOG.md", "CONTRIBUTING.md", "README.md", "LICENSE", "binder/postBuild"]
)
def test_what_a_newcomer_looks_for_is_there(name: str) -> None:
    assert (ROOT / name).stat().st_size > 0


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_inside_a_document_lead_somewhere(document: str) -> None:
    file = ROOT / document
    if not file.exists():
        pytest.fail(f"{document} is missing")
    links = re.findall(r"\]\((?!https?:)([^)#]+)", file.read_text())
    assert [link for link in links if not (file.parent / link).exists()] == []
