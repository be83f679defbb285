"""How a project's watcher hears that something has happened, by as many ways as there are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from mlops_lab.backends.records.ears import Ear, Ways
from mlops_lab.errors import MlopsError


class Ears:
    """The open ways; one that was lost is opened again.

    `ways` says which there are now, `heard` is called with the words of what was told.
    """

    def __init__(self, ways: Callable[[], Ways], heard: Callable[[tuple[str, ...]], None]) -> None:
        self._ways = ways
        self._heard = heard
        self._open: dict[str, Ear] = {}
        self._wanted: frozenset[str] = frozenset()

    @property
    def all_open(self) -> bool:
        """Whether nothing can happen unheard."""
        return bool(self._wanted) and self._wanted == self._open.keys()

    async def open(self) -> bool:
        """Be there to be told; whether what has happened until now was heard of."""
        try:
            ways = await asyncio.to_thread(self._ways)
        except MlopsError:
            return False  # mlops.toml is wrong for the moment
        self._wanted = frozenset(ways)
        for name, ear in list(self._open.items()):
            if name not in ways or not ear.known:
                self._shut(name)
        unheard = [name for name in ways if name not in self._open]
        for name in unheard:
            with suppress(MlopsError):  # the watcher looks by itself, then
                self._open[name] = ear = await _opened(ways[name])
                asyncio.get_running_loop().add_reader(ear.fileno(), self._told, ear)
        return not unheard

    def close(self) -> None:
        """Hear nothing more."""
        for name in list(self._open):
            self._shut(name)

    def _told(self, ear: Ear) -> None:
        for words in ear.heard():
            self._heard(words)
        if not ear.known:
            asyncio.get_running_loop().remove_reader(ear.fileno())
            self._heard(())

    def _shut(self, name: str) -> None:
        ear = self._open.pop(name)
        asyncio.get_running_loop().remove_reader(ear.fileno())
        ear.close()


async def _opened(way: Callable[[], Ear]) -> Ear:
    """The way, open; one that nobody waits for any more is closed again."""
    opening = asyncio.ensure_future(asyncio.to_thread(way))
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        opening.add_done_callback(_close)
        raise


def _close(opened: asyncio.Future[Ear]) -> None:
    if opened.exception() is None:
        opened.result().close()
