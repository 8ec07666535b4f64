"""Only plain data within the caps crosses the wire; everything else is refused, with a reason."""

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

from grader.model import Ending, Opaque, Raised, Returned
from grader.model.submission import Program
from grader.sandbox.box import wire
from grader.sandbox.box.wire import WireError
from tests.sandbox.programs import HONEST, ONCE, Run, program, value

PREFIX = struct.Struct("<4sIQ")

NO_FRAME = "a frame that is invalid or too large"
NO_JSON = "a header that is not a value in JSON"
NO_TAG = "a value with an unknown tag"
NO_PAIR = "an invalid pair"
NO_STRING = "a string that is invalid or too long"
NOT_ONE_TAG = "an object without exactly one tag"
TOO_MUCH = "more values, or deeper nesting, than a return value may contain"
OUT_OF_RANGE = "an integer out of range"
NOT_HEX = "a float that is not written in hexadecimal"
NOT_NUMERIC = "an array with a non-numeric type"
MANY_AXES = "an array with too many axes"
TOO_LARGE = "an array larger than its data"
NO_ITEMS = "a container without items"
NO_EVENT = "a message that is not an event"
OUT_OF_TURN = "an event in the wrong order"


def parts(frame: bytes) -> tuple[bytes, bytes]:
    """Return header and blob of a frame, after checking its prefix."""
    magic, header_size, blob_size = PREFIX.unpack_from(frame)
    header, blob = frame[PREFIX.size :][:header_size], frame[PREFIX.size + header_size :]
    assert (magic, len(header), len(blob)) == (b"NBG1", header_size, blob_size)
    return header, blob


def round_trip(value: Any) -> Any:
    parts(wire.encode(value))
    return wire.round_trip(value, opaque=Opaque)


def decode(node: Any, blob: bytes = b"") -> Any:
    return wire.decode(json.dumps(node).encode(), blob)


def same(first: Any, second: Any) -> bool:
    """Return True if two values have the same types and the same bits."""
    if type(first) is not type(second):
        return False
    if isinstance(first, np.ndarray):
        alike = first.dtype == second.dtype and first.shape == second.shape
        return alike and first.tobytes() == second.tobytes()
    if isinstance(first, float):
        return repr(first) == repr(second)
    if isinstance(first, dict):
        return list(first) == list(second) and all(same(first[key], second[key]) for key in first)
    if isinstance(first, tuple | list):
        return len(first) == len(second) and all(map(same, first, second))
    return bool(first == second)


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Yield both ends of a channel."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


# ------------------------------------------------------------------ round trip

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
def test_plain_data_round_trip(value: Any) -> None:
    assert same(round_trip(value), value)


@given(arrays)
def test_array_round_trip_is_read_only(array: Any) -> None:
    back = round_trip(array)
    assert same(back, array)
    assert not back.flags.writeable


@pytest.mark.parametrize("dtype", sorted(wire.DTYPES))
def test_every_numeric_dtype_round_trips(dtype: str) -> None:
    array = np.array([[0, 1], [1, 0]], dtype)
    assert same(round_trip(array), array)


@pytest.mark.parametrize("dtype", [">f8", ">i4", ">c16"])
def test_big_endian_becomes_little_endian(dtype: str) -> None:
    back = round_trip(np.array([1, 2, 3], dtype))
    assert back.dtype.byteorder in "=<"
    assert back.tolist() == [1, 2, 3]


def test_views_keep_their_order() -> None:
    array = np.arange(12.0).reshape(3, 4)
    for view in (array.T, array[::-1, ::2], np.asfortranarray(array), np.broadcast_to(1.0, (2, 2))):
        assert round_trip(view).tolist() == view.tolist()


@pytest.mark.parametrize("scalar", [np.float64(1.5), np.float32(2), np.int8(-3), np.bool_(True)])
def test_numpy_scalar_becomes_0d_array(scalar: np.generic) -> None:
    assert same(round_trip(scalar), np.asarray(scalar))


def test_subclasses_become_plain_data() -> None:
    class Whole(int):
        pass

    class Real(float):
        pass

    class Text(str):
        __slots__ = ()

    assert same(round_trip([Whole(3), Real(0.5), Text("x")]), [3, 0.5, "x"])
    assert same(round_trip(np.ma.array([1.0, 2.0])), np.array([1.0, 2.0]))


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
def test_other_types_become_their_name(thing: Any, name: str) -> None:
    assert round_trip(thing) == Opaque(name)
    assert round_trip([thing, 1]) == [Opaque(name), 1]


@pytest.mark.parametrize(
    "shape", [(wire.BLOB_CAP + 1,), (wire.AXIS_CAP + 1,), (0, 1 << 30), (0, 1 << 13, 1 << 13)]
)
def test_array_beyond_a_cap_becomes_a_name(shape: tuple[int, ...]) -> None:
    array = np.broadcast_to(np.uint8(0), shape)
    assert round_trip(array) == Opaque(f"ndarray of uint8 with shape {shape}")


def test_largest_arrays_fit_together() -> None:
    half = np.zeros(wire.BLOB_CAP // 16)
    first, second, third = round_trip([half, half, half[:1]])
    assert same(first, half) and same(second, half)
    assert third == Opaque("ndarray of float64 with shape (1,)")


def test_strings_and_keys_are_cut() -> None:
    long = "é" * (wire.STRING_CAP + 1)
    assert round_trip([long, {long: 1}]) == [long[:-1], {long[:-1]: 1}]


def test_lone_surrogate_is_replaced() -> None:
    assert round_trip(["a\ud800b", {"\udfff": 1}]) == ["a?b", {"?": 1}]


def test_other_keys_become_their_type() -> None:
    assert round_trip({1: "a", (2,): "b"}) == {"<int>": "a", "<tuple>": "b"}


def nested(depth: int) -> Any:
    thing: Any = 7
    for _ in range(depth):
        thing = [thing]
    return thing


def test_deep_containers_become_a_name() -> None:
    assert round_trip(nested(wire.DEPTH_CAP)) == nested(wire.DEPTH_CAP)
    deeper = json.dumps(round_trip(nested(wire.DEPTH_CAP + 1)), default=str)
    assert deeper == "[" * wire.DEPTH_CAP + "\"Opaque(type_name='list')\"" + "]" * wire.DEPTH_CAP


def test_list_that_contains_itself() -> None:
    endless: list[Any] = []
    endless.append(endless)
    assert "Opaque(type_name='list')" in str(round_trip(endless))


def test_opaque_defaults_to_str() -> None:
    assert wire.decode(*parts(wire.encode({1, 2}))) == "set"


# ------------------------------------------------------------------ refused frames


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
def test_header_outside_the_grammar(node: Any, message: str) -> None:
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
        (b"NaN", "a number that JSON does not allow"),
        (b"-Infinity", "a number that JSON does not allow"),
        (b"1e999", NO_TAG),
        (b'{"l":[],"l":[]}', NOT_ONE_TAG),
    ],
    ids=lambda item: str(item)[:20],
)
def test_header_that_is_not_our_json(header: bytes, message: str) -> None:
    with pytest.raises(WireError) as refusal:
        wire.decode(header, b"")
    assert str(refusal.value) == message


def test_nesting_beyond_the_cap_is_refused() -> None:
    node: Any = 7
    for _ in range(wire.DEPTH_CAP + 2):
        node = {"l": [node]}
    with pytest.raises(WireError) as refusal:
        decode(node)
    assert str(refusal.value) == TOO_MUCH


def test_surplus_bytes_are_refused() -> None:
    with pytest.raises(WireError, match=r"\Amore bytes than its arrays need\Z"):
        decode({"a": ["|u1", [2]]}, b"123")


def test_invalid_boolean_is_refused() -> None:
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
def test_any_json_is_decoded_or_refused(node: Any, blob: bytes) -> None:
    with contextlib.suppress(WireError):
        decode(node, blob)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(values, max_size=3),
    st.lists(st.tuples(st.integers(0, 2_000), st.integers(0, 255)), min_size=1, max_size=6),
    st.integers(0, 40),
)
def test_mutated_frame_is_decoded_or_refused(
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


def test_large_frame_arrives_in_chunks(
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
def test_bad_prefix_is_refused_at_once(
    ends: tuple[socket.socket, socket.socket], prefix: tuple[bytes, int, int]
) -> None:
    ours, theirs = ends
    theirs.sendall(PREFIX.pack(*prefix))
    with pytest.raises(WireError) as refusal:
        wire.receive(ours, deadline=time.monotonic() + 30)
    assert str(refusal.value) == NO_FRAME


@pytest.mark.parametrize("length", [0, 1, PREFIX.size - 1, PREFIX.size, PREFIX.size + 3, -1])
def test_channel_closed_within_a_frame(
    ends: tuple[socket.socket, socket.socket], length: int
) -> None:
    ours, theirs = ends
    theirs.sendall(wire.encode([np.arange(3), "x"])[:length])
    theirs.close()
    with pytest.raises(EOFError, match=r"\Athe channel was closed\Z"):
        wire.receive(ours)


@pytest.mark.parametrize("length", [0, 1, PREFIX.size, -1])
def test_silence_within_a_frame_is_a_time_out(
    ends: tuple[socket.socket, socket.socket], length: int
) -> None:
    ours, theirs = ends
    theirs.sendall(wire.encode("half a frame")[:length])
    with pytest.raises(TimeoutError):
        wire.receive(ours, deadline=time.monotonic() + 0.02)


def test_slow_drip_ends_at_the_deadline(
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


def test_memory_grows_with_arrived_bytes_only(
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


# ------------------------------------------------------------------ forged frames


def forging(body: str, *, calls: int = 1) -> Program:
    """Return a program that writes to the grader's channel before its function is called."""
    source = (
        "import os, struct, time, socket, wire\n"
        "import numpy as np\n"
        "channel = socket.socket(fileno=3)\n"
        "def say(**event):\n"
        "    wire.send(channel, event)\n"
        "def answer(value):\n"
        "    say(event='returned', value=value, mutated=[], notes=[])\n"
        "READY, END = {'event': 'ready', 'raised': [], 'notes': []}, {'event': 'end'}\n"
        "ERROR = {'kind': 'E', 'message': 'm', 'cell': 1, 'line': 1, 'missing_name': None}\n"
        f"{body}\n"
        "def f():\n"
        "    return 'not forged'\n"
    )
    return program(source, calls=ONCE * calls)


def test_forged_events_break_the_wire(run: Run) -> None:
    """Other programs are not affected."""
    too_long = "a list that is invalid or too long"
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
        "say(event='ready', raised=['ERROR'])": "an invalid error",
        "say(event='ready', raised=[ERROR | {'kind': 1}])": "an error without a message",
        "say(**READY); say(event='raised', error=7)": "an invalid error",
        "say(**READY); say(event='raised', error=ERROR | {'message': [np.zeros(9)] * 9})": (
            "an error without a message"
        ),
        "say(**READY); say(event='returned', value=1, mutated=None)": too_long,
    }
    programs = [p for forged in forgeries for p in (forging(forged), HONEST)]
    observations = run(*programs)
    assert {(o.ending, o.outcomes) for o in observations[::2]} == {(Ending.BROKEN_WIRE, ())}
    assert [o.detail for o in observations[::2]] == [
        f"the sandbox sent {m}" for m in forgeries.values()
    ]
    assert {value(honest) for honest in observations[1::2]} == {42}


def test_events_before_a_forgery_are_kept(run: Run) -> None:
    forgeries = {
        "notes=[]); answer(2)": OUT_OF_TURN,
        "notes=[['one']])": "an invalid note",
        "notes=[[1, 2]])": "an invalid note",
        "notes=[['a', 'b']] * 101)": "a list that is invalid or too long",
    }
    before = "say(**READY); say(event='returned', value=1, mutated=[0, True, 'x'], "
    observations = run(*(forging(before + forged) for forged in forgeries))
    assert {(o.ending, o.outcomes) for o in observations} == {
        (Ending.BROKEN_WIRE, (Returned(1, (0,)),))
    }
    assert [o.detail for o in observations] == [f"the sandbox sent {m}" for m in forgeries.values()]


def test_program_can_forge_only_its_own_value(run: Run) -> None:
    forged = (
        "wrong = ERROR | {'cell': -1, 'line': 1 << 40, 'missing_name': 5}\n"
        "say(event='ready', raised=[wrong], notes=[])\n"
        "answer('forged')\n"
        "say(**END)\n"
        "os._exit(0)"
    )
    observation, honest = run(forging(forged), HONEST)
    assert value(observation) == "forged"
    assert observation.raised_before == (Raised("E", "m"),)
    assert value(honest) == 42


def test_flood_of_frames_is_not_read(run: Run) -> None:
    floods = {
        "while True: say(**READY)": (0, OUT_OF_TURN),
        "while True: wire.send(channel, None)": (0, NO_EVENT),
        "say(**READY)\nwhile True: answer(None)": (3, OUT_OF_TURN),
        "say(**READY)\nwhile True: answer({'a': [np.zeros(1 << 21)]})": (
            2,
            "more data than all return values may contain",
        ),
    }
    *observations, honest = run(*(forging(flood, calls=3) for flood in floods), HONEST)
    assert {o.ending for o in observations} == {Ending.BROKEN_WIRE}
    assert [
        (len(o.outcomes), o.detail.removeprefix("the sandbox sent ")) for o in observations
    ] == [*floods.values()]
    assert value(honest) == 42


def test_stalled_channel_ends_at_the_deadline(run_once: Run) -> None:
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
    *observations, honest = run_once(*map(forging, stalls), HONEST, function_seconds=1.5)
    assert time.monotonic() - started < 30
    assert [o.ending for o in observations] == [*stalls.values()]
    assert value(honest) == 42
