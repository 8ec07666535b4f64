"""Evaluate a filter of system calls as the kernel does, for any kind of machine."""

from __future__ import annotations

import errno
import struct

ALLOWED, KILLED = "allowed", "killed"
_LOAD, _AND, _RETURN, _EQUAL, _AT_LEAST, _HAS_BIT = 0x20, 0x54, 0x06, 0x15, 0x35, 0x45


def said(code: bytes, number: int, *arguments: int, architecture: int) -> str:
    """Return what a filter says to a call: that it is allowed, kills, or fails, and how."""
    given = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("<IIQ6Q", number, architecture, 0, *given)
    instructions = list(struct.iter_unpack("<HBBI", code))
    accumulator = place = 0
    while True:
        kind, if_true, if_false, k = instructions[place]
        place += 1
        if kind == _RETURN:
            return _action(k)
        if kind == _LOAD:
            (accumulator,) = struct.unpack_from("<I", data, k)
        elif kind == _AND:
            accumulator &= k
        else:
            holds = {
                _EQUAL: accumulator == k,
                _AT_LEAST: accumulator >= k,
                _HAS_BIT: bool(accumulator & k),
            }
            place += if_true if holds[kind] else if_false


def _action(value: int) -> str:
    if value == 0x7FFF0000:
        return ALLOWED
    return KILLED if value == 0x80000000 else errno.errorcode[value & 0xFFFF]
