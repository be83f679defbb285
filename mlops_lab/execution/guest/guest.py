"""The guest's verbs: what the driver asks of a worker's kernel around each segment."""

from __future__ import annotations

import importlib.util
import platform
import sys
import tempfile
import types
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from .acts import Acts, places
from .definitions import DEFINITIONS
from .effects import Effects
from .generators import known_generators
from .imports import ImportWatch
from .landlock import confine
from .loading import HERE, load
from .memory import memory, offer_to_the_killer
from .metrics import metrics_of
from .modules import Patches, is_library, patched
from .namespace import Namespace
from .natives import TABLE, Natives
from .packages import Packages
from .pickling import EVERYTHING, ITERATED
from .scouting import Scouting
from .settings import Settings
from .store import Store
from .surroundings import Surroundings
from .telling import Telling
from .units import MAPPED, Shot, Unit, group, take
from .usage import Usage

Answer = dict[str, Any]
Told = tuple[list[str], str | None, list[str]]
PLACES = ("@environ", "@cwd", "@sys.path")
"""The settings that say where modules are found."""


class Guest:
    """One kernel's: its namespace, its definitions, what it watches."""

    def __init__(self, shell: Any, config: dict[str, Any], folder: Path) -> None:
        self.shell = shell
        self.store = Store(folder, bytes.fromhex(config["key"]))
        self.telling = Telling(self.store, config.get("secrets", []))
        self.scouting = Scouting(shell) if config.get("scout") else None
        self.names = Namespace(shell, self._load, self.scouting)
        self.settings = Settings(shell)
        self.generators = known_generators()
        self.packages = Packages()
        self.patches = Patches()
        self.surroundings = Surroundings()
        self.usage = Usage(lowers=config.get("lowers_peak", False))
        self.effects = self._effects(config, folder)
        for generator in self.generators:
            generator.begin()
        self.natives = Natives(self.effects, TABLE) if self.scouting is not None else None
        watched = self.settings.modules() | {generator.module for generator in self.generators}
        watched |= self.natives.modules if self.natives is not None else frozenset()
        ImportWatch(self._imported, watched)
        DEFINITIONS.fetch = self.names.bring
        compiler: Any = sys.modules["ipykernel.compiler"]
        HERE.namespace = shell.user_ns
        HERE.cells = compiler.get_tmp_directory() + "/"
        tracking = sys.modules.get("_mlops_tracking")
        if self.scouting is not None and tracking is not None:
            scouting = self.scouting
            plain = config.get("logs_plainly", False)
            tracking.keep_from(scouting.acts, lambda: scouting.at_work, plain=plain)
        self._begin()

    def _effects(self, config: dict[str, Any], store: Path) -> Effects:
        """What is seen of the notebook's doings; in a scout what it must not do as well."""
        tempfile.gettempdir()  # tries at its first call whether it can write there
        ignore, watch = config.get("ignore", []), config.get("watch")
        theirs = frozenset(config.get("theirs", ()))
        if self.scouting is None:
            return Effects(ignore, watch, theirs=theirs)
        offer_to_the_killer()
        ipykernel: Any = sys.modules["ipykernel"]
        sockets = Path(ipykernel.get_connection_file()).parent
        store.mkdir(mode=0o700, parents=True, exist_ok=True)
        acts = Acts(places(store, sockets, Path.cwd()))
        confine(acts.places)
        return Effects(ignore, watch, acts, self.scouting, theirs)

    def introduce(self) -> Answer:
        """What this kernel is."""
        kind, version = platform.python_implementation(), platform.python_version()
        return {"python": f"{kind} {version} {sys.platform} {platform.machine()}"}

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """What this thread does in here is the guest's doing, not the notebook's."""
        with self.effects.paused(), self.scouting.work() if self.scouting else nullcontext():
            yield

    def _imported(self, module: types.ModuleType) -> None:
        """Remember what a module is like before the notebook gets its hands on it."""
        if self.natives is not None:
            self.natives.hook(module)
        if not module.__name__.startswith("_"):
            self.patches.look([module])
        self.settings.begin(module.__name__)
        for generator in self.generators:
            if generator.module == module.__name__:
                generator.begin()

    def _begin(self) -> None:
        """From here on, what happens is the notebook's doing."""
        self.names.begin()
        self.effects.clear()
        self.effects.on = True
        self.usage.begin()

    def _load(self, artifact: str) -> Any:
        with self.effects.loading():
            stream, buffers = self.store.get(artifact)
            return load(stream, buffers)  # its keyed digest is right

    # -- before a segment -----------------------------------------------------------------------

    def prepare(
        self,
        *,
        hide: list[Told],
        drop: list[str],
        bind: list[str],
        settings: dict[str, str],
        cells: list[tuple[str, int]],
        count: int,
        everything: bool,
        modules: list[str],
        births: list[str],
    ) -> dict[str, str]:
        """Make the namespace what it is after all segments above; the names that were lost.

        `hide` lists units made elsewhere: names and artifact, empty where they can't be had here,
        None where they are still to be made; then the names that still mean what the unit holds.
        `bind` are names to be brought now, those still to be made aside. `settings` maps hidden
        names to artifacts. `cells` are sources of cells that did not run here, with their
        execution counts; `count` is the one that the next cell gets. `births` are ids of
        definitions that are taken.
        """
        self.names.lost = {}
        DEFINITIONS.taken.update(births)
        self.names.drop(drop)
        for names, artifact, current in hide:
            self.names.hide((tuple(names), artifact), current)
        for source, number in cells:
            self._remember(source, number)
        # Modules that values bring along are looked for where the notebook has said; what importing
        # them sets is put right afterwards.
        self._restore_all({name: settings[name] for name in PLACES if name in settings})
        self.names.bring_all(bind)
        self._restore_all(settings)
        if everything:
            self.names.bring_all(self.names.plain_hidden())
        self.shell.execution_count = count
        self.names.arm()
        self.patches.look(self._modules([*modules, *bind]))
        self._begin()
        return self.names.lost

    def learn_modules(self, names: list[str]) -> bool:
        """Import the libraries that the notebook has imported elsewhere, as far as they can be."""
        with self.at_work():
            for name in names:
                spec = None
                try:
                    spec = importlib.util.find_spec(name.partition(".")[0])
                    if spec is not None and is_library(spec.origin or "/"):
                        importlib.import_module(name)
                except Exception:  # noqa: S112  # whoever needs it will be told
                    continue
        return True

    def log_params(self, params: dict[str, str]) -> bool:
        """Let tracking know what steps that ran elsewhere have logged: it refuses second values."""
        with self.at_work():
            sys.modules["_mlops_tracking"].log_params(params)
        return True

    def _remember(self, source: str, number: int) -> None:
        """Let tracebacks and `In` know a cell that ran elsewhere."""
        transformed = self.shell.transform_cell(source)
        self.shell.compile.cache(transformed, number, raw_code=source)
        history = self.shell.history_manager
        missing = [""] * (number + 1 - len(history.input_hist_parsed))
        history.input_hist_parsed += missing
        history.input_hist_raw += missing
        history.input_hist_parsed[number] = transformed.rstrip("\n")
        history.input_hist_raw[number] = source.rstrip("\n")

    def _restore_all(self, settings: dict[str, str]) -> None:
        for name, artifact in settings.items():
            try:
                self._restore(name, artifact)
            except Exception as error:  # loading runs foreign code
                self.names.lost[name] = f"{type(error).__name__}: {error}"

    def _restore(self, name: str, artifact: str) -> None:
        """Put a setting or generator as a segment left it; no artifact: as it began."""
        self.settings.restore(name, (self._load(artifact),) if artifact else ())
        for generator in self.generators:
            if generator.name == name and artifact:
                generator.restore(self._load(artifact))

    # -- after a segment ------------------------------------------------------------------------

    def observe(
        self,
        *,
        touched: list[str],
        everything: bool = False,
        store: bool = True,
        modules: list[str] | None = None,
        metrics: list[str] | None = None,
        stores: list[str] | None = None,
        mark: str = "",
    ) -> Answer:
        """What the segment left: units that it touched, names deleted, settings, files.

        `touched` are the names whose values it may have changed, `modules` those that it may have
        patched, `metrics` sources whose numbers are metrics, `stores` the dotted names that its
        code sets. `mark` goes into the ids of definitions that are first seen now. In the answer,
        `waited` are the seconds that cells waited for pending names, and `used` says what they took
        of memory and processor time.
        """
        used = self.usage.look()
        DEFINITIONS.mark = mark
        if self.scouting is not None and self.scouting.ended:
            raise RuntimeError(f"the attempt had to end: {self.scouting.ended}")
        reads, writes, outside = self.effects.collect()
        names = self.names.names
        now = self.names.users()
        fresh, deleted = self.names.changes(now)
        here = set(now) | DEFINITIONS.taken
        asked = set(now) if everything else here & {*touched, *fresh, *self.names.demanded}
        units = self._units(asked, now)
        if any(unit.live == MAPPED for unit in units):
            outside.append("a mapped file")
        iterated = ["an array by an iterator"] if any(u.live == ITERATED for u in units) else []
        tracking = sys.modules.get("_mlops_tracking")
        answer = {
            "units": [
                self.telling.unit(unit, names.get(unit.names[0], ...), store=store)
                for unit in units
            ],
            "fresh": fresh,
            "deleted": deleted,
            "demanded": sorted(self.names.demanded),
            "lost": self.names.lost,
            "settings": self._settings(store),
            "files": reads,
            "written": self.telling.written(reads, writes, store=store),
            "outside": outside,
            "process": [
                *iterated,
                *patched(stores or [], names),
                *self.patches.look(self._modules(modules or [])),
                *self.surroundings.look(),
            ],
            "tracked": tracking.logged() if tracking is not None else [],
            "packages": self.packages.loaded(modules or []),
            "metrics": {k: v for text in metrics or [] for k, v in metrics_of(text, names).items()},
            "count": self.shell.execution_count,
            "waited": self.names.waited,
            "used": used,
        }
        self._begin()
        return answer

    def looked(self) -> dict[str, str]:
        """The files that the running cell has read so far, as it found them."""
        return {path: mark for path, mark in list(self.effects.reads.items()) if mark}

    def _units(self, asked: set[str], now: list[str]) -> list[Unit]:
        """The units of these names, and of what the code inside their values looks up."""
        names = self.names.names
        shots: dict[str, Shot] = {}
        values: dict[str, Any] = {}
        ahead = sorted(asked)
        while ahead:
            name = ahead.pop(0)
            value = DEFINITIONS.known(name) if name.startswith("@") else names.get(name)
            if name in shots or (value is None and name not in names):
                continue
            values[name] = value
            shots[name] = shot = take(name, value)
            ahead += sorted(ref for ref in shot.refs if ref.startswith("@") or ref in names)
            ahead += now if EVERYTHING in shot.refs else []
        return group(list(shots.values()), values)

    def _settings(self, store: bool) -> Answer:
        found: Answer = {}
        for name, value, changed in self.settings.look():
            found[name] = self.telling.hidden(value, store=store) if changed else None
        for generator in self.generators:
            if generator.look():
                unseeded = {"digest": "unseeded", "artifact": None}
                seeded = generator.seeded
                found[generator.name] = (
                    self.telling.hidden(generator.last, store=store) if seeded else unseeded
                )
        return found

    def _modules(self, names: list[str]) -> list[types.ModuleType]:
        """The modules that a segment can reach by these names, and those they belong to."""
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

    # -- beside a running cell -------------------------------------------------------------------

    def deliver(self, *, units: list[Told], gone: list[str]) -> None:
        """These units are to be had now; `gone` are names that turned out not to exist."""
        told = [((tuple(names), artifact), current) for names, artifact, current in units]
        self.names.deliver(told, gone)

    def memory(self) -> dict[str, int]:
        """Bytes that this kernel has to itself (`own`), and that its machine has left (`free`)."""
        return memory()

    # -- at the end -----------------------------------------------------------------------------

    def settle(self) -> bool:
        """Wait until all that was stored is on disk."""
        self.store.settle()
        return True
