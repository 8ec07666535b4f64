"""What crosses the wire is plain data within its caps; anything else is refused, and named."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import json
import math
import socket
import struct
import threading
import time
import tracemalloc
from collections.abc import Iterator
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.model import Ending, Opaque, Program, Raised, Returned
from grader.sandbox.box import wire
from grader.sandbox.box.wire import WireError
from tests.sandbox.programs import HONEST, ONCE, Run, program, value

PREFIX = struct.Struct("<4sIQ")

NO_FRAME = "a frame that is none, or larger than its cap"
NO_JSON = "a header that is not the JSON of a value"
NO_TAG = "a value with an unknown tag"
NO_PAIR = "a pair that is not one"
NO_STRING = "a string that is none, or too long"
NOT_ONE_TAG = "an object that is not one tagged value"
TOO_MUCH = "more values, or deeper ones, than a return value may hold"
OUT_OF_RANGE = "an integer out of range"
NOT_HEX = "a float that is not written in hexadecimal"
NOT_NUMERIC = "an array of a type that is not numeric"
MANY_AXES = "an array with too many axes"
TOO_LARGE = "an array larger than the bytes that came with it"
NO_ITEMS = "a container without items"
NO_EVENT = "something that is no event"
OUT_OF_TURN = "an event out of its turn"


def parts(frame: bytes) -> tuple[bytes, bytes]:
    """Return header and blob of a frame, and look at its prefix in passing."""
    magic, header_size, blob_size = PREFIX.unpack_from(frame)
    header, blob = frame[PREFIX.size :][:header_size], frame[PREFIX.size + header_size :]
    assert (magic, len(header), len(blob)) == (b"NBG1", header_size, blob_size)
    return header, blob


def there_and_back(value: Any) -> Any:
    return wire.decode(*parts(wire.encode(value)), opaque=Opaque)


def decode(node: Any, blob: bytes = b"") -> Any:
    return wire.decode(json.dumps(node).encode(), blob)


def same(one: Any, other: Any) -> bool:
    """Say whether two values are alike to the last bit, and of the same kind."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        alike = one.dtype == other.dtype and one.shape == other.shape
        return alike and one.tobytes() == other.tobytes()
    if isinstance(one, float):
        return repr(one) == repr(other)
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Hand out both ends of a channel."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


# ------------------------------------------------------------------ there and back

arrays = hnp.arrays(
    st.sampled_from(sorted(wire.DTYPES.values(), key=str)),
    hnp.array_shapes(min_dims=0, max_dims=wire.NDIM_CAP, min_side=0, max_side=4),
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), (1 << 63) - 1)
    | st.floats()
    | st.text(max_size=20)
    | arrays
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(values)
@example((None, True, False, 0, -1, 1.0, -0.0, "", [], (), {}, {"": []}))
@example([math.nan, math.inf, -math.inf, 5e-324, -1.7976931348623157e308])
@example([-(1 << 63), (1 << 63) - 1])
def test_plain_data_comes_back_as_it_was(value: Any) -> None:
    assert same(there_and_back(value), value)


@given(arrays)
def test_an_array_comes_back_with_its_type_and_shape_and_cannot_be_written(array: Any) -> None:
    back = there_and_back(array)
    assert same(back, array)
    assert not back.flags.writeable


@pytest.mark.parametrize("dtype", sorted(wire.DTYPES))
def test_every_numeric_type_crosses(dtype: str) -> None:
    array = np.array([[0, 1], [1, 0]], dtype)
    assert same(there_and_back(array), array)


@pytest.mark.parametrize("dtype", [">f8", ">i4", ">c16"])
def test_a_big_endian_array_comes_back_little_endian_with_the_same_numbers(dtype: str) -> None:
    back = there_and_back(np.array([1, 2, 3], dtype))
    assert back.dtype.byteorder in "=<"
    assert back.tolist() == [1, 2, 3]


def test_a_view_crosses_in_the_order_in_which_it_is_read() -> None:
    array = np.arange(12.0).reshape(3, 4)
    for view in (array.T, array[::-1, ::2], np.asfortranarray(array), np.broadcast_to(1.0, (2, 2))):
        assert there_and_back(view).tolist() == view.tolist()


@pytest.mark.parametrize("scalar", [np.float64(1.5), np.float32(2), np.int8(-3), np.bool_(True)])
def test_a_numpy_scalar_comes_back_as_an_array_without_axes(scalar: np.generic) -> None:
    assert same(there_and_back(scalar), np.asarray(scalar))


def test_subclasses_of_plain_data_come_back_as_plain_data() -> None:
    class Whole(int):
        pass

    class Real(float):
        pass

    class Text(str):
        __slots__ = ()

    assert same(there_and_back([Whole(3), Real(0.5), Text("x")]), [3, 0.5, "x"])
    assert same(there_and_back(np.ma.array([1.0, 2.0])), np.array([1.0, 2.0]))


@pytest.mark.parametrize(
    ("thing", "name"),
    [
        (b"bytes", "bytes"),
        ({1, 2}, "set"),
        (1j, "complex"),
        (1 << 63, "int"),
        (-(1 << 63) - 1, "int"),
        (Fraction(1, 3), "Fraction"),
        (dt.date(2020, 1, 1), "date"),
        (len, "builtin_function_or_method"),
        (object, "type"),
        (np.array([None]), "ndarray of object with shape (1,)"),
        (np.array(["a"]), "ndarray of <U1 with shape (1,)"),
        (np.array(["2020"], "M8[D]"), "ndarray of datetime64[D] with shape (1,)"),
        (np.zeros(1, [("a", "<f8")]), "ndarray of [('a', '<f8')] with shape (1,)"),
        (np.zeros((1,) * 5), "ndarray of float64 with shape (1, 1, 1, 1, 1)"),
        ([0] * (wire.NODE_CAP + 1), "list"),
        (dict.fromkeys(map(str, range(wire.NODE_CAP + 1))), "dict"),
    ],
    ids=str,
)
def test_of_anything_else_only_the_name_of_its_type_crosses(thing: Any, name: str) -> None:
    assert there_and_back(thing) == Opaque(name)
    assert there_and_back([thing, 1]) == [Opaque(name), 1]


@pytest.mark.parametrize(
    "shape", [(wire.BLOB_CAP + 1,), (wire.AXIS_CAP + 1,), (0, 1 << 30), (0, 1 << 13, 1 << 13)]
)
def test_an_array_beyond_a_cap_crosses_as_a_name_and_is_no_breach(shape: tuple[int, ...]) -> None:
    array = np.broadcast_to(np.uint8(0), shape)
    assert there_and_back(array) == Opaque(f"ndarray of uint8 with shape {shape}")


def test_the_largest_arrays_that_fit_together_cross() -> None:
    half = np.zeros(wire.BLOB_CAP // 16)
    first, second, third = there_and_back([half, half, half[:1]])
    assert same(first, half) and same(second, half)
    assert third == Opaque("ndarray of float64 with shape (1,)")


def test_a_string_is_cut_at_its_cap_and_so_is_a_key() -> None:
    long = "é" * (wire.STRING_CAP + 1)
    assert there_and_back([long, {long: 1}]) == [long[:-1], {long[:-1]: 1}]


def test_half_a_surrogate_pair_is_replaced() -> None:
    assert there_and_back(["a\ud800b", {"\udfff": 1}]) == ["a?b", {"?": 1}]


def test_keys_that_are_no_strings_cross_as_their_type() -> None:
    assert there_and_back({1: "a", (2,): "b"}) == {"<int>": "a", "<tuple>": "b"}


def nested(depth: int) -> Any:
    thing: Any = 7
    for _ in range(depth):
        thing = [thing]
    return thing


def test_containers_nest_as_deep_as_the_cap_and_below_is_a_name() -> None:
    assert there_and_back(nested(wire.DEPTH_CAP)) == nested(wire.DEPTH_CAP)
    deeper = json.dumps(there_and_back(nested(wire.DEPTH_CAP + 1)), default=str)
    assert deeper == "[" * wire.DEPTH_CAP + "\"Opaque(type_name='list')\"" + "]" * wire.DEPTH_CAP


def test_a_list_that_holds_itself_crosses_as_far_as_the_cap() -> None:
    endless: list[Any] = []
    endless.append(endless)
    assert "Opaque(type_name='list')" in str(there_and_back(endless))


def test_without_a_class_for_it_an_opaque_value_is_read_as_its_name() -> None:
    assert wire.decode(*parts(wire.encode({1, 2}))) == "set"


# ------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    ("node", "message"),
    [
        (0.5, NO_TAG),
        ([], NO_TAG),
        ([1], NO_TAG),
        ({"x": 1}, NO_TAG),
        ({"F": "0x1p0"}, NO_TAG),
        ({}, NOT_ONE_TAG),
        ({"f": "0x1p0", "a": 1}, NOT_ONE_TAG),
        (1 << 63, OUT_OF_RANGE),
        (-(1 << 63) - 1, OUT_OF_RANGE),
        ("x" * (wire.STRING_CAP + 1), NO_STRING),
        ({"f": 1}, NO_STRING),
        ({"f": None}, NO_STRING),
        ({"f": ""}, NOT_HEX),
        ({"f": "one"}, NOT_HEX),
        ({"f": "0x1p99999"}, NOT_HEX),
        ({"f": "1" * (wire.STRING_CAP + 1)}, NO_STRING),
        ({"o": 1}, NO_STRING),
        ({"o": "x" * (wire.STRING_CAP + 1)}, NO_STRING),
        ({"t": None}, NO_ITEMS),
        ({"l": "items"}, NO_ITEMS),
        ({"d": {"l": []}}, NO_ITEMS),
        ({"d": [["key"]]}, NO_PAIR),
        ({"d": [["key", 1, 2]]}, NO_PAIR),
        ({"d": ["kv"]}, NO_PAIR),
        ({"d": [[1, 1]]}, NO_STRING),
        ({"d": [["x" * (wire.STRING_CAP + 1), 1]]}, NO_STRING),
        ({"a": None}, NO_PAIR),
        ({"a": ["<f8"]}, NO_PAIR),
        ({"a": ["<f8", [1], 2]}, NO_PAIR),
        ({"a": ["|O", [1]]}, NOT_NUMERIC),
        ({"a": ["float64", [1]]}, NOT_NUMERIC),
        ({"a": [">f8", [1]]}, NOT_NUMERIC),
        ({"a": [8, [1]]}, NOT_NUMERIC),
        ({"a": [["<f8"], [1]]}, NOT_NUMERIC),
        ({"a": ["<f8", 1]}, MANY_AXES),
        ({"a": ["<f8", [0] * (wire.NDIM_CAP + 1)]}, MANY_AXES),
        ({"a": ["<f8", [-1]]}, OUT_OF_RANGE),
        ({"a": ["<f8", [True]]}, OUT_OF_RANGE),
        ({"a": ["<f8", ["1"]]}, OUT_OF_RANGE),
        ({"a": ["<f8", [wire.AXIS_CAP + 1]]}, OUT_OF_RANGE),
        ({"a": ["<f8", [1]]}, TOO_LARGE),
        ({"a": ["<f8", [1 << 24, 1 << 24, 1 << 24, 1 << 24]]}, TOO_LARGE),
        ({"a": ["<f8", [0, 1 << 24, 1 << 24]]}, TOO_LARGE),
        ({"l": [0] * wire.NODE_CAP}, TOO_MUCH),
    ],
    ids=lambda item: str(item)[:40],
)
def test_a_header_that_breaks_the_grammar_is_refused(node: Any, message: str) -> None:
    with pytest.raises(WireError) as refusal:
        decode(node)
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (b"", NO_JSON),
        (b"{", NO_JSON),
        (b"1 2", NO_JSON),
        (b"nul", NO_JSON),
        (b"\xff\xff", NO_JSON),
        (b"1" * 5_000, NO_JSON),
        (b"[" * 100_000, NO_JSON),
        (b'{"l":' * 100_000, NO_JSON),
        (b"NaN", "a number that JSON does not know"),
        (b"-Infinity", "a number that JSON does not know"),
        (b"1e999", NO_TAG),
        (b'{"l":[],"l":[]}', NOT_ONE_TAG),
    ],
    ids=lambda item: str(item)[:20],
)
def test_a_header_that_is_no_json_of_ours_is_refused(header: bytes, message: str) -> None:
    with pytest.raises(WireError) as refusal:
        wire.decode(header, b"")
    assert str(refusal.value) == message


def test_values_nested_beyond_the_cap_are_refused() -> None:
    node: Any = 7
    for _ in range(wire.DEPTH_CAP + 2):
        node = {"l": [node]}
    with pytest.raises(WireError) as refusal:
        decode(node)
    assert str(refusal.value) == TOO_MUCH


def test_bytes_that_no_array_accounts_for_are_refused() -> None:
    with pytest.raises(WireError, match=r"\Amore bytes than the arrays account for\Z"):
        decode({"a": ["|u1", [2]]}, b"123")


def test_a_boolean_that_is_neither_is_refused() -> None:
    assert decode({"a": ["|b1", [2]]}, b"\x01\x00").tolist() == [True, False]
    with pytest.raises(WireError, match=r"\Aa boolean that is neither 0 nor 1\Z"):
        decode({"a": ["|b1", [2]]}, b"\x01\x02")


json_like = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(["<f8", "|b1", "<c16", "0x1p3", "nan"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from("fatldox"), inner, min_size=1, max_size=1)
    ),
    max_leaves=10,
)


@given(json_like, st.binary(max_size=32))
def test_any_json_is_read_as_a_value_or_refused(node: Any, blob: bytes) -> None:
    with contextlib.suppress(WireError):
        decode(node, blob)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(values, max_size=3),
    st.lists(st.tuples(st.integers(0, 2_000), st.integers(0, 255)), min_size=1, max_size=6),
    st.integers(0, 40),
)
def test_a_spoilt_frame_is_read_or_refused_and_nothing_else(
    value: Any, changes: list[tuple[int, int]], cut: int
) -> None:
    frame = bytearray(wire.encode(value))
    for place, byte in changes:
        frame[place % len(frame)] = byte
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            theirs.sendall(frame[: len(frame) - cut] if cut < len(frame) else frame)
        with contextlib.suppress(WireError, EOFError):
            wire.receive(ours, deadline=time.monotonic() + 10, opaque=Opaque)


# ------------------------------------------------------------------ frames on a socket


def test_frames_follow_one_another(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    for item in (1, [np.arange(3)], "x"):
        wire.send(theirs, item)
    theirs.close()
    assert wire.receive(ours) == 1
    assert wire.receive(ours)[0].tolist() == [0, 1, 2]
    assert wire.receive(ours) == "x"
    with pytest.raises(EOFError, match=r"\Athe channel was closed\Z"):
        wire.receive(ours)


def test_a_frame_larger_than_what_a_socket_holds_arrives_in_pieces(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = ends
    large = np.arange(500_000.0)
    sender = threading.Thread(target=wire.send, args=(theirs, large))
    sender.start()
    assert same(wire.receive(ours, deadline=time.monotonic() + 60), large)
    sender.join()


@pytest.mark.parametrize(
    "prefix",
    [
        (b"NBG2", 1, 0),
        (b"\x7fELF", 1, 0),
        (b"NBG1", wire.HEADER_CAP + 1, 0),
        (b"NBG1", 0xFFFFFFFF, 0),
        (b"NBG1", 1, wire.BLOB_CAP + 1),
        (b"NBG1", 1, 4 << 30),
        (b"NBG1", 1, (1 << 64) - 1),
    ],
)
def test_a_prefix_that_is_none_or_announces_too_much_is_refused_at_once(
    ends: tuple[socket.socket, socket.socket], prefix: tuple[bytes, int, int]
) -> None:
    ours, theirs = ends
    theirs.sendall(PREFIX.pack(*prefix))
    with pytest.raises(WireError) as refusal:
        wire.receive(ours, deadline=time.monotonic() + 30)
    assert str(refusal.value) == NO_FRAME


@pytest.mark.parametrize("length", [0, 1, PREFIX.size - 1, PREFIX.size, PREFIX.size + 3, -1])
def test_a_channel_closed_within_a_frame_is_an_end_of_file(
    ends: tuple[socket.socket, socket.socket], length: int
) -> None:
    ours, theirs = ends
    theirs.sendall(wire.encode([np.arange(3), "x"])[:length])
    theirs.close()
    with pytest.raises(EOFError, match=r"\Athe channel was closed\Z"):
        wire.receive(ours)


@pytest.mark.parametrize("length", [0, 1, PREFIX.size, -1])
def test_half_a_frame_and_then_silence_is_a_time_out(
    ends: tuple[socket.socket, socket.socket], length: int
) -> None:
    ours, theirs = ends
    theirs.sendall(wire.encode("half a frame")[:length])
    with pytest.raises(TimeoutError):
        wire.receive(ours, deadline=time.monotonic() + 0.02)


def test_no_byte_is_read_after_the_deadline_though_there_is_always_one_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = itertools.count(0.0, 0.25)
    monkeypatch.setattr(wire, "time", SimpleNamespace(monotonic=lambda: next(clock)))

    class Drip:
        given = 0

        def settimeout(self, seconds: float) -> None:
            assert seconds > 0

        def recv(self, size: int) -> bytes:
            self.given += 1
            return PREFIX.pack(b"NBG1", 1_000, 0)[self.given - 1 :][:1] or b" "

    drip: Any = Drip()
    with pytest.raises(TimeoutError, match=r"\Athe deadline has passed\Z"):
        wire.receive(drip, deadline=10.0)
    assert drip.given == 40


def test_memory_grows_with_what_has_arrived_and_not_with_what_was_announced(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = ends
    theirs.sendall(PREFIX.pack(b"NBG1", 4, wire.BLOB_CAP) + b"null" + b"x" * 100)
    theirs.close()
    tracemalloc.start()
    with pytest.raises(EOFError):
        wire.receive(ours)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2 << 20


# ------------------------------------------------------------------ a box that forges


def forging(body: str, *, calls: int = 1) -> Program:
    """Return a program that talks to the grader itself, before its function is ever called."""
    source = (
        "import os, struct, time, socket, wire\n"
        "import numpy as np\n"
        "channel = socket.socket(fileno=3)\n"
        "def say(**event):\n"
        "    wire.send(channel, event)\n"
        "def answer(value):\n"
        "    say(event='returned', value=value, mutated=[])\n"
        "READY, END = {'event': 'ready', 'raised': []}, {'event': 'end', 'notes': []}\n"
        "ERROR = {'kind': 'E', 'message': 'm', 'cell': 1, 'line': 1, 'missing_name': None}\n"
        f"{body}\n"
        "def f():\n"
        "    return 'not forged'\n"
    )
    return program(source, calls=ONCE * calls)


def test_what_is_not_the_next_event_breaks_the_wire_and_costs_no_other_program(run: Run) -> None:
    too_long = "a list that is none, or too long"
    forgeries = {
        "os.write(3, b'All tests passed' * 4)": NO_FRAME,
        "os.write(3, struct.pack('<4sIQ', b'NBG1', 0xFFFFFFFF, 0))": NO_FRAME,
        "os.write(3, struct.pack('<4sIQ', b'NBG1', 4, 4 << 30))": NO_FRAME,
        "os.write(3, struct.pack('<4sIQ', b'NBG1', 4, 0) + b'nope')": NO_JSON,
        "wire.send(channel, 'not an event')": NO_EVENT,
        "wire.send(channel, np.zeros(3))": NO_EVENT,
        "say(event='surprise')": OUT_OF_TURN,
        "say(event=['ready'])": NO_EVENT,
        "say(event=np.zeros(3))": NO_EVENT,
        "say(**END)": OUT_OF_TURN,
        "answer(1)": OUT_OF_TURN,
        "say(**READY); say(**READY)": OUT_OF_TURN,
        "say(**READY); say(**END)": OUT_OF_TURN,
        "say(event='ready', raised=None)": too_long,
        "say(event='ready', raised=[ERROR] * 101)": too_long,
        "say(event='ready', raised=['ERROR'])": "an error that is none",
        "say(event='ready', raised=[ERROR | {'kind': 1}])": "an error without words",
        "say(**READY); say(event='raised', error=7)": "an error that is none",
        "say(**READY); say(event='raised', error=ERROR | {'message': [np.zeros(9)] * 9})": (
            "an error without words"
        ),
        "say(**READY); say(event='returned', value=1, mutated=None)": too_long,
    }
    programs = [p for forged in forgeries for p in (forging(forged), HONEST)]
    seen = run(*programs)
    assert {(o.ending, o.outcomes) for o in seen[::2]} == {(Ending.BROKEN_WIRE, ())}
    assert [o.detail for o in seen[::2]] == [f"the box sent {m}" for m in forgeries.values()]
    assert {value(honest) for honest in seen[1::2]} == {42}


def test_what_came_before_the_wire_broke_is_kept(run: Run) -> None:
    forgeries = {
        "answer(2)": OUT_OF_TURN,
        "say(event='end', notes=[['one']])": "a note that is none",
        "say(event='end', notes=[[1, 2]])": "a note that is none",
        "say(event='end', notes=[['a', 'b']] * 101)": "a list that is none, or too long",
    }
    before = "say(**READY); say(event='returned', value=1, mutated=[0, True, 'x']); "
    seen = run(*(forging(before + forged) for forged in forgeries))
    assert {(o.ending, o.outcomes) for o in seen} == {(Ending.BROKEN_WIRE, (Returned(1, (0,)),))}
    assert [o.detail for o in seen] == [f"the box sent {m}" for m in forgeries.values()]


def test_a_program_can_forge_nothing_but_its_own_answer(run: Run) -> None:
    forged = (
        "say(event='ready', raised=[ERROR | {'cell': -1, 'line': 1 << 40, 'missing_name': 5}])\n"
        "answer('forged')\n"
        "say(**END)\n"
        "os._exit(0)"
    )
    seen, honest = run(forging(forged), HONEST)
    assert value(seen) == "forged"
    assert seen.raised_before == (Raised("E", "m"),)
    assert value(honest) == 42


def test_no_more_of_a_flood_of_frames_is_read_than_was_asked_for(run: Run) -> None:
    floods = {
        "while True: say(**READY)": (0, OUT_OF_TURN),
        "while True: wire.send(channel, None)": (0, NO_EVENT),
        "say(**READY)\nwhile True: answer(None)": (3, OUT_OF_TURN),
        "say(**READY)\nwhile True: answer({'a': [np.zeros(1 << 21)]})": (
            2,
            "more than all its answers may hold together",
        ),
    }
    *seen, honest = run(*(forging(flood, calls=3) for flood in floods), HONEST)
    assert {o.ending for o in seen} == {Ending.BROKEN_WIRE}
    assert [(len(o.outcomes), o.detail.removeprefix("the box sent ")) for o in seen] == [
        *floods.values()
    ]
    assert value(honest) == 42


def test_a_box_that_stalls_is_left_at_its_deadline(run_once: Run) -> None:
    drip = "os.write(3, struct.pack('<4sIQ', b'NBG1', 4, 1 << 24) + b'null')\nwhile True: "
    stalls = {
        "os.write(3, wire.encode(READY)[:9]); os._exit(0)": Ending.CRASHED,
        "os.write(3, wire.encode(READY)[:9]); time.sleep(600)": Ending.TIMEOUT,
        f"{drip}time.sleep(0.0005); os.write(3, b'x')": Ending.TIMEOUT,
        f"{drip}os.write(3, b'x')": Ending.TIMEOUT,
        "channel.close(); time.sleep(600)": Ending.CRASHED,
        "say(**READY); answer(1); say(**END); time.sleep(600)": Ending.TIMEOUT,
    }
    started = time.monotonic()
    *seen, honest = run_once(*map(forging, stalls), HONEST, function_seconds=1.5)
    assert time.monotonic() - started < 30
    assert [o.ending for o in seen] == [*stalls.values()]
    assert value(honest) == 42
