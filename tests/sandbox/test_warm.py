"""Boxes are forked from warm interpreters, which nobody notices but the clock."""

from __future__ import annotations

import errno
import json
import os
import signal
import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from grader import sandbox
from grader.errors import BoxError
from grader.model import Ending, Limits, Tier
from grader.sandbox import fork_server, launch
from grader.sandbox.launch import BoxLost
from tests.sandbox.children import in_a_child
from tests.sandbox.programs import HONEST, Run, program, settled, value

NUMPY = sandbox.BoxContents((), ("numpy",))


@pytest.fixture
def nursery(full: None) -> fork_server.ForkServer:
    return fork_server.ForkServer(NUMPY, Tier.FULL)


def interpreter_of(word: str) -> int:
    """Return the process of the one warm interpreter with a word in its command line."""
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        line = file.read_bytes()
        if word.encode() in line and b"bwrap" not in line.split(b"\0")[0]:
            return int(file.parent.name)
    raise AssertionError("no warm interpreter")


def test_an_interpreter_stays_for_the_next_submission(run: Run, marked: Path) -> None:
    for _ in range(3):
        assert value(run(HONEST, helpers=(marked,))[0]) == 42
    assert settled(marked.stem, 2), "more than a wall and the interpreter within"


def test_no_submission_sees_what_another_left(run_full: Run, marked: Path) -> None:
    leave = program("def f():\n    open('/tmp/note', 'w').write('x')\n    return 1\n")
    look = program("import os\ndef f():\n    return os.listdir('/tmp')\n")
    assert value(run_full(leave, helpers=(marked,))[0]) == 1
    assert value(run_full(look, helpers=(marked,))[0]) == []


def test_a_submission_sees_no_processes_but_its_own(run_full: Run) -> None:
    assert (
        value(run_full(program("import os\ndef f():\n    return os.listdir('/proc')\n"))[0]) == []
    )
    kill = program("import os\ndef f():\n    return [os.getpid() < 10, os.getppid()]\n")
    assert value(run_full(kill)[0]) == [True, 1]


def test_a_machine_that_starts_no_process_is_a_failure_of_ours(tier: Tier) -> None:
    """One process is the box's own, so that none is left for the program."""
    with pytest.raises(BoxLost) as told:
        sandbox.run([HONEST, HONEST], NUMPY, Limits(processes=1), tier=tier)
    assert str(told.value) == (
        "A box could start no process: [Errno 11] Resource temporarily unavailable."
    )


def test_time_to_start_an_interpreter_is_not_taken_from_the_student(
    monkeypatch: pytest.MonkeyPatch, marked: Path, full: None
) -> None:
    start = launch.fork_server

    def slow(*args: Any) -> Any:
        time.sleep(1.2)
        return start(*args)

    monkeypatch.setattr(launch, "fork_server", slow)
    limits = Limits(function_seconds=1.0, submission_seconds=1.0)
    contents = sandbox.BoxContents(((marked.name, marked),), ("numpy",))
    seen = sandbox.run([HONEST, HONEST], contents, limits, tier=Tier.FULL)
    assert [one.ending for one in seen] == [Ending.FINISHED] * 2


@pytest.mark.parametrize(
    ("number", "kind"), [(errno.EAGAIN, BoxError), (errno.EPERM, fork_server.NestingRefused)]
)
def test_what_passes_by_is_told_from_what_is_refused_for_good(
    number: int, kind: type[BoxError]
) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    told = {"event": "failed", "reason": os.strerror(number), "number": number}
    with ours, theirs:
        theirs.send(json.dumps(told).encode())
        with pytest.raises(BoxError) as raised:
            fork_server._handle_when_ready(ours)
    assert type(raised.value) is kind


def test_an_interpreter_that_was_killed_is_replaced(run: Run, marked: Path) -> None:
    assert value(run(HONEST, helpers=(marked,))[0]) == 42
    os.kill(interpreter_of(marked.stem), signal.SIGKILL)
    assert settled(marked.stem, 0)
    assert value(run(HONEST, helpers=(marked,))[0]) == 42


def test_an_interpreter_that_has_made_many_boxes_is_replaced(
    nursery: fork_server.ForkServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fork_server, "_MOST_BOXES", 2)
    started, original = [], launch.fork_server

    def counted(*wanted: Any) -> Any:
        started.append(wanted)
        return original(*wanted)

    monkeypatch.setattr(launch, "fork_server", counted)
    for _ in range(5):
        nursery.box(Limits()).close()
    nursery.close()
    assert len(started) == 3


def test_where_a_box_may_make_no_other_each_is_built_anew(
    run_full: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> launch.Box:
        raise fork_server.NestingRefused(
            "A box may not make another: unshare: Operation not permitted."
        )

    monkeypatch.setattr(fork_server, "_nesting_refused", threading.Event())
    monkeypatch.setattr(fork_server.ForkServer, "box", refused)
    hang = program("def f():\n    while True:\n        pass\n")
    seen = run_full(HONEST, hang, HONEST, function_seconds=1.5)
    assert [o.ending for o in seen] == [Ending.FINISHED, Ending.TIMEOUT, Ending.FINISHED]
    assert fork_server._nesting_refused.is_set()


def test_a_forked_process_does_not_use_its_parents_interpreters(run: Run, marked: Path) -> None:
    assert value(run(HONEST, helpers=(marked,))[0]) == 42
    kind = next(
        k for k in fork_server._idle if any(marked.name in name for name, _ in k[0].helpers)
    )
    contents, tier = kind
    owned = fork_server._idle[kind][-1]
    owned.owner = -1
    with fork_server.borrowed(contents, tier) as lent:
        assert lent is not owned
    owned.close()


@pytest.mark.parametrize(
    "attempt",
    [
        "os.fork()",
        "os.execv('/bin/true', ['true'])",
        "socket.socket()",
        "socket.socketpair()",
        "checked(libc.unshare(0x10000000))",
        "checked(libc.mount(b'x', b'/tmp', b'tmpfs', 0, None))",
        "checked(libc.ptrace(0, 0, 0, 0))",
        "checked(libc.shmget(0, 1 << 20, 0o1600))",
        "checked(libc.prctl(1, 0, 0, 0, 0))",
        "os.memfd_create('x')",
        "os.pidfd_open(1)",
    ],
)
def test_system_calls_that_no_function_needs_are_refused(run: Run, attempt: str) -> None:
    source = (
        "import ctypes, os, socket\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "def checked(result):\n"
        "    if result == -1:\n"
        "        raise OSError(ctypes.get_errno(), 'refused')\n"
        f"def f():\n    try:\n        {attempt}\n        return 'done'\n"
        "    except PermissionError:\n        return 'refused'\n"
    )
    assert value(run(program(source))[0]) == "refused"


def test_threads_are_still_allowed(run_full: Run) -> None:
    source = (
        "import threading\n"
        "def f():\n"
        "    seen = []\n"
        "    thread = threading.Thread(target=seen.append, args=(1,))\n"
        "    thread.start(); thread.join()\n"
        "    return seen\n"
    )
    assert value(run_full(program(source))[0]) == [1]


@pytest.mark.parametrize(
    ("source", "many"),
    [
        ("import numpy as np\ndef f():\n    return 1\n", False),
        ("from scipy.special import expit\ndef f():\n    return 1\n", False),
        ("import matplotlib.pyplot as plt\ndef f():\n    return 1\n", True),
        ("from scipy import stats\ndef f():\n    return 1\n", True),
        ("get_ipython()\ndef f():\n    return 1\n", True),
    ],
)
def test_libraries_that_take_long_to_load_are_loaded_already_where_a_program_asks_for_them(
    run: Run, source: str, *, many: bool
) -> None:
    pytest.importorskip("matplotlib")
    # The look itself must not read as if it asked for them.
    names = "{'sci' 'py.stats', 'mat' 'plotlib.pyplot', 'IPy' 'thon'}"
    loaded = f"import sys\nseen = {names} & set(sys.modules)\n"
    (seen,) = run(
        program(loaded, source, "def f():\n    return len(seen)\n"),
        packages=("numpy", "scipy", "matplotlib", "ipython"),
    )
    assert value(seen) == (3 if many else 0)


def test_an_interpreter_that_grows_ends_to_be_replaced() -> None:
    source = (
        "import os, fork_server\n"
        "used = fork_server._address_space()\n"
        "told = []\n"
        "os._exit = lambda code: told.append(code)\n"
        "os.listdir = lambda _: ['one thread']\n"
        "fork_server._fit_to_fork(used)\n"
        "same = list(told)\n"
        "fork_server._fit_to_fork(used // 2)\n"
        "print(json.dumps([same, told]))\n"
    )
    assert in_a_child(source) == [[], [1]]


def test_furniture_names_the_modules_among_its_helpers() -> None:
    helpers = (("a.py", Path("a.py")), ("data/b.mat", Path("b.mat")))
    assert sandbox.BoxContents(helpers, ()).settings()["helpers"] == ["a"]
