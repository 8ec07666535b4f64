"""Landlock, the kernel's way for a process to give up access to files, ports and signals.

Numbers and structures are those of <linux/landlock.h>. The kernel's Landlock version determines which
rights it knows. Every right that it knows is handled, so that anything not allowed here is denied.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
_VERSION, _PATH_BENEATH = 1, 1
_FILES = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
_ALL_FILES = (1 << 16) - 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_MAKE_CHAR, _MAKE_BLOCK, _TRUNCATE, _DEVICE = 1 << 6, 1 << 11, 1 << 14, 1 << 15
_OF_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _DEVICE
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_WRITE = _ALL_FILES & ~(_MAKE_CHAR | _MAKE_BLOCK | _EXECUTE | _DEVICE)
_TCP = 0b11
_SIGNALS_AND_ABSTRACT_SOCKETS = 0b11

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def version() -> int:
    """Return the kernel's Landlock version, 0 if it has no Landlock."""
    return max(0, int(_libc.syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint(_VERSION))))


def create_ruleset(
    readable: Iterable[str], writable: Iterable[str], listable: Iterable[str] = ()
) -> int:
    """Return a descriptor of a rule set that allows access to these files and folders only.

    In `listable` folders only the names can be read, at any depth. TCP, abstract sockets and signals
    to processes outside are denied as far as the kernel's version supports it. Raises OSError if a
    path does not exist or the kernel has no Landlock.
    """
    abi = version()
    files = _FILES.get(abi, _ALL_FILES)
    network = _TCP if abi >= 4 else 0
    scopes = _SIGNALS_AND_ABSTRACT_SOCKETS if abi >= 6 else 0
    attributes = struct.pack("=QQQ", files, network, scopes)
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8
    ruleset = _call(_CREATE, attributes, ctypes.c_size_t(size), ctypes.c_uint(0))
    try:
        for paths, rights in ((readable, _READ), (writable, _READ | _WRITE), (listable, _READ_DIR)):
            for path in paths:
                _allow(ruleset, path, rights & files)
    except OSError:
        os.close(ruleset)
        raise
    return ruleset


def _allow(ruleset: int, path: str, rights: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= _OF_A_FILE
        beneath = struct.pack("=Qi", rights, descriptor)
        _call(_ADD_RULE, ctypes.c_int(ruleset), _PATH_BENEATH, beneath, ctypes.c_uint(0))
    finally:
        os.close(descriptor)


def restrict(ruleset: int) -> None:
    """Apply a rule set permanently to this thread and to all that it starts. Raises OSError."""
    _call(_RESTRICT, ctypes.c_int(ruleset), ctypes.c_uint(0))
    os.close(ruleset)


def _call(number: int, *arguments: object) -> int:
    result = int(_libc.syscall(ctypes.c_long(number), *arguments))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"Landlock: {os.strerror(code)}")
    return result
