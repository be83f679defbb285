"""The tour of `make demo`: steps side by side, here and on Ray; again; with one step changed."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat

NOTEBOOK = Path(__file__).with_name("01-first-pipeline.ipynb")
FOLDER = Path("build", "demo")
HERE = FOLDER / "here"
CHANGED = "changed.ipynb"
WORK = ("-p", "folds", "35")
"""More parts than the notebook's own five, so that there is something to do side by side."""
OLD, NEW = "min_samples_leaf=1", "min_samples_leaf=2"
MLOPS = [str(Path(sys.executable).with_name("mlops"))]


def main() -> int:
    """Tell the story; the exit code of the first command that fails, else 0."""
    folder, here = project(FOLDER, "ray"), project(HERE, "local")
    try:
        if code := side_by_side(here):
            return code
        with warm_ray(folder):
            return story(folder)
    except subprocess.CalledProcessError as error:
        print(f"\nThe demo ends here: {' '.join(error.cmd[1:])} gave {error.returncode}.")
        if error.stderr:
            print(error.stderr)
        return error.returncode


def project(folder: Path, executor: str) -> Path:
    """A project of its own, without a past: what the first run does isn't known to any cache."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "mlops.toml").write_text(f'executor = "{executor}"\n')
    shutil.copy(NOTEBOOK, folder)
    return folder


@contextmanager
def warm_ray(folder: Path) -> Iterator[None]:
    """A Ray that is up: the one of RAY_ADDRESS, else a warm one, else one started for the demo."""
    if os.environ.get("RAY_ADDRESS") or ask(folder, "cluster", "status")["running"]:
        yield
        return
    say("A Ray cluster on this machine, for as long as the demo takes.")
    mlops(folder, "cluster", "start")
    try:
        yield
    finally:
        ask(folder, "cluster", "stop")


def side_by_side(folder: Path) -> int:
    """On this machine: in one kernel, then in as many as its cores can use."""
    notebook = NOTEBOOK.name
    say("1. The notebook in one kernel, one step after the other.")
    mlops(folder, "run", notebook, *WORK, "--workers", "1", "--no-cache")
    one = ask(folder, "runs", "show", "last")

    say("2. The same side by side: kernels beside the notebook's own try steps ahead of it.")
    mlops(folder, "run", notebook, *WORK)
    print()
    mlops(folder, "runs", "show", "--timeline")
    several = ask(folder, "runs", "show", "last")
    return compare(folder, one, several)


def compare(folder: Path, one: dict[str, Any], several: dict[str, Any]) -> int:
    """How much faster it was, by the clock; 1 if not every cell shows the same."""
    times = one["seconds"] / several["seconds"]
    faster = f"{times:.1f} times as fast" if times >= 1.05 else "no faster here"
    kernels = len(several["timeline"]["rows"])
    print(
        f"\nBy the clock: {one['seconds']:.1f} s in one kernel, "
        f"{several['seconds']:.1f} s side by side (kernels: {kernels}): {faster}."
    )
    shown = [outputs(folder / run["output"]) for run in (one, several)]
    print(f"Every cell shows {'the same' if shown[0] == shown[1] else 'something else'}.")
    return int(shown[0] != shown[1])


def outputs(path: Path) -> list[list[dict[str, Any]]]:
    """What each code cell of a notebook shows, counters aside."""
    hidden = {"metadata", "execution_count"}
    return [
        [{k: v for k, v in output.items() if k not in hidden} for output in cell.outputs]
        for cell in nbformat.read(path, as_version=4).cells
        if cell.cell_type == "code"
    ]


def story(folder: Path) -> int:
    """On Ray: run, run again, change a step."""
    notebook = NOTEBOOK.name
    say("3. The notebook as a pipeline on Ray. Nothing is cached yet.")
    cold = mlops(folder, "run", notebook, *WORK, "--executor", "ray")
    first = ask(folder, "runs", "show", "last")
    print()
    mlops(folder, "runs", "show", "--timeline")

    say("4. The same again. Nothing changed, so nothing has to run.")
    warm = mlops(folder, "run", notebook, *WORK, "--executor", "ray")
    second = ask(folder, "runs", "show", "last")
    cached = sum(step["cached"] for step in second["steps"])
    print(
        f"\n{cached} of {len(second['steps'])} steps came from the cache: "
        f"{warm:.1f} s instead of {cold:.1f} s, {cold / warm:.1f} times as fast."
    )
    if first["metrics"] != second["metrics"]:
        print(f"The metrics differ: {first['metrics']}, then {second['metrics']}.")
        return 1

    step = change(folder)
    say(f"5. One step changes: in '{step}', {OLD} becomes {NEW}. What would run, and why?")
    mlops(folder, "run", CHANGED, *WORK, "--executor", "ray", "--explain")
    print()
    took = mlops(folder, "run", CHANGED, *WORK, "--executor", "ray")
    third = ask(folder, "runs", "show", "last")
    ran = [step["name"] for step in third["steps"] if not step["cached"]]
    print(f"\nOnly {' and '.join(ran)} ran, in {took:.1f} s; the rest came from the cache.")
    print(f"Metrics before {figures(second)}; now {figures(third)}.")

    where(folder, third)
    return 0


def change(folder: Path) -> str:
    """Change one step in a copy of the notebook; the step's name."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    (cell,) = (cell for cell in notebook.cells if OLD in cell.source)
    cell.source = cell.source.replace(OLD, NEW)
    nbformat.write(notebook, folder / CHANGED)
    (name,) = (tag.removeprefix("step:") for tag in cell.metadata.tags if tag.startswith("step:"))
    return str(name)


def where(folder: Path, run: dict[str, Any]) -> None:
    """Where everything is that the demo has made."""
    say("What is where")
    output = Path(run["output"])
    here = f"cd {shlex.quote(str(folder))} && "
    ui = f"{here}mlflow ui --backend-store-uri sqlite:///.mlops/mlflow.db"
    print(f"  output notebook   {output if output.is_absolute() else folder / output}")
    print(f"  run record        {here}mlops runs show {run['run_id']}")
    print(f"  all runs          {here}mlops runs list")
    print(f"  MLflow            {os.environ.get('MLFLOW_TRACKING_URI') or ui}")
    print("\nmlops and mlflow are in .venv/bin; `make lab` opens the notebook in JupyterLab.")


def say(words: str) -> None:
    """A chapter's title."""
    print(f"\n\033[1m{words}\033[0m" if sys.stdout.isatty() else f"\n{words}", flush=True)


def mlops(folder: Path, *words: str) -> float:
    """Do what the words say, for all to see; how many seconds it took."""
    print(f"$ mlops {shlex.join(words)}", flush=True)
    began = time.monotonic()
    subprocess.run([*MLOPS, *words], cwd=folder, check=True)
    return time.monotonic() - began


def ask(folder: Path, *words: str) -> dict[str, Any]:
    """What the words answer, in JSON."""
    command = [*MLOPS, *words, "--json"]
    out = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    answer: dict[str, Any] = json.loads(out.stdout)
    return answer


def figures(run: dict[str, Any]) -> str:
    """A run's metrics in a line."""
    return ", ".join(f"{name} {value:.4g}" for name, value in run["metrics"].items())


if __name__ == "__main__":
    sys.exit(main())
