"""Random generators: hidden names that count once the notebook seeded them."""

from __future__ import annotations

import random
import sys
from typing import Any

TWISTS = 10_000
"""How many times a generator's state is turned to see whether it was seeded anew or only used."""


class Generator:
    """A global generator: seeded by the notebook, or not yet."""

    def __init__(self, name: str, module: str, get: Any, put: Any, follows: Any) -> None:
        self.name = f"@{name}"
        self.module = module
        self.get = get
        self.put = put
        self._follows = follows
        self.last: Any = None
        self.seeded = False

    def present(self) -> bool:
        """Whether its library is imported."""
        module = sys.modules.get(self.module)
        return module is not None and not getattr(module.__spec__, "_initializing", False)

    def begin(self) -> None:
        """Remember the state that its library gave it."""
        if self.last is None and self.present():
            self.last = self.get()

    def look(self) -> bool:
        """Whether it was used or seeded since the last look."""
        if not self.present():
            return False
        now = self.get()
        if self.last is None:
            self.last = now
            self.seeded = True
            return True
        if _same(now, self.last):
            return False
        self.seeded = self.seeded or not self._follows(self.last, now)
        self.last = now
        return True

    def restore(self, state: Any) -> None:
        """Put the generator where a step left it."""
        if not self.present():
            __import__(self.module)
        self.put(state)
        self.last = self.get()
        self.seeded = True


def _same(a: Any, b: Any) -> bool:
    return bool(_plain(a) == _plain(b))


def _plain(state: Any) -> Any:
    if isinstance(state, dict):
        return {key: _plain(value) for key, value in state.items()}
    if hasattr(state, "tobytes"):
        return state.tobytes()
    return state


def _random_follows(before: Any, after: Any) -> bool:
    twin = random.Random()
    twin.setstate(before)
    for _ in range(TWISTS):
        if twin.getstate()[1][:-1] == after[1][:-1]:
            return True
        twin.getrandbits(32 * 624)
    return False


def _numpy_follows(before: Any, after: Any) -> bool:
    twin = sys.modules["numpy"].random.RandomState()
    twin.set_state(before)
    key = after["state"]["key"].tobytes()
    for _ in range(TWISTS):
        if twin.get_state(legacy=False)["state"]["key"].tobytes() == key:
            return True
        twin.bytes(4 * 624)
    return False


def shared_by_all(obj: Any) -> tuple[str, str] | None:
    """The module and name of a generator that all use, if the object is one; it is a hidden name.

    Libraries keep it in what they make (`stats.norm()`), functions are its methods (`randint`).
    """
    if obj is random._inst:  # nothing public has it
        return "random", "_inst"
    mtrand = sys.modules.get("numpy.random.mtrand")
    if mtrand is not None and obj is getattr(mtrand, "_rand", None):
        return "numpy.random.mtrand", "_rand"
    return None


def _torch_get() -> dict[str, Any]:
    """PyTorch's states on the processor, and on the GPUs once they are in use."""
    torch = sys.modules["torch"]
    used = torch.cuda.is_initialized()
    return {
        "cpu": bytes(torch.get_rng_state().numpy()),
        "seed": torch.initial_seed(),
        "cuda": [bytes(s.numpy()) for s in torch.cuda.get_rng_state_all()] if used else [],
    }


def _torch_put(state: dict[str, Any]) -> None:
    torch = sys.modules["torch"]

    def tensor(content: bytes) -> Any:
        return torch.frombuffer(bytearray(content), dtype=torch.uint8)

    torch.manual_seed(state["seed"])  # GPUs that come into use later begin with it
    torch.set_rng_state(tensor(state["cpu"]))
    if state["cuda"] and torch.cuda.is_available():
        for number, content in enumerate(state["cuda"][: torch.cuda.device_count()]):
            torch.cuda.set_rng_state(tensor(content), number)


def _torch_follows(before: Any, after: Any) -> bool:
    # Without a seed of the notebook's it begins with one by chance, so no two are the same.
    return bool(before["seed"] == after["seed"])


def known_generators() -> list[Generator]:
    """The global generators that are looked after."""

    def numpy_random() -> Any:
        return sys.modules["numpy.random"]

    return [
        Generator("random", "random", random.getstate, random.setstate, _random_follows),
        Generator(
            "numpy.random",
            "numpy.random",
            lambda: numpy_random().get_state(legacy=False),
            lambda state: numpy_random().set_state(state),
            _numpy_follows,
        ),
        Generator("torch", "torch", _torch_get, _torch_put, _torch_follows),
    ]
