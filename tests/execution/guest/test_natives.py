"""What raises no audit event: native writers, readers and connections."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from .scout import Scout, a_scout, play

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Landlock is Linux's")

LIBC = """
import ctypes, errno, socket, struct, threading
libc = ctypes.CDLL(None, use_errno=True)
def result(call, *args):
    ctypes.set_errno(0)
    return errno.errorcode.get(ctypes.get_errno()) if call(*args) < 0 else "done"
address = struct.pack("=HH4s8x", socket.AF_INET, socket.htons(9), bytes([127, 0, 0, 1]))
made = socket.socket()
inside = [result(libc.fopen and libc.open, b"fresh", 0o101, 0o600),
          result(libc.unlink, b"old"), result(libc.truncate, b"old", 0),
          result(libc.rename, b"old", b"new"), result(libc.mkdir, b"folder", 0o700)]
net = result(libc.connect, made.fileno(), address, len(address))
thread = threading.Thread(target=lambda: inside.append(result(libc.open, b"fresh", 0o101, 0o600)))
thread.start(); thread.join()
ours = [result(libc.open, b"/dev/null", 1), result(libc.open, b"old", 0)]
"""


@linux
def test_native_code_is_kept_from_writing_and_connecting(tmp_path: Path) -> None:
    async def work() -> None:
        (tmp_path / "old").write_text("old")
        async with a_scout(tmp_path) as scout:
            await scout.prepare()
            await scout.run(LIBC)
            assert await scout.worker.ask("[inside, net, ours]") == [
                ["EACCES"] * 6,
                "EACCES",
                ["done", "done"],
            ]
            answer = await scout.observe("inside")  # the guest's own store is writable
            await scout.visit.settle()
            artifact = answer["units"][0]["artifact"]
            assert scout.store.has(artifact)
            assert (tmp_path / "old").read_text() == "old"

    play(work())
