"""Where a SQLite file may live, and who may read it."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from mlops_lab.errors import BackendError

NETWORK = {
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "afpfs", "webdav", "davfs", "ncpfs",
    "fuse.sshfs", "fuse.davfs", "fuse.davfs2", "fuse.s3fs", "fuse.gcsfuse", "fuse.glusterfs",
    "fuse.rclone", "fuse.smbnetfs", "fuse.juicefs", "fuse.ceph-fuse", "ceph", "lustre", "beegfs",
    "gpfs",
}  # fmt: skip
"""File systems on which several machines may hold one file: SQLite's WAL breaks there."""


def prepare(path: Path, mounts: Path = Path("/proc/mounts")) -> Path:
    """The file, ready for SQLite: there, and readable by its owner only, whatever the umask.

    Raises BackendError where SQLite isn't safe: on a network file system, and in a folder that
    everybody may write to.
    """
    path = path.absolute()
    folder = path.parent
    try:
        private_folder(folder)
        _refuse_network(path, mounts)
        _refuse_world_writable(folder)
        _private_file(path)
    except OSError as error:
        raise BackendError(
            f"records at {path} can't be written: {error.strerror}; make the folder writable, or "
            "set MLOPS_RECORDS to a PostgreSQL URL"
        ) from error
    return path


def private_folder(folder: Path) -> Path:
    """The folder; what has to be created of it is the owner's alone."""
    missing = []
    for part in (folder, *folder.parents):
        if part.exists():
            break
        missing.append(part)
    for part in reversed(missing):
        part.mkdir(mode=0o700, exist_ok=True)
        if part == folder:
            part.chmod(0o700)
    return folder


def _private_file(path: Path) -> None:
    # One that is there is not opened: closing it would drop the locks that SQLite holds for this
    # process, and the next to leave would take the log away from under us.
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    status = path.stat()
    if status.st_uid == os.geteuid() and stat.S_IMODE(status.st_mode) != 0o600:
        path.chmod(0o600)


def _refuse_network(path: Path, mounts: Path) -> None:
    kind = file_system(path.parent.resolve(), mounts)
    if kind in NETWORK:
        raise BackendError(
            f"records at {path} would lie on a network file system ({kind}), where SQLite loses "
            "data; set MLOPS_RECORDS to a file on a local disk or to a PostgreSQL URL"
        )


def _refuse_world_writable(folder: Path) -> None:
    if folder.stat().st_mode & stat.S_IWOTH:
        raise BackendError(
            f"everybody may write to {folder}, so anybody could replace the records there; "
            f"run `chmod o-w {folder}` or set MLOPS_RECORDS to a file in a folder of your own"
        )


def file_system(folder: Path, mounts: Path = Path("/proc/mounts")) -> str:
    """The type of the file system that holds the folder; empty where it can't be known."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    best, kind = -1, ""
    for line in lines:
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = Path(_unescaped(fields[1]))
        # The last of two mounts on one point is the one that is seen.
        if folder.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), fields[2]
    return kind


def _unescaped(point: str) -> str:
    for code, char in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        point = point.replace(code, char)
    return point
