"""Linux keeps this process from writing files and from connections, native code included.

Audit events tell what Python does; what a library's native part does raises none. Landlock is the
kernel's own: it needs no privileges, threads and processes started from here on inherit it, and
it can't be lifted again.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION, _PATH_BENEATH, _ALL_THREADS = 1, 1, 8
_SET_NO_NEW_PRIVS = 38
_WRITE_FILE, _REFER, _TRUNCATE = 1 << 1, 1 << 13, 1 << 14
_REMOVE_AND_MAKE = sum(1 << bit for bit in range(4, 13))
_BIND_AND_CONNECT = 0b11


def known_version() -> int:
    """Which Landlock the kernel has; 0 for none. From 4 on it knows TCP."""
    if not sys.platform.startswith("linux"):
        return 0
    libc = ctypes.CDLL(None, use_errno=True)
    found = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION)
    return max(0, int(found))


def confine(places: list[str]) -> bool:
    """Let this thread and all that it starts write below these folders only, and use no TCP.

    Whether it worked: older kernels and other systems can't.
    """
    version = known_version()
    if not version:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    files = _WRITE_FILE | _REMOVE_AND_MAKE
    files |= _REFER if version >= 2 else 0
    files |= _TRUNCATE if version >= 3 else 0
    handled = (
        struct.pack("QQ", files, _BIND_AND_CONNECT) if version >= 4 else struct.pack("Q", files)
    )
    rules = libc.syscall(_CREATE_RULESET, handled, ctypes.c_size_t(len(handled)), 0)
    if rules < 0:
        return False
    try:
        for place in places:
            _allow(libc, rules, place, files)
        # Threads that run here already run no code of the notebook's; newer kernels take them in.
        flags = _ALL_THREADS if version >= 8 else 0
        libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        return bool(libc.syscall(_RESTRICT_SELF, rules, flags) == 0)
    finally:
        os.close(rules)


def _allow(libc: ctypes.CDLL, rules: int, place: str, rights: int) -> None:
    try:
        folder = os.open(place, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return  # what isn't there can't be written to
    try:
        rule = struct.pack("=Qi", rights, folder)
        libc.syscall(_ADD_RULE, rules, _PATH_BENEATH, rule, 0)
    finally:
        os.close(folder)
