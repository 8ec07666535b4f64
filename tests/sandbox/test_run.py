"""A box tells what happened, keeps programs apart, and lets nothing out; whoever starts it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader import sandbox
from grader.errors import BoxError
from grader.model import Call, Ending, Limits, Observation, Opaque, Program, Raised, Returned
from grader.sandbox import launch, view

from .programs import HONEST, ROOT, Run, all_gone, command_lines_with, error, program, value

NOBODY = 65534


def interleaved(*programs: Program) -> list[Program]:
    return [p for one in programs for p in (one, HONEST)]


# ------------------------------------------------------------------ what honest programs do


def test_returned_values_come_back_in_the_order_of_the_calls(run: Run) -> None:
    source = "import numpy as np\ndef f(x, scale):\n    return {'y': x * scale, 'n': len(x)}\n"
    (seen,) = run(program(source, calls=[Call((np.arange(3.0), n), 1) for n in (1, 2, 3)]))
    assert (seen.ending, seen.detail, seen.never_asked) == (Ending.FINISHED, "", False)
    assert [o.value["y"].tolist() for o in seen.outcomes if isinstance(o, Returned)] == [
        [0.0, 1.0, 2.0],
        [0.0, 2.0, 4.0],
        [0.0, 3.0, 6.0],
    ]


def test_observations_stand_in_the_order_of_the_programs(run: Run) -> None:
    programs = [program(f"def f():\n    return {n}\n") for n in range(8)]
    assert [value(seen) for seen in run(*programs)] == list(range(8))


def test_no_program_is_no_box_and_no_observation() -> None:
    assert sandbox.run([], sandbox.Furniture((), ()), Limits()) == ()


def test_a_program_without_calls_runs_its_cells_all_the_same(run: Run) -> None:
    (seen,) = run(program("1 / 0", calls=()))
    assert (seen.ending, seen.outcomes) == (Ending.FINISHED, ())
    assert [raised.kind for raised in seen.raised_before] == ["ZeroDivisionError"]


def test_what_is_no_plain_data_comes_back_as_the_name_of_its_type(run: Run) -> None:
    (seen,) = run(program("class Cost:\n    pass\ndef f():\n    return Cost(), 1\n"))
    assert value(seen) == (Opaque("Cost"), 1)


def test_an_error_is_told_with_its_kind_its_words_and_its_line_in_a_cell(run: Run) -> None:
    helper = "import numpy as np\n\ndef inner(x):\n    return np.dot(x, np.zeros(7))\n"
    (seen,) = run(program(helper, "def f(x):\n    y = x\n    return inner(y)\n", calls=[
        Call((np.zeros(3),), 1), Call((np.zeros(7),), 1), Call((), 1),
    ]))  # fmt: skip
    first, second, third = seen.outcomes
    assert isinstance(first, Raised) and isinstance(third, Raised)
    assert (first.kind, first.cell, first.line) == ("ValueError", 1, 4)
    assert "not aligned" in first.message
    assert second == Returned(0.0)
    assert (third.kind, third.cell, third.line) == ("TypeError", None, None)
    assert "missing 1 required positional argument: 'x'" in third.message


def test_the_name_that_a_function_misses_is_told(run: Run) -> None:
    (seen,) = run(program("def f():\n    return sigmoid(0)\n"))
    message = "name 'sigmoid' is not defined"
    assert error(seen) == Raised("NameError", message, cell=1, line=2, missing_name="sigmoid")


def test_a_function_that_is_not_there_is_an_error_like_any_other(run: Run) -> None:
    (seen,) = run(program("def g():\n    return 1\n"))
    assert error(seen).kind == "KeyError"


def test_an_error_without_words_or_with_bad_ones_is_told_as_far_as_it_can_be(run: Run) -> None:
    bare = program("def f():\n    assert 1 == 2\n")
    mute = program(
        "class Mute(Exception):\n"
        "    def __str__(self):\n"
        "        raise ValueError\n"
        "def f():\n"
        "    raise Mute\n"
    )
    long = program("def f():\n    raise KeyError('x' * 1_000_000)\n")
    first, second, third = map(error, run(bare, mute, long))
    assert (first.kind, first.message) == ("AssertionError", "")
    assert (second.kind, second.message) == ("Mute", "")
    assert (third.kind, len(third.message)) == ("KeyError", 4_000)


@pytest.mark.parametrize("leave", ["import sys\n    sys.exit(0)", "raise KeyboardInterrupt"])
def test_an_exit_that_python_can_catch_is_an_error_and_the_next_call_is_made(
    run: Run, leave: str
) -> None:
    (seen,) = run(program(f"def f(go):\n    if not go:\n        return 1\n    {leave}\n", calls=[
        Call((True,), 1), Call((False,), 1),
    ]))  # fmt: skip
    assert isinstance(seen.outcomes[0], Raised)
    assert seen.outcomes[0].kind in ("SystemExit", "KeyboardInterrupt")
    assert seen.outcomes[1] == Returned(1)


def test_statements_that_raise_are_reported_in_order_and_stop_no_other(run: Run) -> None:
    first = "a = 1\nb = a / 0\nimport there_is_no_such_module, math\nimport sys; sys.exit('bye')\n"
    (seen,) = run(
        program(first, "c = a + 1\nundefined\n", "def f():\n    return c, math.floor(1.5)\n")
    )
    assert value(seen) == (2, 1)
    places = [(raised.kind, raised.cell, raised.line) for raised in seen.raised_before]
    assert places == [
        ("ZeroDivisionError", 1, 2),
        ("ModuleNotFoundError", 1, 3),
        ("SystemExit", 1, 4),
        ("NameError", 2, 2),
    ]
    assert seen.raised_before[3].missing_name == "undefined"


def test_a_statement_that_cannot_be_compiled_is_reported_too(run: Run) -> None:
    (seen,) = run(program("return 1\n", "def f():\n    return 2\n"))
    assert value(seen) == 2
    assert [raised.kind for raised in seen.raised_before] == ["SyntaxError"]


def test_of_very_many_errors_the_first_are_reported(run: Run) -> None:
    (seen,) = run(program("1 / 0\n" * 500, "def f():\n    return 1\n"))
    assert value(seen) == 1
    assert [raised.line for raised in seen.raised_before] == list(range(1, 21))


def test_arguments_changed_in_place_are_reported_and_the_next_call_gets_fresh_ones(
    run: Run,
) -> None:
    source = (
        "def f(a, b, c, d, e):\n"
        "    seen = (a.tolist(), list(b), dict(c), d, e[0].tolist())\n"
        "    a += 1\n"
        "    c['new'] = 1\n"
        "    e[0][0] = 5\n"
        "    b = b + [1]\n"
        "    return seen\n"
    )
    args = (np.zeros(2), [1, 2], {"k": 1}, 7, (np.zeros(1),))
    (seen,) = run(program(source, calls=[Call(args, 1)] * 3))
    assert seen.outcomes == (Returned(([0.0, 0.0], [1, 2], {"k": 1}, 7, [0.0]), (0, 2, 4)),) * 3
    assert args[0].tolist() == [0.0, 0.0]


def test_a_returned_argument_that_a_later_call_changes_stays_as_it_was_returned(run: Run) -> None:
    source = "kept = []\ndef f(x):\n    kept.append(x)\n    kept[0] += 1\n    return kept[0]\n"
    (seen,) = run(program(source, calls=[Call((np.zeros(1),), 1)] * 2))
    assert [o.value.tolist() for o in seen.outcomes if isinstance(o, Returned)] == [[1.0], [2.0]]


def test_equal_seeds_give_equal_randomness_and_others_give_other(run: Run) -> None:
    source = (
        "import random\n"
        "import numpy as np\n"
        "np.random.rand(3), random.random()\n"
        "def f():\n"
        "    return [*np.random.rand(2).tolist(), random.random()]\n"
    )
    calls = [Call((), seed) for seed in (5, 6, 5)]
    one, other = run(program(source, calls=calls), program("\n" + source, calls=calls))
    assert one.outcomes == other.outcomes
    assert one.outcomes[0] == one.outcomes[2] != one.outcomes[1]
    expected = np.random.RandomState(5).rand(2).tolist()
    assert isinstance(one.outcomes[0], Returned)
    assert one.outcomes[0].value[:2] == expected


def test_names_that_numpy_has_removed_are_supplied_and_noted_once(run: Run) -> None:
    source = (
        "import numpy as np\n"
        "x = np.float(3), np.Inf, np.float(4)\n"
        "def f():\n"
        "    return x[0], x[1], np.product([2, 3]), np.asscalar(np.array([7])), np.bool8(1)\n"
    )
    (seen,) = run(program(source))
    assert value(seen) == (3.0, np.inf, 6, 7, True)
    names = ["float", "Inf", "product", "asscalar", "bool8"]
    assert seen.notes == tuple(("removed-numpy-name", name) for name in names)


def test_a_name_that_numpy_never_had_stays_an_error(run: Run) -> None:
    (seen,) = run(program("import numpy as np\ndef f():\n    return np.sigmoid(0)\n"))
    assert error(seen).kind == "AttributeError"
    assert seen.notes == ()


def test_a_helper_module_can_be_imported(run: Run, marked: Path) -> None:
    source = f"from {marked.stem} import double\ndef f(x):\n    return double(x)\n"
    (seen,) = run(program(source, calls=[Call((4,), 1)]), helpers=(marked,))
    assert value(seen) == 8
    assert seen.notes == ()


def test_a_helper_module_under_another_name_is_stood_in_for_and_noted(
    run: Run, marked: Path
) -> None:
    source = (
        "from old_utils import double, _PRIVATE, absent\n"
        "from old_utils import *\n"
        "import old_utils, other_utils\n"
        "def f():\n"
        "    return double(2), old_utils.double(3), 'absent' in globals(), '_PRIVATE' in globals()\n"
    )
    named, unnamed = run(
        program(source, stand_ins=("old_utils",)), program(source), helpers=(marked,)
    )
    assert value(named) == (4, 6, False, False)
    assert named.notes == (("helper-module-renamed", "old_utils"),)
    kinds = [(raised.kind, raised.line) for raised in named.raised_before]
    assert kinds == [("ImportError", 1), ("ImportError", 1), ("ModuleNotFoundError", 3)]
    assert error(unnamed).missing_name == "double"
    assert unnamed.notes == ()


def test_a_module_that_is_there_is_not_stood_in_for(run: Run, marked: Path) -> None:
    source = "import math\ndef f():\n    return math.floor(1.5), hasattr(math, 'double')\n"
    (seen,) = run(program(source, stand_ins=("math",)), helpers=(marked,))
    assert value(seen) == (1, False)
    assert seen.notes == ()


def test_a_real_shell_of_ipython_is_there_on_demand(run: Run) -> None:
    source = (
        "get_ipython().run_cell('shared = 5')\n"
        "get_ipython().run_line_magic('config', 'InlineBackend.close_figures = False')\n"
        "get_ipython().system('true')\n"
        "def f():\n"
        "    return shared, type(get_ipython()).__name__, get_ipython() is get_ipython()\n"
    )
    (seen,) = run(program(source), packages=("numpy", "ipython"), function_seconds=30.0)
    assert value(seen) == (5, "InteractiveShell", True)


def test_prints_warnings_and_logs_go_nowhere_and_cost_nothing(run: Run) -> None:
    source = (
        "import os, sys, warnings\n"
        "def f():\n"
        "    for stream in (sys.stdout, sys.stderr, sys.__stdout__):\n"
        "        print('x' * 1_000_000, file=stream, flush=True)\n"
        "    os.write(1, b'x' * 1_000_000)\n"
        "    warnings.warn('hear, hear')\n"
        "    return sys.stdin.read()\n"
    )
    (seen,) = run(program(source))
    assert value(seen) == ""


# ------------------------------------------------------------------ programs apart


def test_programs_of_one_run_do_not_see_each_other(run: Run) -> None:
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
    _, seen = run(program(leave), program(look))
    assert value(seen) == [False] * 6


def test_every_way_to_end_early_is_named_and_costs_no_other_program(run: Run) -> None:
    left = "Python was left with exit status {} before the function returned"
    ended = "its process was ended by the signal {}"
    ways = {
        "os._exit(0)": left.format(0),
        "os._exit(7)": left.format(7),
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
    seen = run(*interleaved(*programs))
    assert {(o.ending, o.outcomes) for o in seen[::2]} == {(Ending.CRASHED, (Returned(1),))}
    assert [o.detail for o in seen[::2]] == [*ways.values()]
    assert {value(honest) for honest in seen[1::2]} == {42}


def test_a_program_that_leaves_in_a_cell_is_no_answer(run: Run) -> None:
    seen, honest = run(program("import os\nos._exit(3)\n"), HONEST)
    assert (seen.ending, seen.outcomes) == (Ending.CRASHED, ())
    assert value(honest) == 42


def test_a_function_that_hangs_is_stopped_and_costs_no_other_program(run: Run) -> None:
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
    seen = run(*interleaved(hang, asleep), function_seconds=0.6)
    assert time.monotonic() - started < 20
    detail = "it was still running when its time was up"
    assert seen[0] == Observation((Returned(0),), Ending.TIMEOUT, detail, started=True)
    assert seen[2] == Observation((), Ending.TIMEOUT, detail)
    assert {value(honest) for honest in seen[1::2]} == {42}


def test_when_the_time_of_the_submission_is_used_up_nothing_more_is_asked(run: Run) -> None:
    hang = program("while True:\n    pass\n")
    seen = run(hang, HONEST, HONEST, function_seconds=30.0, submission_seconds=1.5)
    assert [o.ending for o in seen] == [Ending.TIMEOUT] * 3
    detail = "the time for the whole submission was used up"
    assert seen[1:] == (Observation((), Ending.TIMEOUT, detail, never_asked=True),) * 2


def test_without_any_time_nothing_is_asked(run: Run) -> None:
    (seen,) = run(HONEST, submission_seconds=0.0)
    assert (seen.ending, seen.never_asked, seen.outcomes) == (Ending.TIMEOUT, True, ())


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
    "changes user": "os.setuid(0)",
    "hands itself a terminal": "os.open('/dev/tty', os.O_RDWR)",
}


def test_no_attack_costs_another_program_anything(run: Run, marked: Path) -> None:
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
    seen = run(*interleaved(*programs), helpers=(marked,), **limits)
    unharmed = [h.ending is Ending.FINISHED and value(h) == 42 for h in seen[1::2]]
    assert dict(zip(ATTACKS, unharmed, strict=True)) == dict.fromkeys(ATTACKS, True)
    ends = dict(zip(ATTACKS, seen[::2], strict=True))
    assert error(ends["eats memory"]).kind == "MemoryError"
    assert error(ends["eats memory in pieces"]).kind == "MemoryError"
    for refused in ("fills the disk", "writes a large file", "changes user"):
        assert value(ends[refused]) == "refused"
    assert error(ends["recurses"]).kind == "RecursionError"
    assert ends["crashes the interpreter"].detail == "its process was ended by the signal SIGSEGV"
    for silenced in ("closes its channel", "overwrites its channel"):
        assert ends[silenced].ending is Ending.CRASHED
    assert all_gone(marked.stem)


def test_a_fork_bomb_is_stopped_and_costs_no_other_program(run: Run, marked: Path) -> None:
    bomb = program(
        "import os\n"
        "def f():\n"
        "    while True:\n"
        "        try:\n"
        "            os.fork()\n"
        "        except OSError:\n"
        "            pass\n"
    )
    seen, honest = run(bomb, HONEST, helpers=(marked,), function_seconds=0.6)
    assert seen.ending is Ending.TIMEOUT
    assert value(honest) == 42
    assert all_gone(marked.stem)


def test_what_a_program_leaves_running_is_dead_before_the_next_begins(run: Run) -> None:
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
    _, seen = run(leave, look)
    assert value(seen) == ([], False)


def test_the_disk_that_one_program_fills_is_empty_for_the_next(run: Run) -> None:
    source = (
        "def f(path, megabytes):\n"
        "    return open(path, 'wb').write(bytes(megabytes << 20))\n"
    )  # fmt: skip
    filled = program(source, calls=[Call((f"/tmp/{n}", 6), 1) for n in range(3)])
    seen, other = run(
        filled, program(source, calls=[Call(("/tmp/other", 6), 1)]), disk_bytes=8 << 20
    )
    assert [type(outcome) for outcome in seen.outcomes] == [Returned, Raised, Raised]
    assert isinstance(seen.outcomes[1], Raised)
    assert seen.outcomes[1].kind == "OSError"
    assert value(other) == 6 << 20


# ------------------------------------------------------------------ what a box shows


def test_files_of_the_machine_are_hidden(run: Run, tmp_path: Path) -> None:
    (tmp_path / "other_submission.ipynb").write_text("secret")
    hidden = [
        *("/etc/passwd", "/etc/hostname", "/proc/self/environ", "/proc/1/environ", "/sys/kernel"),
        *("/home", "/var", "/run", "/dev/sda", "/dev/shm", "/dev/tty", "/bin/sh", "/usr/bin/env"),
        *(str(ROOT), str(ROOT / "pyproject.toml"), str(ROOT / "grader" / "judge.py")),
        *(str(ROOT / "reference"), str(ROOT / "testcases" / "regularization.py")),
        *(str(Path(sandbox.__file__)), str(tmp_path / "other_submission.ipynb")),
    ]
    source = (
        "import os\n"
        "def f(paths):\n"
        "    return [p for p in paths if os.path.lexists(p)], sorted(os.listdir('/'))\n"
    )
    (seen,) = run(program(source, calls=[Call((hidden,), 1)]))
    shown, root = value(seen)
    assert shown == []
    roots = {path.parts[1] for path in view.interpreter_paths()} | {"box", "dev", "proc", "tmp"}
    assert set(root) <= roots


def test_nothing_of_the_grader_but_three_small_files_can_be_imported(run: Run) -> None:
    source = (
        "import importlib.util\n"
        "def f(names):\n"
        "    return [name for name in names if importlib.util.find_spec(name)]\n"
    )
    names = ["grader", "reference", "testcases", "regularization", "tests", "pytest", "numpy"]
    (seen,) = run(program(source, calls=[Call((names,), 1)]))
    assert value(seen) == ["numpy"]


@pytest.mark.parametrize("wall", ["full", "none"])
def test_the_environment_of_the_grader_is_hidden(
    run: Run, monkeypatch: pytest.MonkeyPatch, wall: str
) -> None:
    monkeypatch.setenv("COURSE_TOKEN", "secret")
    (seen,) = run(program("import os\ndef f():\n    return dict(os.environ)\n"), wall=wall)
    assert "COURSE_TOKEN" not in value(seen)
    assert value(seen)["OMP_NUM_THREADS"] == "1"


def test_only_the_small_disk_of_a_box_can_be_written(run: Run, marked: Path) -> None:
    folders = [
        *("/", "/box", "/box/assignment", "/box/lib", "/box/site", "/box/site/numpy", "/dev"),
        *("/proc", "/usr", "/lib", "/lib64", "/tmp"),
        *map(str, (path for path in view.interpreter_paths() if path.is_dir())),
    ]
    source = (
        "import os\n"
        "def writable(path, mode):\n"
        "    try:\n"
        "        open(path, mode).close()\n"
        "        return True\n"
        "    except OSError:\n"
        "        return False\n"
        "def f(folders, files):\n"
        "    return ([path for path in folders if writable(path + '/x', 'w')],\n"
        "            [path for path in files if writable(path, 'a')])\n"
    )
    files = [f"/box/assignment/{marked.name}", "/box/lib/wire.py", "/box/site/numpy/__init__.py"]
    (seen,) = run(program(source, calls=[Call((folders, files), 1)]), helpers=(marked,))
    assert value(seen) == (["/tmp"], [])
    assert "double" in marked.read_text()


def test_there_is_no_way_out_over_the_network(run: Run) -> None:
    source = (
        "import socket\n"
        "def reached(family, kind, address):\n"
        "    try:\n"
        "        with socket.socket(family, kind) as s:\n"
        "            s.settimeout(1)\n"
        "            s.connect(address)\n"
        "            return True\n"
        "    except OSError:\n"
        "        return False\n"
        "def f(port, name):\n"
        "    tries = [(socket.AF_INET, socket.SOCK_STREAM, ('127.0.0.1', port)),\n"
        "             (socket.AF_INET, socket.SOCK_STREAM, ('192.0.2.1', 80)),\n"
        "             (socket.AF_INET, socket.SOCK_DGRAM, ('192.0.2.1', 53)),\n"
        "             (socket.AF_UNIX, socket.SOCK_STREAM, '\\0' + name),\n"
        "             (socket.AF_UNIX, socket.SOCK_STREAM, '/run/dbus/system_bus_socket')]\n"
        "    return [reached(*one) for one in tries]\n"
    )
    name = f"grader-{os.getpid()}-{threading.get_ident()}"
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as local:
        local.bind("\0" + name)
        local.listen()
        with socket.create_connection(server.getsockname()):
            port = server.getsockname()[1]
            (seen,) = run(program(source, calls=[Call((port, name), 1)]))
    assert value(seen) == [False] * 5


def test_a_program_holds_no_descriptor_but_its_own_channel(run: Run) -> None:
    source = (
        "import os\n"
        "def is_open(fd):\n"
        "    try:\n"
        "        os.fstat(fd)\n"
        "        return True\n"
        "    except OSError:\n"
        "        return False\n"
        "def f():\n"
        "    return [fd for fd in range(4096) if is_open(fd)]\n"
    )
    first, second = run(program(source), program(source))
    assert value(first) == value(second) == [0, 1, 2, 3]


def test_a_program_cannot_reach_into_the_process_that_started_it(run: Run) -> None:
    # PTRACE_ATTACH is 16; 434 and 438 are pidfd_open and pidfd_getfd on every machine.
    source = (
        "import ctypes, os\n"
        "def f():\n"
        "    libc, parent = ctypes.CDLL(None), os.getppid() or 1\n"
        "    pidfd = libc.syscall(434, parent, 0)\n"
        "    taken = [fd for fd in range(64) if libc.syscall(438, pidfd, fd, 0) >= 0]\n"
        "    return libc.ptrace(16, parent, 0, 0), taken, os.getuid() != 0, os.getgid() != 0\n"
    )
    seen, honest = run(program(source), HONEST)
    assert value(seen) == (-1, [], True, True)
    assert value(honest) == 42


# ------------------------------------------------------------------ without a wall


def test_without_a_wall_an_honest_notebook_is_run_alike(run: Run, marked: Path) -> None:
    source = (
        f"from {marked.stem} import double\n"
        "import old_utils\n"
        "import numpy as np\n"
        "np.Inf / 0\n"
        "def f(x):\n"
        "    if x == 2:\n"
        "        raise ValueError('two')\n"
        "    return double(x), np.random.rand(), old_utils.double(x)\n"
    )
    calls = [Call((x,), 3) for x in (1, 2, 3)]
    one = program(source, calls=calls, stand_ins=("old_utils",))
    boxed, bare = (run(one, HONEST, helpers=(marked,), wall=wall) for wall in ("full", "none"))
    assert boxed == bare
    assert len(bare[0].raised_before) == 1
    assert isinstance(bare[0].outcomes[1], Raised)


def test_without_a_wall_a_hang_and_an_exit_are_noticed_too(run: Run) -> None:
    hang = program("def f():\n    while True:\n        pass\n")
    left = program("import os\ndef f():\n    os._exit(0)\n")
    seen = run(*interleaved(hang, left), wall="none", function_seconds=0.6)
    assert [o.ending for o in seen[::2]] == [Ending.TIMEOUT, Ending.CRASHED]
    assert {value(honest) for honest in seen[1::2]} == {42}


# ------------------------------------------------------------------ what remains afterwards


@pytest.mark.parametrize("wall", ["full", "none"])
def test_no_process_and_no_file_is_left_over(
    run: Run, marked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wall: str
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    seen: list[list[str]] = []
    watcher = threading.Timer(0.0, lambda: seen.append(_watched(marked.stem)))
    watcher.start()
    run(program("import time\ntime.sleep(600)\n"), HONEST, helpers=(marked,), wall=wall,
        function_seconds=0.6)  # fmt: skip
    watcher.join()
    assert seen[0], "while it ran, the box was not among the processes"
    assert all_gone(marked.stem)
    assert list(tmp_path.iterdir()) == [marked]


@pytest.mark.parametrize("wall", ["full", "none"])
def test_a_box_does_not_outlive_a_grader_that_is_killed(
    box: None, marked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wall: str
) -> None:
    script = (
        "from pathlib import Path\n"
        "from grader import sandbox\n"
        "from grader.model import Call, Cell, Limits, Program\n"
        "hang = Program('f', (Cell(1, 'while True:\\n    pass'),), (Call((), 1),))\n"
        f"marked = Path({str(marked)!r})\n"
        "furniture = sandbox.Furniture(((marked.name, marked),), ('numpy',))\n"
        f"sandbox.run([hang], furniture, Limits(), wall={wall!r})\n"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    with subprocess.Popen([sys.executable], stdin=subprocess.PIPE, env=environment) as grader:
        assert grader.stdin is not None
        grader.stdin.write(script.encode())
        grader.stdin.close()
        assert _watched(marked.stem), "the box was not among the processes"
        time.sleep(0.3)  # it may be at work by now, or not yet: either way it must go
        grader.kill()
    assert all_gone(marked.stem)


def _watched(word: str) -> list[str]:
    end = time.monotonic() + 10
    found: list[str] = []
    while not found and time.monotonic() < end:
        found = command_lines_with(word)
        time.sleep(0.01)
    return found


def test_twenty_runs_leave_the_grader_no_more_descriptors_than_it_had(run: Run) -> None:
    left = program("import os\nos._exit(0)\n")
    for wall in ("full", "none"):
        run(left, wall=wall)
    before = os.listdir("/proc/self/fd")
    for wall in ("full", "none") * 10:
        run(left, HONEST, wall=wall)
    assert len(os.listdir("/proc/self/fd")) <= len(before)


def test_boxes_of_several_threads_do_not_meet(run: Run) -> None:
    def ask(n: int) -> Any:
        honest = program(
            "import time\ntime.sleep(0.2)\ndef f(n):\n    return n\n", calls=[Call((n,), 1)]
        )
        killer = program("import os\ndef f():\n    return os.kill(-1, 9)\n")
        return value(run(killer, honest)[1])

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, range(4))) == list(range(4))


def test_a_box_that_dies_between_two_programs_is_our_fault(box: None) -> None:
    started = launch.cold(sandbox.Furniture((), ("numpy",)), Limits())
    ours, theirs = socket.socketpair()
    try:
        started.control.shutdown(socket.SHUT_RDWR)
        started.end()
        with ours, theirs, pytest.raises(BoxError) as problem:
            started.hand_over(theirs)
        assert str(problem.value) == "The box stopped between two programs."
    finally:
        started.control.close()


# ------------------------------------------------------------------ as an ordinary user

AS_NOBODY = """
import json, os, sys
from grader import sandbox
from grader.errors import BoxError
from grader.model import Call, Cell, Limits, Program

def program(source):
    return Program("f", (Cell(1, source),), (Call((), 1),))

programs = [
    program("import os\\ndef f():\\n    return os.kill(-1, 9)\\n"),
    program("import os\\ndef f():\\n    return os.kill(os.getppid(), 9)\\n"),
    program("import os\\ndef f():\\n    return [os.path.exists(p) for p in (%r, '/etc/passwd')]\\n"),
    program("import os, time\\ndef f():\\n    [os.fork() or time.sleep(60) for _ in range(500)]\\n"),
    program("def f():\\n    while True:\\n        pass\\n"),
    program("def f():\\n    return 42\\n"),
]
try:
    limits = Limits(function_seconds=1.0, memory_bytes=512 << 20)
    seen = sandbox.run(programs, sandbox.Furniture((), ("numpy",)), limits)
except BoxError as error:
    sys.exit(json.dumps({"skip": str(error)}))
print(json.dumps({"uid": os.getuid(), "seen": [
    [str(o.ending), str(getattr(o.outcomes[0], "value", "raised")) if o.outcomes else ""]
    for o in seen
]}))
"""


def as_nobody(script: str) -> subprocess.CompletedProcess[str]:
    """Run a script with this interpreter as a user who owns nothing. Raises OSError if it cannot."""
    return subprocess.run(
        [sys.executable, "-c", script],
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        cwd="/",
        env={"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="not root: all other tests ran as an ordinary user")
def test_a_box_holds_for_an_ordinary_user_as_well(box: None) -> None:
    try:
        readable = as_nobody("import numpy, grader.sandbox")
    except OSError as problem:
        pytest.skip(f"an ordinary user may not start this interpreter: {problem}")
    if readable.returncode:
        pytest.skip(f"an ordinary user may not read this tree: {readable.stderr.strip()[-200:]}")
    done = as_nobody(AS_NOBODY % str(ROOT))
    if done.stderr.startswith('{"skip"'):
        pytest.skip(f"an ordinary user gets no box here: {json.loads(done.stderr)['skip']}")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["uid"] == NOBODY
    ends = told["seen"]
    assert [end for end, _ in ends] == ["finished"] * 4 + ["timeout", "finished"]
    assert ends[2] == ["finished", "[False, False]"]
    assert ends[5] == ["finished", "42"]
