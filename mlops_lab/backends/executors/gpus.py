"""The NVIDIA GPUs that this process may use."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Collection, Mapping
from dataclasses import dataclass

VISIBLE = "CUDA_VISIBLE_DEVICES"
_QUERY = ["--query-gpu=index,uuid,name", "--format=csv,noheader"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gpu:
    """`id` is what CUDA_VISIBLE_DEVICES calls it, `model` is as Ray says it: "A100"."""

    id: str
    model: str = ""


def visible(env: Mapping[str, str]) -> tuple[Gpu, ...]:
    """Those that CUDA shows to a process with this environment, in its order."""
    found = _installed()
    if VISIBLE not in env:
        return tuple(Gpu(id=index, model=model) for index, _, model in found)
    seen: list[Gpu] = []
    for word in (word.strip() for word in env[VISIBLE].split(",")):
        match = [model for index, uuid, model in found if index == word or _is(word, uuid)]
        if not match and not (found and word.startswith("MIG-")):
            break  # CUDA, too, sees nothing behind a word that it doesn't know
        seen.append(Gpu(id=word, model=match[0] if match else ""))
    return tuple(seen)


def only(devices: Collection[int], gpus: tuple[Gpu, ...]) -> dict[str, str]:
    """The environment by which a process sees just these of the GPUs.

    Where that is all of them nothing is said, and the process looks as it does beside its driver.
    """
    if not devices or len(devices) == len(gpus):
        return {}
    return {VISIBLE: ",".join(gpus[device].id for device in devices)}


def _installed() -> list[tuple[str, str, str]]:
    """Index, UUID and model of each GPU."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    try:
        done = subprocess.run(
            [program, *_QUERY], capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return []
    rows = [[part.strip() for part in line.split(",", 2)] for line in done.stdout.splitlines()]
    return [(row[0], row[1], _model(row[2])) for row in rows if len(row) == 3]


def _is(word: str, uuid: str) -> bool:
    """CUDA takes the beginning of a UUID for the whole."""
    return word.startswith("GPU-") and uuid.startswith(word)


def _model(name: str) -> str:
    words = name.replace("NVIDIA", " ").replace("Tesla", " ").split()
    return words[0].split("-")[0] if words else name
