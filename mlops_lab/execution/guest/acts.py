"""What counts as an act on the outside in a scout, and where it may write all the same.

Stricter than what home takes note of: what home can afford to overlook, because it happens there
once and in order, a scout would do early, or do in vain.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .effects import program_name
from .modules import is_library

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_TOOLS = frozenset("lscpu uname ldconfig fc-list objdump sysctl file nproc".split())
"""Programs that libraries ask about the machine and that write nothing."""


def places(store: Path, sockets: Path, work: Path) -> list[str]:
    """Folders where a scout may write: our own, caches whose content changes no result, devices.

    Temporary folders are not among them: who knows the name of a file there sees it. None holds
    the notebook's own folder, `work`.
    """
    home = Path.home()
    cache = os.environ.get("XDG_CACHE_HOME") or home / ".cache"
    config = os.environ.get("XDG_CONFIG_HOME") or home / ".config"
    fonts = os.environ.get("MPLCONFIGDIR") or Path(config) / "matplotlib"
    known = [store, sockets, cache, fonts, home / ".nv", home / "Library/Caches", "/dev", "/proc"]
    real = [os.path.realpath(place) for place in known]
    own = os.path.realpath(work)
    return [place for place in real if not (own + os.sep).startswith(place + os.sep)]


class Acts:
    """Tells which audit events announce an act."""

    def __init__(self, places: list[str]) -> None:
        self.places = places
        self._under = tuple(place + os.sep for place in places)

    def told(self, event: str, args: tuple[Any, ...]) -> str | None:
        """What the event is about to do outside; "" where that is allowed, None where nothing."""
        rule = _RULES.get(event)
        return None if rule is None else rule(self, *args)

    def allows(self, path: str) -> bool:
        """Whether that may be written."""
        return os.path.realpath(path).startswith(self._under) or "__pycache__" in Path(path).parts

    def _file(self, path: Any, folder: Any = -1, *_: Any) -> str | None:
        if path is None:
            return None
        if isinstance(path, int):
            path = os.readlink(f"/proc/self/fd/{path}")
        elif isinstance(folder, int) and folder != -1:
            path = os.path.join(os.readlink(f"/proc/self/fd/{folder}"), os.fsdecode(path))
        full = os.path.abspath(os.fsdecode(path))
        return "" if self.allows(full) else f"file {_short(full)}"

    def _touch(self, path: Any, *_: Any) -> str | None:
        return self._file(path)

    def _open(self, path: Any, mode: Any, flags: int) -> str | None:
        if isinstance(path, int) or not flags & _WRITING:
            return None
        return self._file(path)

    def _make_folder(self, path: Any, mode: Any = 0, folder: Any = -1) -> str | None:
        if folder == -1 and os.path.isdir(path):
            return None  # it fails, as it will at home
        told = self._file(path, folder)
        return told and told.replace("file", "folder", 1)

    def _move(self, source: Any, target: Any, *folders: Any) -> str | None:
        first, second = self._file(source, *folders[:1]), self._file(target, *folders[1:])
        return second or first

    def _link(self, source: Any, target: Any, *folder: Any) -> str | None:
        return self._file(target, *folder)

    def _process(self, program: Any, arguments: Any = None, *_: Any) -> str:
        name = program_name(program, arguments)
        return "" if name in _TOOLS else f"process {name}"

    def _shell(self, *_: Any) -> str:
        return "process sh"

    def _fork(self, *_: Any) -> str:
        return "process fork"

    def _signal(self, process: int, number: int) -> str | None:
        return None if process == os.getpid() or not number else f"signal to process {process}"

    def _talk(self, socket: Any, address: Any = None, *_: Any) -> str:
        where = f"{address[0]}:{address[1]}" if isinstance(address, tuple) else f"{address}"
        return f"connection {where}"

    def _bind(self, socket: Any, address: Any = None, *_: Any) -> str | None:
        # urllib3 tries at its import whether there is IPv6, and mlflow and many more import it.
        free = isinstance(address, tuple) and address[1] == 0
        return None if free and _imports_library() else self._talk(socket, address)

    def _database(self, path: Any, *_: Any) -> str | None:
        return None if str(path) in (":memory:", "") else f"database {os.path.basename(str(path))}"

    def _lock(self, file: int, *_: Any) -> str | None:
        return self._file(file)

    def _limit(self, *args: Any) -> str | None:
        return "limit of the process" if args[-1] is not None else None

    def _system_log(self, *_: Any) -> str:
        return "system log"

    def _hook(self, *_: Any) -> str:
        return "audit hook"


def _short(path: str) -> str:
    inside = os.path.relpath(path)
    return path if inside.startswith(os.pardir) else inside


_RULES: dict[str, Callable[..., str | None]] = {
    "open": Acts._open,
    **dict.fromkeys(("os.remove", "os.rmdir"), Acts._file),
    **dict.fromkeys(
        (
            "os.chmod",
            "os.chown",
            "os.truncate",
            "os.chflags",
            "os.utime",
            "os.setxattr",
            "os.removexattr",
        ),
        Acts._touch,
    ),
    "os.mkdir": Acts._make_folder,
    "os.rename": Acts._move,
    "os.link": Acts._move,
    "os.symlink": Acts._link,
    **dict.fromkeys(("subprocess.Popen", "os.posix_spawn", "os.exec"), Acts._process),
    **dict.fromkeys(("os.system", "pty.spawn"), Acts._shell),
    **dict.fromkeys(("os.fork", "os.forkpty"), Acts._fork),
    **dict.fromkeys(("os.kill", "os.killpg"), Acts._signal),
    **dict.fromkeys(("socket.connect", "socket.sendto", "socket.sendmsg"), Acts._talk),
    "socket.bind": Acts._bind,
    "sqlite3.connect": Acts._database,
    **dict.fromkeys(("fcntl.flock", "fcntl.lockf"), Acts._lock),
    **dict.fromkeys(("resource.setrlimit", "resource.prlimit"), Acts._limit),
    "syslog.syslog": Acts._system_log,
    "sys.addaudithook": Acts._hook,
}


def _imports_library() -> bool:
    """Whether a library's module is being imported here."""
    frame: Any = sys._getframe(2)
    while frame is not None:
        if frame.f_code.co_name == "<module>":
            return is_library(frame.f_code.co_filename)  # else it is the cell itself
        frame = frame.f_back
    return False
