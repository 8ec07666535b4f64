"""Evaluate a system-call filter as the kernel does, for any processor type."""

from __future__ import annotations

import errno
import struct

ALLOWED, KILLED = "allowed", "killed"
_LOAD, _AND, _RETURN, _EQUAL, _AT_LEAST, _HAS_BIT = 0x20, 0x54, 0x06, 0x15, 0x35, 0x45


def verdict(code: bytes, number: int, *arguments: int, architecture: int) -> str:
    """Return the filter's verdict on a call: ALLOWED, KILLED, or the name of an error."""
    values = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("<IIQ6Q", number, architecture, 0, *values)
    instructions = list(struct.iter_unpack("<HBBI", code))
    accumulator = index = 0
    while True:
        kind, if_true, if_false, k = instructions[index]
        index += 1
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
            index += if_true if holds[kind] else if_false


def _action(value: int) -> str:
    if value == 0x7FFF0000:
        return ALLOWED
    return KILLED if value == 0x80000000 else errno.errorcode[value & 0xFFFF]
