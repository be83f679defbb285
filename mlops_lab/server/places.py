"""Paths as clients say them → notebooks and projects, never outside of the server's root."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mlops_lab.errors import NotFound, UsageError
from mlops_lab.settings import find_root

_SEPARATOR = re.compile(r"[/\\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A notebook or a folder that a client may speak of.

    `file` is where it lies, `root` its project's root. `path` and `project` say the same as seen
    from the server's root.
    """

    path: str
    file: Path
    root: Path
    project: str

    @property
    def identity(self) -> str:
        """The notebook's path from the project's root, as runs name it."""
        return self.file.relative_to(self.root).as_posix()

    def notebook(self) -> Path:
        """The notebook. Raises NotFound where there is no such file."""
        if not self.file.is_file():
            raise NotFound(f"no notebook '{self.path:.200}'")
        return self.file


class Places:
    """What lies below the server's root. `hidden`: the server shows hidden files too."""

    def __init__(self, root: Path, *, hidden: bool = False) -> None:
        self.root = Path(os.path.abspath(root))  # noqa: PTH100  links stay as the user has them
        self._hidden = hidden

    def at(self, path: str) -> Place:
        """The place that a client means; it need not exist.

        Raises UsageError where the path is no path from the server's root; NotFound where a link
        leads out of it, or where it is hidden.
        """
        parts = _SEPARATOR.split(path)
        if path.startswith("/") or ".." in parts or "\0" in path:
            raise UsageError(f"{path!r} must be a path below the server's root, as in 'a/b.ipynb'")
        names = [part for part in path.split("/") if part not in {"", "."}]
        if not self._hidden and any(name.startswith(".") for name in names):
            raise NotFound(f"'{path}' is hidden, and the server shows no hidden files")
        file = self.root.joinpath(*names)
        try:
            inside = file.resolve().is_relative_to(self.root.resolve())
            root = find_root(file)
        except (OSError, RuntimeError) as error:  # too long, or links in a circle
            raise NotFound(f"'{path:.200}' can't be looked for: {error}") from None
        if not inside:
            raise NotFound(f"'{path}' is a link out of the server's root")
        return Place(path="/".join(names), file=file, root=root, project=self.seen(root))

    def seen(self, place: Path) -> str:
        """A place as seen from the server's root: '' is that itself; it may begin with '..'."""
        seen = PurePosixPath(os.path.relpath(place, self.root)).as_posix()
        return "" if seen == "." else seen

    def below(self, place: Path) -> str | None:
        """The same, or None where a client could not speak of the place."""
        seen = self.seen(place)
        names = seen.split("/")
        hidden = not self._hidden and any(name.startswith(".") for name in names)
        return None if ".." in names or hidden else seen
