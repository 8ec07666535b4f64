"""Boxes are forked from fork servers; programs notice only that they start faster."""

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
def server(full: None) -> fork_server.ForkServer:
    return fork_server.ForkServer(NUMPY, Tier.FULL)


def interpreter_of(word: str) -> int:
    """Return the process of the fork server with a word in its command line."""
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        line = file.read_bytes()
        if word.encode() in line and b"bwrap" not in line.split(b"\0")[0]:
            return int(file.parent.name)
    raise AssertionError("no fork server")


def test_interpreter_is_kept_for_the_next_run(run: Run, marked: Path) -> None:
    for _ in range(3):
        assert value(run(HONEST, helpers=(marked,))[0]) == 42
    assert settled(marked.stem, 2), "more than bubblewrap and the fork server in it"


def test_files_do_not_reach_the_next_submission(run_full: Run, marked: Path) -> None:
    leave = program("def f():\n    open('/tmp/note', 'w').write('x')\n    return 1\n")
    look = program("import os\ndef f():\n    return os.listdir('/tmp')\n")
    assert value(run_full(leave, helpers=(marked,))[0]) == 1
    assert value(run_full(look, helpers=(marked,))[0]) == []


def test_only_own_processes_are_visible(run_full: Run) -> None:
    assert (
        value(run_full(program("import os\ndef f():\n    return os.listdir('/proc')\n"))[0]) == []
    )
    kill = program("import os\ndef f():\n    return [os.getpid() < 10, os.getppid()]\n")
    assert value(run_full(kill)[0]) == [True, 1]


def test_failing_fork_is_box_lost(tier: Tier) -> None:
    """The only process is the box's own, so the program cannot have one."""
    with pytest.raises(BoxLost) as problem:
        sandbox.run([HONEST, HONEST], NUMPY, Limits(processes=1), tier=tier)
    assert str(problem.value) == (
        "The sandbox could not start a process: [Errno 11] Resource temporarily unavailable."
    )


def test_start_time_is_not_the_students(
    monkeypatch: pytest.MonkeyPatch, marked: Path, full: None
) -> None:
    start = launch.start_fork_server

    def slow(*args: Any) -> Any:
        time.sleep(1.2)
        return start(*args)

    monkeypatch.setattr(launch, "start_fork_server", slow)
    limits = Limits(function_seconds=1.0, submission_seconds=1.0)
    contents = sandbox.BoxContents(((marked.name, marked),), ("numpy",))
    observations = sandbox.run([HONEST, HONEST], contents, limits, tier=Tier.FULL)
    assert [o.ending for o in observations] == [Ending.FINISHED] * 2


@pytest.mark.parametrize(
    ("number", "kind"), [(errno.EAGAIN, BoxError), (errno.EPERM, fork_server.NestingRefused)]
)
def test_temporary_and_permanent_refusals_differ(number: int, kind: type[BoxError]) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    report = {"event": "failed", "reason": os.strerror(number), "number": number}
    with ours, theirs:
        theirs.send(json.dumps(report).encode())
        with pytest.raises(BoxError) as raised:
            fork_server._handle_when_ready(ours)
    assert type(raised.value) is kind


def test_killed_interpreter_is_replaced(run: Run, marked: Path) -> None:
    assert value(run(HONEST, helpers=(marked,))[0]) == 42
    os.kill(interpreter_of(marked.stem), signal.SIGKILL)
    assert settled(marked.stem, 0)
    assert value(run(HONEST, helpers=(marked,))[0]) == 42


def test_interpreter_is_replaced_after_many_boxes(
    server: fork_server.ForkServer, starts: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fork_server, "_MAX_BOXES", 2)
    for _ in range(5):
        server.box(Limits()).close()
    server.close()
    assert len(starts) == 3


def test_boxes_start_alone_if_nesting_is_refused(
    run_full: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> launch.Box:
        raise fork_server.NestingRefused(
            "A sandbox may not create another one: unshare: Operation not permitted."
        )

    monkeypatch.setattr(fork_server, "_nesting_refused", threading.Event())
    monkeypatch.setattr(fork_server.ForkServer, "box", refused)
    hang = program("def f():\n    while True:\n        pass\n")
    observations = run_full(HONEST, hang, HONEST, function_seconds=1.5)
    assert [o.ending for o in observations] == [Ending.FINISHED, Ending.TIMEOUT, Ending.FINISHED]
    assert fork_server._nesting_refused.is_set()


def test_lease_skips_a_parents_fork_server(run: Run, marked: Path) -> None:
    assert value(run(HONEST, helpers=(marked,))[0]) == 42
    kind = next(
        k for k in fork_server._idle if any(marked.name in name for name, _ in k[0].helpers)
    )
    contents, tier = kind
    foreign = fork_server._idle[kind][-1]
    foreign.owner = -1
    with fork_server.lease(contents, tier) as leased:
        assert leased is not foreign
    foreign.close()


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
def test_unneeded_system_calls_are_refused(run: Run, attempt: str) -> None:
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


def test_threads_are_allowed(run_full: Run) -> None:
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
    ("source", "preloaded"),
    [
        ("import numpy as np", set()),
        ("from scipy.special import expit", set()),
        ("import matplotlib.pyplot as plt", {"matplotlib.pyplot", "IPython"}),
        ("get_ipython()", {"matplotlib.pyplot", "IPython"}),
        ("from scipy import io, stats", {"matplotlib.pyplot", "IPython", "scipy.stats", "sklearn"}),
        ("import sklearn", {"matplotlib.pyplot", "IPython", "scipy.stats", "sklearn"}),
    ],
)
def test_slow_libraries_are_preloaded_if_named(
    run_once: Run, source: str, preloaded: set[str]
) -> None:
    """Slow libraries are imported before the fork if a program names them."""
    pytest.importorskip("matplotlib")
    pytest.importorskip("sklearn")
    # The names are split, so that this program does not itself ask for them.
    names = "{'sci' 'py.stats', 'mat' 'plotlib.pyplot', 'IPy' 'thon', 'skl' 'earn'}"
    loaded = f"import sys\nseen = sorted({names} & set(sys.modules))\n"
    (observation,) = run_once(
        program(loaded, source, "def f():\n    return seen\n"),
        packages=("numpy", "scipy", "matplotlib", "scikit-learn", "ipython"),
    )
    assert value(observation) == sorted(preloaded)


def test_growing_fork_server_exits() -> None:
    source = (
        "import os, fork_server\n"
        "used = fork_server._address_space()\n"
        "codes = []\n"
        "os._exit = lambda code: codes.append(code)\n"
        "os.listdir = lambda _: ['one thread']\n"
        "fork_server._exit_if_unfit_to_fork(used)\n"
        "unchanged = list(codes)\n"
        "fork_server._exit_if_unfit_to_fork(used // 2)\n"
        "print(json.dumps([unchanged, codes]))\n"
    )
    assert in_a_child(source) == [[], [1]]


def test_settings_list_the_helper_modules() -> None:
    helpers = (("a.py", Path("a.py")), ("data/b.mat", Path("b.mat")))
    assert sandbox.BoxContents(helpers, ()).settings()["helpers"] == ["a"]
