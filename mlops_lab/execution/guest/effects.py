"""What a step does outside its namespace: files, processes, connections.

Python's audit events tell most; native readers and writers raise none, so on Linux the project's
folders are watched by inotify as well.
"""

from __future__ import annotations

import functools
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .family import Family
from .modules import is_installed
from .opens import OwnOpens
from .store import digest_of
from .watch import FolderWatch

if TYPE_CHECKING:
    from .acts import Acts
    from .scouting import Scouting

_QUIET_ROOTS = (
    "/proc/",
    "/sys/",
    "/dev/",
    "/etc/",
    "/run/",
    "/usr/share/",
    "/usr/lib/",
    "/var/lib/",
)
_QUIET_PARTS = (
    "/__pycache__/", "/.mlops/", "/.git/", "/.ipython/", "/.ipynb_checkpoints/", "/.cache/",
    "/matplotlib/", "/.jupyter/", "/jupyter/runtime/", "/ipykernel_", "/.local/share/jupyter/",
)  # fmt: skip
ABSENT, FOLDER, LISTING = "absent", "folder", "names:"
CHANGED = "changed while it was read"
LARGE = 1 << 26
"""Files above so many bytes are digested once, when the segment has ended."""
_TOOLS = frozenset("lscpu uname ldconfig fc-list gcc cc ld objdump sysctl file nproc".split())
_WORKERS = ("joblib", "multiprocessing", "loky", "concurrent")


class Effects:
    """What happened since `clear`. Paths are absolute.

    In a scout `acts` says what is one, and `scouting` keeps the thread from it for ever. What a
    scout reads is known by what it was when it was first read, since home may write it meanwhile.
    """

    def __init__(
        self,
        ignore: list[str],
        watch: str | None,
        acts: Acts | None = None,
        scouting: Scouting | None = None,
        theirs: frozenset[str] = frozenset(),
    ) -> None:
        self._acts = acts
        self._scouting = scouting
        self._ignore = tuple(ignore)
        self._pid = os.getpid()
        self._busy = threading.local()
        self.on = False
        self._theirs = theirs
        self._watch = FolderWatch(watch, self._unseen) if watch else None
        self._own = OwnOpens(watch, self._unseen) if watch else None
        self._family = Family()
        self.clear()
        self._listen_to_stat()
        sys.addaudithook(self._hear)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """What this thread does in here is not the notebook's doing."""
        before = getattr(self._busy, "yes", False)
        self._busy.yes = True
        try:
            yield
        finally:
            self._busy.yes = before

    @contextmanager
    def loading(self) -> Iterator[None]:
        """What this thread reads in here the notebook didn't; foreign code may act even so."""
        if self._acts is None:
            with self.paused():
                yield
            return
        before = getattr(self._busy, "loads", False)
        self._busy.loads = True
        try:
            yield
        finally:
            self._busy.loads = before

    def clear(self) -> None:
        """Forget what happened so far, and listen."""
        self.reads: dict[str, str | None] = {}
        self.writes: set[str] = set()
        self.outside: list[str] = []
        self._marks: dict[str, Any] = {}
        if self._watch is not None:
            self._watch.drain()
        if self._own is not None:
            self._own.drain()

    def collect(self) -> tuple[dict[str, str], list[str], list[str]]:
        """Files read with their content's digest, files written, and what reached outside."""
        if self._watch is not None:
            self._take_note(*self._watch.drain())
        reads = {
            path: digest if digest is not None else self._state_since(path)
            for path, digest in self.reads.items()
        }
        return reads, sorted(self.writes), list(dict.fromkeys(self.outside))

    def _take_note(self, opened: set[str], written: set[str]) -> None:
        """What inotify saw; it can't tell who opened or wrote a file.

        A scout writes none, so home did, and what was read of such a file is uncertain. Which ones
        this process touched itself fanotify tells; where there is none, all that were opened count
        as read.
        """
        watch = self._own
        own = watch.drain() if watch is not None else set()
        told = watch is not None and watch.works  # not if it was told too much at once
        if self._acts is None:
            unsure = written - self.writes
            if watch is not None and told:
                mine = _mine(opened | written, own, watch)
                unsure -= mine
                if not self._family.children():
                    opened, written, unsure = opened & mine, written & mine, set()
            self._hold_fast(unsure)
            self.writes |= written
            opened -= self.writes
        elif told:
            opened = own
        for path in opened:
            changed = self._acts is not None and path in written
            self.reads.setdefault(path, CHANGED if changed else None)

    def _hold_fast(self, written: set[str]) -> None:
        """Somebody wrote these files, the notebook, its processes or somebody else.

        So a result counts only where they are as they were left: it overwrites none of them.
        """
        for path in written:
            known = self.reads.get(path, ABSENT)
            if known is not None and known != ABSENT:
                self.outside.append(f"{os.path.basename(path)}, which was changed meanwhile")
            elif path not in self.reads:
                self.reads[path] = state_of(path)

    def _first_look(self, path: str) -> str | None:
        """What is remembered of a file that is about to be read; None: its content at the end."""
        if self._acts is None:
            return None
        status = _status(path)
        if status is not None and status[1] > LARGE:
            self._marks[path] = status
            return None
        return state_of(path)

    def _state_since(self, path: str) -> str:
        """The state of a file that was read, if it still is what it was then."""
        if path in self._marks and _status(path) != self._marks[path]:
            return CHANGED
        return state_of(path)

    def _listen_to_stat(self) -> None:
        """`os.stat` raises no audit event; `exists`, `is_file` and the like go through it."""
        plain = os.stat

        @functools.wraps(plain)
        def stat(path: Any, *args: Any, **options: Any) -> os.stat_result:
            busy = getattr(self._busy, "yes", False) or getattr(self._busy, "loads", False)
            if self.on and not busy:
                self._hear_stat(path)
            return plain(path, *args, **options)

        stat.__module__, stat.__qualname__ = "os", "stat"
        os.stat = stat

    def _hear_stat(self, path: Any) -> None:
        caller = sys._getframe(2)
        if _is_import_system(caller):
            return
        if caller.f_code.co_name in ("makedirs", "mkdir") or (
            caller.f_back is not None and caller.f_back.f_code.co_name in ("makedirs", "mkdir")
        ):
            return  # whether the folder exists already makes no difference there
        self._busy.yes = True
        try:
            full = self._path(path)
            if full is not None and full not in self.writes and full not in self.reads:
                self.reads[full] = state_of(full)
        except (OSError, ValueError, TypeError):
            pass
        finally:
            self._busy.yes = False

    # -- audit events -----------------------------------------------------------------------------

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        if not self.on or getattr(self._busy, "yes", False):
            return
        handler = _EVENTS.get(event)
        if (handler is None and self._acts is None) or os.getpid() != self._pid:
            return
        self._busy.yes = True
        try:
            if self._acts is not None and (what := self._acts.told(event, args)) is not None:
                self.act(what)
            elif handler is not None and not getattr(self._busy, "loads", False):
                handler(self, *args)
        except (OSError, ValueError, TypeError):
            pass  # an odd path: the call itself will say so
        finally:
            self._busy.yes = False

    def act(self, what: str) -> None:
        """The notebook is about to do that outside; "" where it doesn't matter."""
        if self._scouting is None:
            self.outside += [what] if what else []
        elif what:
            self._scouting.acts(what)

    def announce(self, what: str) -> None:
        """Native code is about to do that outside."""
        if self.on and not getattr(self._busy, "yes", False):
            with self.paused():
                self.act(what)

    def announce_file(self, path: str, flags: int) -> None:
        """Native code is about to open a file or look at a folder, as `os.open` would."""
        looks = not flags and os.path.isdir(path)
        self._hear("os.listdir", (path,)) if looks else self._hear("open", (path, None, flags))

    def _unseen(self, path: str) -> bool:
        """Whether that somebody touches a file says nothing of the notebook."""
        return path in self._theirs or self._quiet(path)

    def _path(self, path: Any) -> str | None:
        if isinstance(path, int) or path is None:
            return None
        full = os.path.abspath(os.fsdecode(path))
        return None if self._quiet(full) else full

    def _quiet(self, path: str) -> bool:
        return (
            path.startswith(_QUIET_ROOTS)
            or path.startswith(self._ignore)
            or any(part in path + "/" for part in _QUIET_PARTS)
            or is_installed(path)
        )

    def _open(self, path: Any, mode: Any, flags: int) -> None:
        full = self._path(path)
        if full is None:
            return
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND):
            keeps = not flags & os.O_TRUNC
            if full not in self.writes and (keeps or self.reads.get(full, "") is None):
                self.reads[full] = state_of(full)
            self.writes.add(full)
        elif full not in self.writes and full not in self.reads:
            self.reads[full] = self._first_look(full)

    def _look_at(self, path: Any = None, *_: Any) -> None:
        if _is_import_system(sys._getframe(2)):
            return
        full = self._path("." if path is None else path)
        if full is not None and not any(os.path.dirname(w) == full for w in self.writes):
            if not (self.reads.get(full) or "").startswith(LISTING):
                self.reads[full] = listing_of(full)

    def _make_folder(self, path: Any, *_: Any) -> None:
        full = self._path(path)
        if full is None:
            return
        caller: Any = sys._getframe(2)
        careless = caller.f_locals.get("exist_ok") and self._acts is None
        if not careless and full not in self.writes:
            self.reads.setdefault(full, state_of(full))
        if not os.path.isdir(full):
            self.writes.add(full)

    def _change(self, path: Any, folder: Any = -1, *_: Any) -> None:
        if isinstance(folder, int) and folder != -1:
            path = os.path.join(os.readlink(f"/proc/self/fd/{folder}"), os.fsdecode(path))
        full = self._path(path)
        if full is not None:
            if full not in self.writes and full not in self.reads:
                self.reads[full] = state_of(full)
            self.writes.add(full)

    def _move(self, source: Any, target: Any, *_: Any) -> None:
        full, to = self._path(source), self._path(target)
        if full is not None and full not in self.writes:
            self.reads.setdefault(full, state_of(full))
        self.writes.update(path for path in (full, to) if path is not None)

    def _process(self, program: Any, arguments: Any = None, *_: Any) -> None:
        self._family.had = True
        name = program_name(program, arguments)
        if name.split(" ")[0] not in _TOOLS and not _called_by(_WORKERS):
            self.outside.append(f"process {name}")

    def _system(self, command: Any, *_: Any) -> None:
        self._family.had = True
        self.outside.append("process sh")

    def _fork(self, *_: Any) -> None:
        self._family.had = True
        if not _called_by(_WORKERS):
            self.outside.append("process fork")

    def _connect(self, socket: Any, address: Any, *_: Any) -> None:
        if isinstance(address, tuple) and not _called_by(("mlflow",)):
            self.outside.append(f"connection {address[0]}:{address[1]}")

    def _database(self, path: Any, *_: Any) -> None:
        caller = sys._getframe(2).f_globals.get("__name__", "")
        if str(path) in (":memory:", "") or caller.startswith("IPython."):
            return  # the latter keeps its history; every cell's code is called by it somehow
        if not _called_by(("mlflow",)):
            self.outside.append(f"database {os.path.basename(str(path))}")


_EVENTS: dict[str, Any] = {
    "open": Effects._open,
    "os.listdir": Effects._look_at,
    "os.scandir": Effects._look_at,
    "os.remove": Effects._change,
    "os.rmdir": Effects._change,
    "os.mkdir": Effects._make_folder,
    "os.rename": Effects._move,
    "os.link": Effects._move,
    "os.symlink": Effects._move,
    "subprocess.Popen": Effects._process,
    "os.posix_spawn": Effects._process,
    "os.exec": Effects._process,
    "os.system": Effects._system,
    "os.fork": Effects._fork,
    "os.forkpty": Effects._fork,
    "socket.connect": Effects._connect,
    "sqlite3.connect": Effects._database,
}


def program_name(program: Any, arguments: Any) -> str:
    """What a process is called that is about to be started."""
    words = arguments if isinstance(arguments, (list, tuple)) else [arguments or program]
    return os.path.basename(os.fsdecode(words[0] or program or "")) if words else ""


def _mine(paths: set[str], own: set[str], watch: OwnOpens) -> set[str]:
    """Those that this process touched itself; in a folder that it made, all."""
    mine = set()
    for path in paths:
        made, folder = "", os.path.dirname(path)
        while not watch.knows(folder) and folder != os.path.dirname(folder):
            made, folder = folder, os.path.dirname(folder)
        if path in own or made in own:
            mine.add(path)
    for folder in {*map(os.path.dirname, paths)}:
        if not watch.knows(folder):
            watch.add(folder)
    return mine


def _status(path: str) -> tuple[int, int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _is_import_system(frame: Any) -> bool:
    """Whether Python looks for modules or packages; those that it finds are looked after."""
    while frame is not None and frame.f_globals.get("__name__") in ("posixpath", "genericpath"):
        frame = frame.f_back
    name = frame.f_globals.get("__name__", "") if frame is not None else ""
    return name.split(".")[0] in ("importlib", "pkgutil", "pkg_resources", "site", "linecache")


def _called_by(packages: tuple[str, ...]) -> bool:
    frame: Any = sys._getframe(3)
    while frame is not None:
        if frame.f_globals.get("__name__", "").split(".")[0] in packages:
            return True
        frame = frame.f_back
    return False


def state_of(path: str) -> str:
    """What is at a path: the content's digest, a folder, or nothing."""
    try:
        if os.path.isdir(path):
            return FOLDER
        with open(path, "rb") as file:
            return digest_of(file.read())
    except OSError:
        return ABSENT


def listing_of(path: str) -> str:
    """Which names a folder holds, as a digest."""
    try:
        names = sorted(n for n in os.listdir(path) if not n.startswith("."))
    except OSError:
        return ABSENT
    return LISTING + digest_of("\0".join(names).encode())


def state_like(path: str, recorded: str) -> str:
    """What is at a path now, told in the way of an earlier look."""
    return listing_of(path) if recorded.startswith(LISTING) else state_of(path)
