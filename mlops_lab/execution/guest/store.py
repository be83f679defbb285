"""Stored content, addressed by digest.

A value is a pickle stream plus its large buffers. The stream lies in `DIGEST.value` behind a keyed
digest that proves that it is ours and whole; each buffer lies in `DIGEST.blob`, so that two
versions which share a buffer store it once. Every file is written under a temporary name and
renamed, so that other kernels can have it at once; it is synced in a thread while the notebook goes
on, and nothing counts as remembered before it is. What a crash of the machine leaves half on disk
is found out by its digest.
"""

from __future__ import annotations

import json
import mmap
import os
import secrets
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from blake3 import blake3

from .digests import digest_of
from .mapped import Mapped, remember

__all__ = ["SMALL", "Damaged", "Store", "digest_of", "project_key"]

SMALL = 1 << 16
"""Buffers below this many bytes travel inside the stream: a file each would cost more."""


FRESH = 600 * 10**9
"""Nanoseconds for which what was written counts as seen."""


class Damaged(Exception):
    """A stored value is gone, cut short, altered or not ours."""

    def __init__(self, digest: str, what: str) -> None:
        super().__init__(digest, what)
        self.digest = digest
        self.what = what

    def __str__(self) -> str:
        return f"artifact {self.digest[:12]} is {self.what}"


def project_key(folder: Path) -> bytes:
    """The key of a project's artifacts, made at first use; only its owner can read it."""
    path = folder / "key"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        return path.read_bytes()
    except FileNotFoundError:
        fresh = folder / f".key-{os.getpid()}-{threading.get_ident()}"
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(32))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)  # fails where another process was first: its key counts
        except FileExistsError:
            pass
        finally:
            os.unlink(fresh)
        return path.read_bytes()


class Store:
    """A folder of artifacts."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self.folder = folder
        self.key = key
        self._sync: ThreadPoolExecutor | None = None
        self._verified: dict[tuple[int, int, int], str] = {}
        self._pending: dict[Path, Future[None]] = {}

    def path(self, digest: str, suffix: str) -> Path:
        """Where content of that digest lies, or would."""
        return self.folder / digest[:2] / f"{digest}.{suffix}"

    # -- values ---------------------------------------------------------------------------------

    def put(self, stream: bytes, buffers: list[Any], marks: list[str], digest: str) -> int:
        """Keep a value under its digest; the bytes that it takes, shared ones counted too.

        `marks` are the digests of the buffers.
        """
        table = []
        size = len(stream)
        for buffer, mark in zip(buffers, marks, strict=True):
            raw = buffer.raw()
            written = self._keep_blob(raw, mark)
            table.append([mark, raw.nbytes, raw.readonly, *written])
            size += raw.nbytes
        head = json.dumps(table).encode()
        body = len(head).to_bytes(4, "little") + head + stream
        self._write(self.path(digest, "value"), [blake3(body, key=self.key).digest(), body])
        return size

    def get(self, digest: str) -> tuple[memoryview, list[Any]]:
        """The stream and its buffers, mapped copy-on-write. Raises Damaged."""
        path = self.path(digest, "value")
        try:
            data = path.read_bytes()
        except OSError:
            raise Damaged(digest, "gone") from None
        body = memoryview(data)[32:]
        if blake3(body, key=self.key).digest() != data[:32]:
            raise Damaged(digest, "damaged")
        length = int.from_bytes(body[:4], "little")
        table = json.loads(bytes(body[4 : 4 + length]))
        buffers = [self.get_blob(*row) for row in table]
        return body[4 + length :], buffers

    def has(self, digest: str) -> bool:
        """Whether a value of that digest lies here, its buffers too, as far as a look tells."""
        path = self.path(digest, "value")
        if path in self._pending:
            return True
        try:
            with path.open("rb") as file:
                file.seek(32)
                head = file.read(4)
                table = json.loads(file.read(int.from_bytes(head, "little")))
            return all(self.path(row[0], "blob").stat().st_size == row[1] for row in table)
        except (OSError, ValueError, TypeError):
            return False

    def seal(self, digest: str) -> str:
        """A digest that tells nothing to who lacks the key."""
        return str(blake3(digest.encode(), key=self.key).hexdigest(16))

    # -- blobs ----------------------------------------------------------------------------------

    def put_blob(self, data: Any) -> str:
        """Keep bytes under their digest, which is given back."""
        digest = digest_of(data)
        self._keep_blob(data, digest)
        return digest

    def _keep_blob(self, data: Any, digest: str) -> tuple[int, int]:
        """Have a blob in the store; its inode and when it was written, in nanoseconds."""
        path = self.path(digest, "blob")
        if path not in self._pending and not _has_size(path, memoryview(data).nbytes):
            self._write(path, [data])
        try:
            status = path.stat()
        except OSError:
            return 0, 0  # somebody forgets it already
        return status.st_ino, status.st_mtime_ns

    def get_blob(
        self, digest: str, size: int, readonly: bool = False, inode: int = 0, written: int = 0
    ) -> Any:
        """The bytes of that digest, mapped: what is written to them stays private.

        They are looked at once, unless this is the very file that was written a moment ago: then
        they are still in memory.
        """
        path = self.path(digest, "blob")
        if size == 0:
            return bytearray()
        try:
            with path.open("rb") as file:
                status = os.fstat(file.fileno())
                mapped = Mapped(file.fileno(), 0, access=mmap.ACCESS_COPY)
        except (OSError, ValueError):
            raise Damaged(digest, "gone") from None
        mark = (status.st_ino, status.st_mtime_ns, status.st_size)
        known = mark == (inode, written, size) and time.time_ns() - written < FRESH
        if not known and self._verified.get(mark) != digest:
            if status.st_size != size or digest_of(mapped) != digest:
                raise Damaged(digest, "damaged")
        self._verified[mark] = digest
        remember(mapped, digest)
        return memoryview(mapped).toreadonly() if readonly else memoryview(mapped)

    def put_file(self, path: Path) -> str:
        """Keep a file's content."""
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            return self.put_blob(
                mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ) if size else b""
            )

    # -- writing --------------------------------------------------------------------------------

    def _write(self, path: Path, parts: list[Any]) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}-{os.getpid()}-{secrets.token_hex(4)}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            for part in parts:
                view = memoryview(part).cast("B")
                while view.nbytes:
                    view = view[os.write(descriptor, view) :]
        except BaseException:
            os.close(descriptor)
            os.unlink(fresh)
            raise
        os.replace(fresh, path)
        if self._sync is None:
            self._sync = ThreadPoolExecutor(4, thread_name_prefix="mlops-sync")
        self._pending[path] = self._sync.submit(_settle, descriptor)

    def settle(self) -> None:
        """Wait until all that was kept is on disk. Raises OSError where something is not."""
        while self._pending:
            _, future = self._pending.popitem()
            future.result()
        if self._sync is not None:
            self._sync.shutdown()
            self._sync = None


def _settle(descriptor: int) -> None:
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _has_size(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size == size
    except OSError:
        return False
