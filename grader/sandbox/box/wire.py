"""Values to bytes and back, between a grader that trusts nothing and the box it asks.

A frame is MAGIC, header length, blob length, a JSON header, then the raw bytes of every array in the
order in which the header names them. Nothing is pickled, imported or evaluated, and every length is
checked against a cap before memory is set aside for it.

A value in the header is null, true, false, an integer of 64 bits, a string, or an object of one key:
    {"f": hex}           a float, as float.hex() writes it, or "nan", "inf", "-inf"
    {"a": [dtype, shape]} an array; its bytes are the next shape x itemsize of the blob
    {"t": [...]} {"l": [...]} {"d": [[key, value], ...]}    a tuple, a list, a dict
    {"o": name}          anything else, of which only the name of its type is told

Both sides of the wire run this file; inside the box it is imported without the rest of the package.
"""

from __future__ import annotations

import json
import math
import struct
import time
from collections.abc import Callable, Sequence
from socket import socket
from typing import Any

import numpy as np

MAGIC = b"NBG1"
HEADER_CAP = 1 << 20
BLOB_CAP = 32 << 20
NODE_CAP = 10_000
DEPTH_CAP = 8
NDIM_CAP = 4
AXIS_CAP = 1 << 24
STRING_CAP = 4_000
DTYPES = {
    name: np.dtype(name)
    for name in "|b1 |i1 |u1 <i2 <u2 <i4 <u4 <i8 <u8 <f2 <f4 <f8 <c8 <c16".split()
}

_PREFIX = struct.Struct("<4sIQ")
_CHUNK = 1 << 18


class WireError(ValueError):
    """The other side sent something that is not in the grammar, or is beyond a cap."""


# ------------------------------------------------------------------ values to bytes


def encode(value: Any) -> bytes:
    """Return `value` as one frame; what is no plain data becomes the name of its type."""
    blobs: list[bytes] = []
    node = _to_node(value, blobs, depth=0)
    header = json.dumps(node, separators=(",", ":"), allow_nan=False).encode("ascii")
    blob = b"".join(blobs)
    return _PREFIX.pack(MAGIC, len(header), len(blob)) + header + blob


def _to_node(value: Any, blobs: list[bytes], *, depth: int) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, np.ndarray | np.generic):
        return _array_to_node(np.asarray(value), blobs)
    if isinstance(value, int) and -(1 << 63) <= value < 1 << 63:
        return int(value)
    if isinstance(value, float):
        return {"f": value.hex() if math.isfinite(value) else repr(float(value))}
    if isinstance(value, str):
        return value[:STRING_CAP]
    if isinstance(value, tuple | list | dict) and depth < DEPTH_CAP:
        return _container_to_node(value, blobs, depth=depth + 1)
    return _opaque(value)


def _container_to_node(value: Any, blobs: list[bytes], *, depth: int) -> Any:
    if len(value) > NODE_CAP:
        return _opaque(value)
    if isinstance(value, dict):
        return {"d": [[_key(k), _to_node(v, blobs, depth=depth)] for k, v in value.items()]}
    tag = "t" if isinstance(value, tuple) else "l"
    return {tag: [_to_node(item, blobs, depth=depth) for item in value]}


def _array_to_node(array: Any, blobs: list[bytes]) -> Any:
    if array.dtype == np.longdouble or _holds_numbers(array):
        array = array.astype("<f8")
    dtype = array.dtype.newbyteorder("<") if array.dtype.byteorder in "=<>" else array.dtype
    fits = array.nbytes + sum(map(len, blobs)) <= BLOB_CAP and array.ndim <= NDIM_CAP
    if dtype.str not in DTYPES or not fits or not _extends(array.shape):
        return {"o": f"ndarray of {array.dtype} with shape {array.shape}"[:STRING_CAP]}
    blobs.append(np.ascontiguousarray(array, dtype).tobytes())
    return {"a": [dtype.str, list(array.shape)]}


def _holds_numbers(array: Any) -> bool:
    """Say whether an array of objects is one of real numbers all the same."""
    return array.dtype.hasobject and all(isinstance(v, int | float | np.number) for v in array.flat)


def _extends(dims: Sequence[int]) -> bool:
    """Say whether no axis, and no product of axes, is beyond its cap, in an empty array either."""
    return max(dims, default=0) <= AXIS_CAP and math.prod(n or 1 for n in dims) <= BLOB_CAP


def _key(key: Any) -> str:
    return key[:STRING_CAP] if isinstance(key, str) else f"<{type(key).__name__}>"[:STRING_CAP]


def _opaque(value: Any) -> Any:
    return {"o": type(value).__name__[:STRING_CAP]}


# ------------------------------------------------------------------ bytes to values


class _Reader:
    """Walks one header and takes array bytes off the blob as it meets them."""

    def __init__(self, blob: bytes, opaque: Callable[[str], Any]) -> None:
        self.blob, self.opaque, self.offset, self.nodes = blob, opaque, 0, 0

    def value(self, node: Any, depth: int = 0) -> Any:
        self.nodes += 1
        if self.nodes > NODE_CAP or depth > DEPTH_CAP + 1:
            raise WireError("more values, or deeper nesting, than a return value may contain")
        if node is None or isinstance(node, bool):
            return node
        if isinstance(node, int):
            return _within(node, -(1 << 63), (1 << 63) - 1)
        if isinstance(node, str):
            return _string(node)
        tag, body = _tagged(node)
        return self.tagged(tag, body, depth + 1)

    def tagged(self, tag: str, body: Any, depth: int) -> Any:
        if tag == "f":
            return _float(body)
        if tag == "a":
            return self.array(body)
        if tag == "o":
            return self.opaque(_string(body))
        if not isinstance(body, list):
            raise WireError("a container without items")
        if tag == "d":
            return {_string(key): self.value(item, depth) for key, item in map(_pair, body)}
        items = [self.value(item, depth) for item in body]
        return tuple(items) if tag == "t" else items

    def array(self, body: Any) -> Any:
        name, shape = _pair(body)
        if not isinstance(name, str) or name not in DTYPES:
            raise WireError("an array with a non-numeric type")
        if not isinstance(shape, list) or len(shape) > NDIM_CAP:
            raise WireError("an array with too many axes")
        for axis in shape:
            _within(axis, 0, AXIS_CAP)
        count, dtype = math.prod(shape), DTYPES[name]
        begin, self.offset = self.offset, self.offset + count * dtype.itemsize
        if not _extends(shape) or self.offset > len(self.blob):
            raise WireError("an array larger than its data")
        if name == "|b1" and max(self.blob[begin : self.offset], default=0) > 1:
            raise WireError("a boolean that is neither 0 nor 1")
        return np.frombuffer(self.blob, dtype, count, begin).reshape(shape)


def decode(header: bytes, blob: bytes, *, opaque: Callable[[str], Any] = str) -> Any:
    """Return the value of a frame. Arrays are read-only views of `blob`. Raises WireError."""
    try:
        node = json.loads(header, parse_constant=_refuse, object_pairs_hook=_object)
    except WireError:
        raise
    except (ValueError, RecursionError) as error:
        raise WireError("a header that is not a value in JSON") from error
    reader = _Reader(blob, opaque)
    value = reader.value(node)
    if reader.offset != len(blob):
        raise WireError("more bytes than its arrays need")
    return value


def _refuse(_: str) -> Any:
    raise WireError("a number that JSON does not allow")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) != 1:
        raise WireError("an object without exactly one tag")
    return dict(pairs)


def _tagged(node: Any) -> tuple[str, Any]:
    if isinstance(node, dict):
        for tag, body in node.items():
            if tag in ("f", "a", "t", "l", "d", "o"):
                return tag, body
    raise WireError("a value with an unknown tag")


def _pair(node: Any) -> tuple[Any, Any]:
    if not isinstance(node, list) or len(node) != 2:
        raise WireError("an invalid pair")
    return node[0], node[1]


def _string(node: Any) -> str:
    if not isinstance(node, str) or len(node) > STRING_CAP:
        raise WireError("a string that is invalid or too long")
    return node.encode("utf-8", "replace").decode()


def _within(number: Any, low: int, high: int) -> int:
    if isinstance(number, bool) or not isinstance(number, int) or not low <= number <= high:
        raise WireError("an integer out of range")
    return number


def _float(node: Any) -> float:
    text = _string(node)
    if text in ("nan", "inf", "-inf"):
        return float(text)
    try:
        return float.fromhex(text)
    except (ValueError, OverflowError) as error:
        raise WireError("a float that is not written in hexadecimal") from error


# ------------------------------------------------------------------ frames on a socket


def send(channel: socket, value: Any) -> None:
    """Send one value as a frame."""
    channel.sendall(encode(value))


def receive(
    channel: socket, *, deadline: float | None = None, opaque: Callable[[str], Any] = str
) -> Any:
    """Return the next value; `deadline` is a time.monotonic(). Raises TimeoutError, EOFError, WireError."""
    magic, header_size, blob_size = _PREFIX.unpack(_exactly(channel, _PREFIX.size, deadline))
    if magic != MAGIC or header_size > HEADER_CAP or blob_size > BLOB_CAP:
        raise WireError("a frame that is invalid or too large")
    header = _exactly(channel, header_size, deadline)
    return decode(header, _exactly(channel, blob_size, deadline), opaque=opaque)


def _exactly(channel: socket, size: int, deadline: float | None) -> bytes:
    """Read `size` bytes; memory grows with what has arrived, never with what was announced."""
    data = bytearray()
    while len(data) < size:
        if deadline is not None:
            channel.settimeout(_left(deadline))
        piece = channel.recv(min(size - len(data), _CHUNK))
        if not piece:
            raise EOFError("the channel was closed")
        data += piece
    return bytes(data)


def _left(deadline: float) -> float:
    """Return the seconds that are left; who always has one more byte to send does not get more."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("the deadline has passed")
    return left
