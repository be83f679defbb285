"""Classes and functions of the notebook: state with an identity.

A definition gets an id when it is first seen and keeps it wherever it travels. Values refer to it
by that id, and its own content is a unit of its own, named `@ID`. So `isinstance` holds between
values that travelled apart, and patches, attributes and defaults travel with the definition.

An id says after which segment the definition was first seen, its mark, so that kernels which run
different segments at the same time never give one id to two definitions.
"""

from __future__ import annotations

import types
import weakref
from collections.abc import Callable
from typing import Any

Definition = type | types.FunctionType


class Definitions:
    """What this kernel knows by id.

    `fetch` brings a definition that is known elsewhere but not yet here; it raises LookupError
    where there is none. `mark` stands in the ids given from now on.
    """

    def __init__(self) -> None:
        self._by_id: weakref.WeakValueDictionary[str, Any] = weakref.WeakValueDictionary()
        self._ids: dict[int, tuple[weakref.ref[Any], str]] = {}
        self.taken: set[str] = set()
        self.mark = ""
        self.fetch: Callable[[str], None] | None = None

    def id_of(self, definition: Definition) -> str:
        """The definition's id, given now if this is the first look at it."""
        known = self._ids.get(id(definition))
        if known is not None and known[0]() is definition:
            return known[1]
        base = f"@{definition.__qualname__}#" + (f"{self.mark}." if self.mark else "")
        number = 1
        while f"{base}{number}" in self.taken:
            number += 1
        self.register(f"{base}{number}", definition)
        return f"{base}{number}"

    def register(self, name: str, definition: Definition) -> None:
        """Let a definition be known under an id."""
        key = id(definition)
        self._ids[key] = (weakref.ref(definition, lambda _: self._ids.pop(key, None)), name)
        self._by_id[name] = definition
        self.taken.add(name)

    def knows(self, definition: Definition) -> bool:
        """Whether a class or function has an id."""
        known = self._ids.get(id(definition))
        return known is not None and known[0]() is definition

    def known(self, name: str) -> Any | None:
        """The definition of that id, if it lives here."""
        return self._by_id.get(name)

    def find(self, name: str) -> Any:
        """The definition of that id, brought here if need be. Raises LookupError."""
        found = self._by_id.get(name)
        if found is None and self.fetch is not None:
            self.fetch(name)
            found = self._by_id.get(name)
        if found is None:
            raise LookupError(f"no definition {name}")
        return found


DEFINITIONS = Definitions()
"""This kernel's own: pickle streams refer to functions, so it can't be an argument."""


def is_definition(value: Any, namespace: dict[str, Any]) -> bool:
    """Whether a class or function is the notebook's own and travels under an id.

    Lambdas, closures and functions made inside functions are values like any other: what they
    share makes units. Methods belong to their class.
    """
    if isinstance(value, type):
        return True
    return (
        type(value) is types.FunctionType
        and value.__globals__ is namespace
        and value.__closure__ is None
        and value.__qualname__ == value.__name__
        and value.__name__ != "<lambda>"
    )
