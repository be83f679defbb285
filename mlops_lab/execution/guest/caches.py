"""Values of libraries without what they only remember for speed.

Looking at a value may fill such caches; it must not seem changed by that. Left out is only what the
library makes anew by itself, the same, and what changes no result.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

Reduced = Any


def _pandas(obj: Any) -> Reduced:
    """A dtype, a grouping: what `cache_readonly` computed."""
    if type(getattr(obj, "_cache", None)) is not dict:
        return NotImplemented
    make, args, state, *rest = (*obj.__reduce_ex__(5), None)[:4]
    if isinstance(state, tuple):
        parts = [_without(p, "_cache") or None if isinstance(p, dict) else p for p in state]
        state = tuple(parts) if len(parts) == 2 or parts[-1] is not None else tuple(parts[:-1])
        state = None if not any(p is not None for p in parts) else state
    elif isinstance(state, dict):
        state = _without(state, "_cache") or None
    return (make, args, state, *rest)


def _networkx(graph: Any) -> Reduced:
    """A graph's views of itself."""
    own = type(graph)
    state = {
        key: value
        for key, value in vars(graph).items()
        if not isinstance(getattr(own, key, None), functools.cached_property)
    }
    if len(state) == len(vars(graph)):
        return NotImplemented
    make, args, _, *rest = graph.__reduce_ex__(5)
    return (make, args, state, *rest)


def _search_tree(tree: Any) -> Reduced:
    """A tree of neighbours counts how often it was asked."""
    make, args, state, *rest = tree.__reduce__()
    counts = slice(7, 11)  # trims, leaves, splits, calls
    if not isinstance(state, tuple) or len(state) < counts.stop:
        return NotImplemented
    if not all(type(count) is int for count in state[counts]):
        return NotImplemented
    return (make, args, (*state[: counts.start], 0, 0, 0, 0, *state[counts.stop :]), *rest)


def _text_features(vectorizer: Any) -> Reduced:
    """A vectorizer remembers by its id which list of stop words it has checked."""
    if "_stop_words_id" not in vars(vectorizer):
        return NotImplemented
    make, args, state, *rest = vectorizer.__reduce_ex__(5)
    return (make, args, _without(state, "_stop_words_id"), *rest)


def _callbacks(registry: Any) -> Reduced:
    """A figure's callbacks: pickling them counts on."""
    own = vars(registry)
    kept = own["_pickled_cids"]
    state = {
        **{key: own[key] for key in sorted(own)},
        "callbacks": {
            signal: {cid: proxy() for cid, proxy in known.items() if cid in kept}
            for signal, known in own["callbacks"].items()
        },
        "_func_cid_map": None,
        "_cid_gen": max(kept, default=-1) + 1,
    }
    return (_new, (type(registry),), state)


def _artist(artist: Any) -> Reduced:
    """Whether an artist was drawn since it changed. One that was loaded is drawn anew."""
    make, args, state, *rest = (*artist.__reduce_ex__(5), None)[:4]
    if not isinstance(state, dict) or "_stale" not in state:
        return NotImplemented
    return (make, args, {**state, "_stale": True}, *rest)


def _without(state: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in state.items() if name != key}


def _new(cls: Any) -> Any:
    return cls.__new__(cls)


_BY_CLASS: dict[str, tuple[tuple[str, str, Callable[[Any], Reduced]], ...]] = {
    "networkx": (("networkx.classes.graph", "Graph", _networkx),),
    "sklearn": (
        ("sklearn.neighbors._kd_tree", "BinaryTree64", _search_tree),
        ("sklearn.neighbors._kd_tree", "BinaryTree32", _search_tree),
        ("sklearn.neighbors._ball_tree", "BinaryTree64", _search_tree),
        ("sklearn.neighbors._ball_tree", "BinaryTree32", _search_tree),
        ("sklearn.feature_extraction.text", "_VectorizerMixin", _text_features),
    ),
    "matplotlib": (
        ("matplotlib.cbook", "CallbackRegistry", _callbacks),
        ("matplotlib.artist", "Artist", _artist),
    ),
}


@functools.cache
def _way(kind: type) -> Callable[[Any], Reduced] | None:
    root = kind.__module__.split(".", 1)[0]
    for home, name, way in _BY_CLASS.get(root, ()):
        owner = getattr(sys.modules.get(home), name, None)
        if isinstance(owner, type) and issubclass(kind, owner):
            return way
    return None


def without_caches(obj: Any) -> Reduced:
    """How a library's value is written without its caches; NotImplemented where it has none."""
    kind = type(obj)
    if kind.__module__.startswith("pandas"):
        return _pandas(obj)
    if kind.__module__.split(".", 1)[0] not in _BY_CLASS:
        return NotImplemented
    way = _way(kind)  # type: ignore[arg-type]  # classes can be hashed
    return NotImplemented if way is None else way(obj)
