"""Programs of one run do not affect each other."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from grader.model import Call, Ending, Observation, Raised, Returned
from tests.sandbox.programs import HONEST, Run, all_gone, error, interleaved, program, value


def test_programs_do_not_share_state(run: Run) -> None:
    leave = (
        "import builtins, os, sys\n"
        "import numpy as np\n"
        "def f():\n"
        "    builtins.leak = np.leak = sys.modules['leak'] = 1\n"
        "    os.environ['LEAK'] = '1'\n"
        "    np.dot = np.float64 = None\n"
        "    import wire\n"
        "    wire.encode = None\n"
        "    return leak\n"
    )
    look = (
        "import builtins, os, sys\n"
        "import numpy as np\n"
        "def f():\n"
        "    return [hasattr(builtins, 'leak'), hasattr(np, 'leak'), 'leak' in sys.modules,\n"
        "            'LEAK' in os.environ, np.dot is None, 'f' in vars(np)]\n"
    )
    _, observation = run(program(leave), program(look))
    assert value(observation) == [False] * 6


def test_early_exits_are_named(run_full: Run) -> None:
    """Other programs are not affected."""
    exited = "Python exited with status {} before the function returned"
    ended = "its process was stopped by the signal {}"
    ways = {
        "os._exit(0)": exited.format(0),
        "os._exit(7)": exited.format(7),
        "os.kill(os.getpid(), signal.SIGSEGV)": ended.format("SIGSEGV"),
        "os.kill(os.getpid(), signal.SIGKILL)": ended.format("SIGKILL"),
        "os.kill(os.getpid(), 40)": ended.format("40"),
        "os.abort()": ended.format("SIGABRT"),
    }
    programs = [
        program(f"import os, signal\ndef f(go):\n    if not go:\n        return 1\n    {way}\n",
                calls=[Call((False,), 1), Call((True,), 1), Call((False,), 1)])
        for way in ways
    ]  # fmt: skip
    observations = run_full(*interleaved(*programs))
    assert {(o.ending, o.outcomes) for o in observations[::2]} == {(Ending.CRASHED, (Returned(1),))}
    assert [o.detail for o in observations[::2]] == [*ways.values()]
    assert {value(honest) for honest in observations[1::2]} == {42}


def test_exit_in_a_cell_is_a_crash(run: Run) -> None:
    observation, honest = run(program("import os\nos._exit(3)\n"), HONEST)
    assert (observation.ending, observation.outcomes) == (Ending.CRASHED, ())
    assert value(honest) == 42


def test_hanging_function_is_stopped(run: Run) -> None:
    source = (
        "import signal\n"
        "def f(n):\n"
        "    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\n"
        "    while n:\n"
        "        pass\n"
        "    return n\n"
    )
    hang = program(source, calls=[Call((n,), 1) for n in (0, 1, 0)])
    asleep = program("import time\ntime.sleep(600)\n")
    started = time.monotonic()
    observations = run(*interleaved(hang, asleep), function_seconds=1.5)
    assert time.monotonic() - started < 20
    detail = "it was still running at its time limit"
    assert observations[0] == Observation((Returned(0),), Ending.TIMEOUT, detail, started=True)
    outside = "the code outside your function that it needs was still running at its time limit"
    assert observations[2] == Observation((), Ending.TIMEOUT, outside)
    assert {value(honest) for honest in observations[1::2]} == {42}


def test_submission_time_limit_stops_all(run: Run) -> None:
    hang = program("while True:\n    pass\n")
    observations = run(hang, HONEST, HONEST, function_seconds=30.0, submission_seconds=1.5)
    assert [o.ending for o in observations] == [Ending.TIMEOUT] * 3
    detail = "the submission reached its time limit"
    assert observations[1:] == (Observation((), Ending.TIMEOUT, detail),) * 2


def test_no_time_means_no_calls(run: Run) -> None:
    (observation,) = run(HONEST, submission_seconds=0.0)
    assert (observation.ending, observation.started, observation.outcomes) == (
        Ending.TIMEOUT,
        False,
        (),
    )


ATTACKS = {
    "kills its parent": "os.kill(os.getppid(), 9)",
    "kills the first process": "[os.kill(1, s) for s in (2, 9, 15, 19)]",
    "kills all it can": "os.kill(-1, 9)",
    "kills its group": "os.killpg(0, 9)",
    "leaves a daemon": (
        "os.fork() or (os.setsid(), os.fork() and os._exit(0), time.sleep(600), os._exit(0))"
    ),
    "leaves many": "[os.fork() or time.sleep(600) for _ in range(500)]",
    "leaves a bomb": "os.fork() or [bomb() for _ in iter(int, 1)]",
    "eats memory": "bytearray(4 << 30)",
    "eats memory in pieces": "[bytearray(1 << 20) for _ in iter(int, 1)]",
    "eats descriptors": "[os.dup(0) for _ in iter(int, 1)]",
    "starts threads": "[threading.Thread(target=time.sleep, args=(9,)).start() for _ in range(999)]",
    "fills the disk": "[open(f'/tmp/{n}', 'wb').write(bytes(1 << 20)) for n in range(999)]",
    "writes a large file": "open('/tmp/large', 'wb').write(bytes(65 << 20))",
    "closes its channel": "os.close(3)",
    "overwrites its channel": "os.dup2(0, 3)",
    "crashes the interpreter": "ctypes.string_at(0)",
    "recurses": "f()",
    "changes user": "os.setuid(os.getuid() + 1)",
    "becomes root": "os.setuid(0)",
    "hands itself a terminal": "os.open('/dev/tty', os.O_RDWR)",
}


def test_attacks_do_not_affect_other_programs(run: Run, marked: Path) -> None:
    source = (
        "import ctypes, os, threading, time\n"
        "def bomb():\n"
        "    try:\n"
        "        os.fork()\n"
        "    except OSError:\n"
        "        pass\n"
        "def f():\n"
        "    try:\n"
        "        {}\n"
        "    except OSError:\n"
        "        return 'refused'\n"
    )
    programs = [program(source.format(attack)) for attack in ATTACKS.values()]
    limits = {"memory_bytes": 512 << 20, "disk_bytes": 16 << 20, "function_seconds": 5.0}
    observations = run(*interleaved(*programs), helpers=(marked,), **limits)
    unharmed = [h.ending is Ending.FINISHED and value(h) == 42 for h in observations[1::2]]
    assert dict(zip(ATTACKS, unharmed, strict=True)) == dict.fromkeys(ATTACKS, True)
    ends = dict(zip(ATTACKS, observations[::2], strict=True))
    assert error(ends["eats memory"]).kind == "MemoryError"
    assert error(ends["eats memory in pieces"]).kind == "MemoryError"
    for refused in ("fills the disk", "writes a large file", "changes user"):
        assert value(ends[refused]) == "refused"
    assert error(ends["recurses"]).kind == "RecursionError"
    assert ends["crashes the interpreter"].detail == "its process was stopped by the signal SIGSEGV"
    for silenced in ("closes its channel", "overwrites its channel"):
        assert ends[silenced].ending is Ending.CRASHED
    assert all_gone(marked.stem)


def test_fork_bomb_is_stopped(run: Run, marked: Path) -> None:
    bomb = program(
        "import os\n"
        "def f():\n"
        "    while True:\n"
        "        try:\n"
        "            os.fork()\n"
        "        except OSError:\n"
        "            pass\n"
    )
    observation, honest = run(bomb, HONEST, helpers=(marked,), function_seconds=1.5)
    assert observation.ending is Ending.TIMEOUT
    assert value(honest) == 42
    assert all_gone(marked.stem)


def test_left_processes_are_killed_before_the_next(run: Run) -> None:
    leave = program(
        "import os, time\n"
        "def f():\n"
        "    try:\n"
        "        if os.fork() == 0:\n"
        "            os.setsid()\n"
        "            if os.fork() == 0:\n"
        "                while True:\n"
        "                    open('/tmp/alive', 'w').close()\n"
        "            os._exit(0)\n"
        "    except OSError:\n"
        "        pass\n"
        "    time.sleep(0.1)\n"
    )
    look = program(
        "import os, time\n"
        "def alive(pid):\n"
        "    try:\n"
        "        os.kill(pid, 0)\n"
        "        return True\n"
        "    except OSError:\n"
        "        return False\n"
        "def f():\n"
        "    if os.path.exists('/tmp/alive'):\n"
        "        os.remove('/tmp/alive')\n"
        "        time.sleep(0.1)\n"
        "    others = set(range(2, 3000)) - {os.getpid(), os.getppid()}\n"
        "    return [pid for pid in others if alive(pid)], os.path.exists('/tmp/alive')\n"
    )
    _, observation = run(leave, look)
    assert value(observation) == ([], False)


def test_full_disk_is_empty_for_the_next(run_full: Run) -> None:
    source = (
        "def f(path, megabytes):\n"
        "    return open(path, 'wb').write(bytes(megabytes << 20))\n"
    )  # fmt: skip
    filled = program(source, calls=[Call((f"/tmp/{n}", 6), 1) for n in range(3)])
    observation, second = run_full(
        filled, program(source, calls=[Call(("/tmp/other", 6), 1)]), disk_bytes=8 << 20
    )
    assert [type(outcome) for outcome in observation.outcomes] == [Returned, Raised, Raised]
    assert isinstance(observation.outcomes[1], Raised)
    assert observation.outcomes[1].kind == "OSError"
    assert value(second) == 6 << 20


@pytest.mark.parametrize(
    "use",
    [
        "os.listdir('/tmp')",
        "os.chmod('/tmp', 0o1777)",
        "open('/tmp/x', 'w').close(); os.remove('/tmp/x')",
        "os.mkdir('/tmp/x'); os.rmdir('/tmp/x')",
    ],
)
def test_used_disk_is_replaced_for_the_next(run_full: Run, use: str) -> None:
    source = (
        "import os\n"
        "def f(first):\n"
        "    seen = os.stat('/tmp')\n"
        f"    if first:\n        {use}\n"
        "    return [os.getpid(), seen.st_mode & 0o7777, seen.st_mtime_ns > 10**18]\n"
    )
    first, second, third = run_full(
        *(program(source, calls=[Call((used,), 1)]) for used in (True, False, False))
    )
    # The processes of a box are numbered from 1.
    assert value(first)[0] == value(second)[0], "the disk was not used, so it is the same"
    assert value(third)[0] == value(second)[0] + 1, "the disk was not used, and yet it is new"
    assert value(second)[1:] == value(third)[1:] == [0o1777, True]


def test_ipython_shell_does_not_use_the_disk(run_full: Run) -> None:
    source = "import os\nget_ipython().run_cell('1')\ndef f():\n    return os.getpid()\n"
    packages, seconds = ("numpy", "ipython"), 30.0
    first, second = run_full(
        program(source), program(source), packages=packages, function_seconds=seconds
    )
    assert value(second) == value(first) + 1, "it is another box"
