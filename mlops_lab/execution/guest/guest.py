"""The guest's verbs: what the driver asks of a worker's kernel around each segment."""

from __future__ import annotations

import importlib.metadata
import platform
import sys
import types
from pathlib import Path
from typing import Any

from .definitions import DEFINITIONS
from .effects import ABSENT, Effects, state_of
from .imports import ImportWatch
from .metrics import metrics_of
from .modules import Patches, is_installed, local_files
from .namespace import Namespace
from .pickling import EVERYTHING, bind_to
from .settings import Surroundings, known_generators, known_settings
from .store import Damaged, Store, digest_of
from .units import MAPPED, Unit, group, take

PROCESS = "@process"


class Guest:
    """One kernel's: its namespace, its definitions, what it watches."""

    def __init__(self, shell: Any, config: dict[str, Any], folder: Path) -> None:
        self.shell = shell
        self.store = Store(folder, bytes.fromhex(config["key"]))
        self.secrets = [s.encode() for s in config.get("secrets", ())]
        self.names = Namespace(shell, self._bring)
        self.hidden: dict[str, tuple[tuple[str, ...], str]] = {}
        self.held: dict[str, Any] = {}
        self.lost: dict[str, str] = {}
        self.settings = known_settings(shell)
        self.start = {s.name: s.get() for s in self.settings if s.present()}
        self.base = {name: self._mark(value) for name, value in self.start.items()}
        self.generators = known_generators()
        for generator in self.generators:
            generator.begin()
        self.furniture = frozenset(_installed_roots())
        self.patches = Patches()
        ImportWatch(self._imported, frozenset(g.module for g in self.generators))
        self.surroundings = Surroundings()
        self.effects = Effects(config.get("ignore", []), config.get("watch"))
        self.before: dict[str, int] = {}
        self.pinned: list[str] = []
        DEFINITIONS.fetch = self._fetch
        compiler: Any = sys.modules["ipykernel.compiler"]
        bind_to(shell.user_ns, compiler.get_tmp_directory() + "/")
        self._rest()

    def introduce(self) -> dict[str, Any]:
        """What this kernel is."""
        return {"python": f"{platform.python_implementation()} {platform.python_version()} "
                          f"{sys.platform} {platform.machine()}"}  # fmt: skip

    def _imported(self, module: types.ModuleType) -> None:
        """Remember what a module is like before the notebook gets its hands on it."""
        if not module.__name__.startswith("_"):
            self.patches.look([module])
        for generator in self.generators:
            if generator.module == module.__name__:
                generator.begin()

    # -- before a segment -------------------------------------------------------------------------

    def prepare(
        self,
        hide: list[list[Any]],
        drop: list[str],
        bind: list[str],
        settings: dict[str, str],
        count: int | None = None,
        cells: list[list[Any]] = (),  # type: ignore[assignment]
        everything: bool = False,
        modules: list[str] = (),  # type: ignore[assignment]
        births: list[str] = (),  # type: ignore[assignment]
    ) -> dict[str, str]:
        """Make the namespace what it is after all segments above; the names that were lost.

        `hide` lists units made elsewhere (names, artifact); `settings` maps hidden names to
        artifacts; `count` is the execution count that the next cell gets; `cells` are sources of
        cells that did not run here, with their counts.
        """
        self.lost = {}
        self.effects.on = False
        DEFINITIONS.taken.update(births)
        self.names.drop(drop)
        for names, artifact in hide:
            for name in names:
                self.hidden[name] = (tuple(names), artifact)
            self.names.hide(names)
        for source, number in cells:
            self._remember(source, number)
        for name in bind:
            if name in self.hidden:
                self._try(name)
        for name, artifact in settings.items():
            try:
                self._restore(name, artifact)
            except Exception as error:  # loading runs foreign code
                self.lost[name] = f"{type(error).__name__}: {error}"
        if everything:
            for name in [name for name in self.hidden if not name.startswith("@")]:
                self._try(name)
        if count is not None:
            self.shell.execution_count = count
        self.names.arm()
        self.patches.look(self._modules(list(modules) + bind))
        self._rest()
        return self.lost

    def _rest(self) -> None:
        """From here on, what happens is the notebook's doing."""
        self.names.demanded.clear()
        self.before = {name: id(self.names.names[name]) for name in self.names.user_names()}
        self.effects.clear()
        self.effects.on = True

    def _remember(self, source: str, number: int) -> None:
        transformed = self.shell.transform_cell(source)
        self.shell.compile.cache(transformed, number, raw_code=source)
        history = self.shell.history_manager
        while len(history.input_hist_parsed) <= number:
            history.input_hist_parsed.append("")
            history.input_hist_raw.append("")
        history.input_hist_parsed[number] = transformed.rstrip("\n")
        history.input_hist_raw[number] = source.rstrip("\n")

    def _try(self, name: str) -> None:
        try:
            self._bring(name)
        except Exception as error:  # loading runs foreign code
            self.lost[name] = f"{type(error).__name__}: {error}"

    def _bring(self, name: str) -> None:
        if name not in self.hidden:
            return
        unit = names, artifact = self.hidden[name]
        if not artifact:
            self.lost[name] = "it lives in another kernel only"
            raise Damaged(name, "kept in another kernel only")
        members = [member for member in names if self.hidden.get(member) == unit]
        for member in members:
            del self.hidden[member]
            self.names.hidden.discard(member)
        listening, self.effects.on = self.effects.on, False
        try:
            value = self._load(artifact)
        except Exception as error:
            for member in members:
                self.hidden[member] = unit
                self.names.hidden.add(member)
            self.lost[name] = f"{type(error).__name__}: {error}"
            raise
        finally:
            self.effects.on = listening
        if name.startswith("@"):
            self.held[name] = value  # what refers to it by its id may come later
        else:
            for member in members:
                self.names.names[member] = value[member] if len(names) > 1 else value

    def _fetch(self, name: str) -> None:
        self._bring(name)

    def _load(self, artifact: str) -> Any:
        import pickle

        stream, buffers = self.store.get(artifact)
        return pickle.loads(stream, buffers=buffers)  # its keyed digest was checked by the store

    def _restore(self, name: str, artifact: str) -> None:
        """Put a setting as a segment left it; back to where it began where there is no artifact."""
        for setting in self.settings:
            if setting.name == name:
                if setting.module:
                    __import__(setting.module)
                setting.put(self._load(artifact) if artifact else self.start.get(name, {}))
        for generator in self.generators:
            if generator.name == name:
                generator.restore(self._load(artifact))

    # -- after a segment --------------------------------------------------------------------------

    def observe(
        self,
        touched: list[str],
        everything: bool = False,
        store: bool = True,
        modules: list[str] = (),  # type: ignore[assignment]
        metrics: list[str] = (),  # type: ignore[assignment]
        stores: list[str] = (),  # type: ignore[assignment]
    ) -> dict[str, Any]:
        """What the segment left: units that it touched, names deleted, settings, files."""
        reads, writes, outside = self.effects.collect()
        self.effects.on = False
        now = self.names.user_names()
        names = self.names.names
        for name in [name for name in self.hidden if name in names]:
            del self.hidden[name]
            self.names.hidden.discard(name)
        fresh = [n for n in now if self.before.get(n) != id(names[n])]
        asked = set(now) if everything else set(touched) & (set(now) | DEFINITIONS.taken)
        asked |= {*fresh, *(self.names.demanded & set(now))}
        units = self._units(asked, now)
        if any(unit.live == MAPPED for unit in units):
            outside.append("a mapped file")
        answer = {
            "units": [self._answer(unit, store) for unit in units],
            "fresh": fresh,
            "deleted": [n for n in self.before if n not in names and n not in self.names.hidden],
            "demanded": sorted(self.names.demanded),
            "lost": self.lost,
            "settings": self._settings(store),
            "files": reads,
            "written": self._written(reads, writes, store),
            "outside": outside,
            "process": self._patched(stores) + self._process(modules),
            "tracked": self._tracked(),
            "packages": self._packages(modules),
            "metrics": {k: v for s in metrics for k, v in metrics_of(s, names).items()},
            "count": self.shell.execution_count,
        }
        self._rest()
        return answer

    def _units(self, asked: set[str], now: list[str]) -> list[Unit]:
        names = self.names.names
        shots: dict[str, Any] = {}
        values: dict[str, Any] = {}
        ahead = sorted(asked)
        while ahead:
            name = ahead.pop(0)
            if name in shots:
                continue
            value = DEFINITIONS.known(name) if name.startswith("@") else names.get(name)
            if value is None and (name.startswith("@") or name not in names):
                continue
            values[name] = value
            shots[name] = take(name, value)
            ahead += sorted(
                ref for ref in shots[name].refs
                if ref not in shots and (ref.startswith("@") or ref in now)
            )  # fmt: skip
            if EVERYTHING in shots[name].refs:
                ahead += now
        return group(list(shots.values()), values)

    def _answer(self, unit: Unit, store: bool) -> dict[str, Any]:
        body: dict[str, Any] = {
            "names": unit.names,
            "digest": unit.digest,
            "refs": sorted(unit.refs),
            "live": unit.live,
        }
        if unit.digest is None:
            return body
        if any(self._tells(secret, unit) for secret in self.secrets):
            body["live"] = "it holds a secret"
            body["digest"] = self.store.seal(unit.digest)
        elif store:
            if not self.store.has(unit.digest):
                body["size"] = self.store.put(unit.stream, unit.buffers, unit.digest)
            body["artifact"] = unit.digest
        if len(unit.names) == 1 and not body["live"]:
            body["preview"] = _preview(self.names.names.get(unit.names[0]))
        return body

    def _tells(self, secret: bytes, unit: Unit) -> bool:
        return secret in unit.stream or any(secret in bytes(b.raw()) for b in unit.buffers)

    def _settings(self, store: bool) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for setting in self.settings:
            if not setting.present():
                continue
            value = setting.get()
            mark = self._mark(value)
            if setting.name not in self.base and setting.module == "numpy":
                self.base[setting.name] = mark if not _numpy_changed(value) else ""
            elif setting.name not in self.base:
                self.base[setting.name] = self._mark({} if setting.module != "sklearn" else value)
            if mark == self.base[setting.name]:
                found[setting.name] = None
            else:
                found[setting.name] = self._keep(value, store)
        for generator in self.generators:
            if generator.look():
                kept = self._keep(generator.last, store) if generator.seeded else None
                found[generator.name] = kept or {"digest": "unseeded", "artifact": None}
        return found

    def _keep(self, value: Any, store: bool) -> dict[str, Any]:
        shot = take("", value)
        if shot.live:
            return {"digest": None, "artifact": None, "live": shot.live}
        unit = group([shot], {"": value})[0]
        if unit.digest and store and not self.store.has(unit.digest):
            self.store.put(unit.stream, unit.buffers, unit.digest)
        return {"digest": unit.digest, "artifact": unit.digest if store else None}

    def _mark(self, value: Any) -> str:
        shot = take("", value)
        return shot.live or digest_of(shot.stream)

    def _written(
        self, reads: dict[str, str], writes: list[str], store: bool
    ) -> dict[str, str | None]:
        kept: dict[str, str | None] = {}
        for path in writes:
            state = state_of(path)
            if state == ABSENT:
                if reads.get(path) != ABSENT:
                    kept[path] = None
            elif len(state) == 32 and store:
                kept[path] = self.store.put_file(Path(path))
            else:
                kept[path] = state
        return kept

    def _patched(self, stores: list[str]) -> list[str]:
        """Which of these `a.b.c = …` set an attribute of a module, or of a library's class."""
        found = []
        for target in stores:
            root, *path = target.split(".")
            owner: Any = self.names.names.get(root)
            for part in path[:-1]:
                owner = getattr(owner, part, None)
            library = isinstance(owner, type) and owner.__module__ not in ("__main__", None)
            if isinstance(owner, types.ModuleType) or (library and not _is_dynamic(owner)):
                found.append(target)
        return found

    def _tracked(self) -> list[dict[str, Any]]:
        tracking = sys.modules.get("_mlops_tracking")
        return tracking.logged() if tracking is not None else []

    def _process(self, modules: list[str]) -> list[str]:
        changed = self.patches.look(self._modules(list(modules)))
        return changed + self.surroundings.look()

    def _modules(self, names: list[str]) -> list[types.ModuleType]:
        """The modules that a segment can reach by name, and those they belong to."""
        found: dict[str, types.ModuleType] = {}
        for name in names:
            value = self.names.names.get(name)
            title = value.__name__ if isinstance(value, types.ModuleType) else name
            owner = getattr(value, "__module__", None)
            for module in (title, title.split(".")[0], owner):
                known = sys.modules.get(module) if isinstance(module, str) else None
                if isinstance(known, types.ModuleType) and module != "__main__":
                    found[known.__name__] = known
        return list(found.values())

    def _packages(self, modules: list[str]) -> dict[str, str]:
        """What is loaded beyond the kernel's own needs, with versions; project modules too."""
        roots = [r for r in _installed_roots() if r not in self.furniture or r in modules]
        return {
            **dict(filter(all, map(_distribution, roots))),
            **{f"file:{path}": state_of(path) for path in local_files()},
        }

    # -- at the end -------------------------------------------------------------------------------

    def settle(self) -> bool:
        """Wait until all that was stored is on disk."""
        self.store.settle()
        return True

    def metrics(self, sources: list[str]) -> dict[str, float]:
        """The numbers that metrics cells show."""
        return {k: v for s in sources for k, v in metrics_of(s, self.names.names).items()}


_roots: dict[str, bool] = {}
_versions: dict[str, tuple[str, str]] = {}
_NAMES = {
    "sklearn": "scikit-learn",
    "PIL": "pillow",
    "dateutil": "python-dateutil",
    "yaml": "PyYAML",
    "mpl_toolkits": "matplotlib",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
}


def _installed_roots() -> list[str]:
    """The installed packages that are loaded, Python's own modules aside."""
    found = []
    for name in {name.split(".")[0] for name in list(sys.modules)}:
        if name not in _roots:
            path = getattr(sys.modules.get(name), "__file__", None) or ""
            _roots[name] = "-packages" in path and is_installed(path)
        if _roots[name]:
            found.append(name)
    return found


def _distribution(module: str) -> tuple[str, str]:
    """Which package a module belongs to, and its version."""
    if module not in _versions:
        name = _NAMES.get(module, module)
        try:
            _versions[module] = name, importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            owners = importlib.metadata.packages_distributions().get(module, [])
            own = [(owner, importlib.metadata.version(owner)) for owner in owners[:1]]
            _versions[module] = own[0] if own else ("", "")
    return _versions[module]


def _numpy_changed(value: Any) -> bool:
    printing, errors = value["print"], value["err"]
    usual = {"edgeitems": 3, "threshold": 1000, "linewidth": 75, "precision": 8, "suppress": False}
    return any(printing.get(k) != v for k, v in usual.items()) or errors != {
        "divide": "warn", "over": "warn", "under": "ignore", "invalid": "warn"
    }  # fmt: skip


def _is_dynamic(cls: type) -> bool:
    return "<locals>" in cls.__qualname__


def _preview(value: Any) -> str:
    if isinstance(value, (bool, int, float, str, type(None))):
        text = repr(value)
        return text if len(text) <= 60 else text[:57] + "…"
    return ""
