"""Convert values to bytes and back, between the grader and a box that it does not trust.

A frame is MAGIC, header length, blob length, a JSON header, then the raw bytes of every array in the
order in which the header names them. Nothing is pickled, imported or evaluated, and every length is
checked against a cap before memory is allocated for it.

A value in the header is null, true, false, an integer of 64 bits, a string, or an object of one key:
    {"f": hex}           a float, as float.hex() writes it, or "nan", "inf", "-inf"
    {"a": [dtype, shape]} an array; its bytes are the next shape x itemsize of the blob
    {"t": [...]} {"l": [...]} {"d": [[key, value], ...]}    a tuple, a list, a dict
    {"o": name}          anything else; only the name of its type is sent

Both sides of the wire run this file. Inside the box and in the hand-out it is imported without the
rest of the package. `encode` replaces an array, a container or an integer that is too large by the
name of its type, and cuts strings. `decode` raises WireError above any cap.
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
"""Bytes of the JSON header."""
BLOB_CAP = 32 << 20
"""Bytes of all arrays of a frame together."""
NODE_CAP = 10_000
"""Values in a frame, at any depth; an array counts as one."""
DEPTH_CAP = 8
"""Containers inside each other."""
NDIM_CAP = 4
"""Axes of an array."""
AXIS_CAP = 1 << 24
"""Length of an axis."""
STRING_CAP = 4_000
"""Characters of a string; `encode` cuts longer ones, `decode` rejects them."""
DTYPES = {
    name: np.dtype(name)
    for name in "|b1 |i1 |u1 <i2 <u2 <i4 <u4 <i8 <u8 <f2 <f4 <f8 <c8 <c16".split()
}

_CONTAINERS = ("t", "l", "d")
_PREFIX = struct.Struct("<4sIQ")
_CHUNK = 1 << 18


class WireError(ValueError):
    """The other side sent a frame that breaks the grammar or exceeds a cap."""


# ------------------------------------------------------------------ values to bytes


def encode(value: Any) -> bytes:
    """Return `value` as one frame; a value that is not plain data becomes the name of its type."""
    writer = _Writer()
    node = writer.node(value, 0)
    header = json.dumps(node, separators=(",", ":"), allow_nan=False).encode("ascii")
    return b"".join((_PREFIX.pack(MAGIC, len(header), writer.size), header, *writer.blobs))


class _Writer:
    """Converts values to nodes; the bytes of the arrays are `blobs`, together `size` bytes."""

    def __init__(self) -> None:
        self.blobs: list[bytes] = []
        self.size = 0

    def node(self, value: Any, depth: int) -> Any:
        if type(value) is np.ndarray:
            return self.array(value)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, np.ndarray | np.generic):
            return self.array(np.asarray(value))
        if isinstance(value, int) and -(1 << 63) <= value < 1 << 63:
            return int(value)
        if isinstance(value, float):
            return {"f": value.hex() if math.isfinite(value) else repr(float(value))}
        if isinstance(value, str):
            return value[:STRING_CAP]
        return self.container(value, depth)

    def container(self, value: Any, depth: int) -> dict[str, Any]:
        is_container = isinstance(value, tuple | list | dict)
        if not is_container or depth >= DEPTH_CAP or len(value) > NODE_CAP:
            return {"o": type(value).__name__[:STRING_CAP]}
        if isinstance(value, dict):
            # Only `items` is called: the methods of a student's subclass need not agree with each other.
            pairs = (
                (k if isinstance(k, str) else f"<{type(k).__name__}>", v) for k, v in value.items()
            )
            return {"d": [[k[:STRING_CAP], self.node(v, depth + 1)] for k, v in pairs]}
        tag = "t" if isinstance(value, tuple) else "l"
        return {tag: [self.node(item, depth + 1) for item in value]}

    def array(self, array: Any) -> Any:
        name = array.dtype.str
        if name not in DTYPES:
            array = _converted(array)
            name = array.dtype.str
        is_small = self.size + array.nbytes <= BLOB_CAP and array.ndim <= NDIM_CAP
        if name not in DTYPES or not is_small or not _fits(array.shape):
            return {"o": f"ndarray of {array.dtype} with shape {array.shape}"[:STRING_CAP]}
        self.size += array.nbytes
        self.blobs.append(array.tobytes())
        return {"a": [name, array.shape]}


def _converted(array: Any) -> Any:
    """Return an array of real objects or of long floats as one of floats, any other in little endian."""
    real = (isinstance(v, int | float | np.number) for v in array.flat)
    if array.dtype == np.longdouble or (array.dtype.hasobject and all(real)):
        return array.astype("<f8")
    return array.astype(array.dtype.newbyteorder("<")) if array.dtype.byteorder == ">" else array


def _fits(dims: Sequence[int]) -> bool:
    """Return True if each axis and the product of all axes are within the caps, in empty arrays too."""
    return max(dims, default=0) <= AXIS_CAP and math.prod([n or 1 for n in dims]) <= BLOB_CAP


# ------------------------------------------------------------------ bytes to values


class _Reader:
    """Converts the nodes of one header; each array takes its bytes from the blob in order."""

    def __init__(self, blob: bytes, opaque: Callable[[str], Any]) -> None:
        self.blob, self.opaque, self.offset, self.nodes = blob, opaque, 0, 0

    def value(self, node: Any, depth: int = 0) -> Any:
        self.nodes += 1
        if self.nodes > NODE_CAP or depth > DEPTH_CAP + 1:
            raise WireError("more values, or deeper nesting, than a return value may contain")
        if isinstance(node, dict):
            # `_object` has made sure that every dictionary has one key.
            ((tag, body),) = node.items()
            return self.array(body) if tag == "a" else self.tagged(tag, body, depth + 1)
        if node is None or isinstance(node, bool):
            return node
        if isinstance(node, int):
            return _within(node, -(1 << 63), (1 << 63) - 1)
        if isinstance(node, str):
            return _string(node)
        raise WireError("a value with an unknown tag")

    def tagged(self, tag: str, body: Any, depth: int) -> Any:
        if tag == "f":
            return _float(body)
        if tag == "o":
            return self.opaque(_string(body))
        if tag not in _CONTAINERS:
            raise WireError("a value with an unknown tag")
        if not isinstance(body, list):
            raise WireError("a container without items")
        if tag == "d":
            return {_string(key): self.value(item, depth) for key, item in map(_pair, body)}
        items = [self.value(item, depth) for item in body]
        return tuple(items) if tag == "t" else items

    def array(self, body: Any) -> Any:
        name, shape = _pair(body)
        dtype = DTYPES.get(name) if isinstance(name, str) else None
        if dtype is None:
            raise WireError("an array with a non-numeric type")
        if not isinstance(shape, list) or len(shape) > NDIM_CAP:
            raise WireError("an array with too many axes")
        for axis in shape:
            if type(axis) is not int or not 0 <= axis <= AXIS_CAP:
                raise WireError("an integer out of range")
        count = math.prod(shape)
        begin, self.offset = self.offset, self.offset + count * dtype.itemsize
        if not _fits(shape) or self.offset > len(self.blob):
            raise WireError("an array larger than its data")
        if name == "|b1" and self.blob[begin : self.offset].translate(None, b"\0\1"):
            raise WireError("a boolean that is neither 0 nor 1")
        return np.frombuffer(self.blob, dtype, count, begin).reshape(shape)


def decode(header: bytes, blob: bytes, *, opaque: Callable[[str], Any] = str) -> Any:
    """Return the value of a frame. Arrays are read-only views of `blob`. Raises WireError.

    `opaque` makes a placeholder from the name of a type.
    """
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


def round_trip(value: Any, *, opaque: Callable[[str], Any]) -> Any:
    """Return a value as the other side of the wire receives it. Raises WireError.

    >>> round_trip((1, [0.5, {1, 2}]), opaque=str)
    (1, [0.5, 'set'])
    """
    frame = encode(value)
    _, header_size, _ = _PREFIX.unpack_from(frame)
    body = frame[_PREFIX.size :]
    return decode(body[:header_size], body[header_size:], opaque=opaque)


def _refuse(_: str) -> Any:
    raise WireError("a number that JSON does not allow")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) != 1:
        raise WireError("an object without exactly one tag")
    return dict(pairs)


def _pair(node: Any) -> tuple[Any, Any]:
    if not isinstance(node, list) or len(node) != 2:
        raise WireError("an invalid pair")
    return node[0], node[1]


def _string(node: Any) -> str:
    if not isinstance(node, str) or len(node) > STRING_CAP:
        raise WireError("a string that is invalid or too long")
    return node if node.isascii() else node.encode("utf-8", "replace").decode()


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


class ReadAhead:
    """A socket that is read in large parts, for the side that receives many frames at once."""

    def __init__(self, channel: socket) -> None:
        self._channel = channel
        self._data = memoryview(b"")

    def recv(self, size: int) -> memoryview:
        """Return at most `size` bytes, none if the channel is closed."""
        self._data = self._data or memoryview(self._channel.recv(_CHUNK))
        part, self._data = self._data[:size], self._data[size:]
        return part

    def settimeout(self, seconds: float) -> None:
        """Set the time until which bytes must arrive, unless some have."""
        if not self._data:
            self._channel.settimeout(seconds)


def send(channel: socket, value: Any) -> None:
    """Send one value as a frame."""
    channel.sendall(encode(value))


def receive(
    channel: socket | ReadAhead,
    *,
    deadline: float | None = None,
    opaque: Callable[[str], Any] = str,
) -> Any:
    """Return the next value; `deadline` is in seconds of time.monotonic().

    Raises TimeoutError, EOFError if the channel is closed, and WireError.
    """
    magic, header_size, blob_size = _PREFIX.unpack(_exactly(channel, _PREFIX.size, deadline))
    if magic != MAGIC or header_size > HEADER_CAP or blob_size > BLOB_CAP:
        raise WireError("a frame that is invalid or too large")
    header = _exactly(channel, header_size, deadline)
    return decode(header, _exactly(channel, blob_size, deadline), opaque=opaque)


def _exactly(channel: socket | ReadAhead, size: int, deadline: float | None) -> bytes:
    """Read `size` bytes. Memory grows with the bytes that arrive, not with the announced size."""
    data = bytearray()
    while len(data) < size:
        if deadline is not None:
            # Computed for every read: a sender of single bytes must not extend the deadline.
            seconds = deadline - time.monotonic()
            if seconds <= 0:
                raise TimeoutError("the deadline has passed")
            channel.settimeout(seconds)
        chunk = channel.recv(min(size - len(data), _CHUNK))
        if not chunk:
            raise EOFError("the channel was closed")
        data += chunk
    return bytes(data)
