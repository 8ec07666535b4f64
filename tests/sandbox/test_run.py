"""A box returns the same observations in every tier."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader import sandbox
from grader.model import Call, Ending, Limits, Opaque, Raised, Returned, Tier
from grader.sandbox import turns
from tests.sandbox.programs import HONEST, ONCE, Run, error, interleaved, program, value


def test_values_keep_the_order_of_the_calls(run: Run) -> None:
    source = "import numpy as np\ndef f(x, scale):\n    return {'y': x * scale, 'n': len(x)}\n"
    (observation,) = run(program(source, calls=[Call((np.arange(3.0), n), 1) for n in (1, 2, 3)]))
    assert (observation.ending, observation.detail, observation.started) == (
        Ending.FINISHED,
        "",
        True,
    )
    assert [o.value["y"].tolist() for o in observation.outcomes if isinstance(o, Returned)] == [
        [0.0, 1.0, 2.0],
        [0.0, 2.0, 4.0],
        [0.0, 3.0, 6.0],
    ]


def test_observations_keep_the_order_of_programs(run: Run) -> None:
    programs = [program(f"def f():\n    return {n}\n") for n in range(8)]
    assert [value(observation) for observation in run(*programs)] == list(range(8))


def test_no_programs_no_observations() -> None:
    assert sandbox.run([], sandbox.BoxContents((), ()), Limits()) == ()


def test_first_call_is_answered_before_the_others_arrive(run: Run) -> None:
    """The first call is public. Its value and the notes can show nothing of the others."""
    source = (
        "import compat, os, socket, sys\n"
        "def f():\n"
        "    compat.notes.append(['kind', 'text'])\n"
        "    channel = socket.socket(fileno=os.dup(3))\n"
        "    try: return channel.recv(1, socket.MSG_DONTWAIT)\n"
        "    except BlockingIOError: return 'nothing'\n"
    )
    (observation,) = run(program(source, calls=ONCE * 3))

    assert [o.value for o in observation.outcomes if isinstance(o, Returned)] == ["nothing"] * 3
    assert observation.notes == (("kind", "text"),)


def test_cells_run_without_calls(run: Run) -> None:
    (observation,) = run(program("1 / 0", calls=()))
    assert (observation.ending, observation.outcomes) == (Ending.FINISHED, ())
    assert [raised.kind for raised in observation.raised_before] == ["ZeroDivisionError"]


def test_object_becomes_the_name_of_its_type(run: Run) -> None:
    (observation,) = run(program("class Cost:\n    pass\ndef f():\n    return Cost(), 1\n"))
    assert value(observation) == (Opaque("Cost"), 1)


def test_error_has_kind_message_and_line(run: Run) -> None:
    helper = "import numpy as np\n\ndef inner(x):\n    return np.dot(x, np.zeros(7))\n"
    (observation,) = run(program(helper, "def f(x):\n    y = x\n    return inner(y)\n", calls=[
        Call((np.zeros(3),), 1), Call((np.zeros(7),), 1), Call((), 1),
    ]))  # fmt: skip
    first, second, third = observation.outcomes
    assert isinstance(first, Raised) and isinstance(third, Raised)
    assert (first.kind, first.cell, first.line) == ("ValueError", 1, 4)
    assert "not aligned" in first.message
    assert second == Returned(0.0)
    assert (third.kind, third.cell, third.line) == ("TypeError", None, None)
    assert "missing 1 required positional argument: 'x'" in third.message


def test_missing_name_is_reported(run: Run) -> None:
    (observation,) = run(program("def f():\n    return sigmoid(0)\n"))
    message = "name 'sigmoid' is not defined"
    assert error(observation) == Raised(
        "NameError", message, cell=1, line=2, missing_name="sigmoid"
    )


def test_missing_function_is_an_ordinary_error(run: Run) -> None:
    (observation,) = run(program("def g():\n    return 1\n"))
    assert (error(observation).kind, error(observation).missing_name) == ("NameError", "f")


def test_empty_failing_and_long_messages(run: Run) -> None:
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
def test_sys_exit_is_an_ordinary_error(run: Run, leave: str) -> None:
    """KeyboardInterrupt too; the next call runs."""
    (observation,) = run(program(f"def f(go):\n    if not go:\n        return 1\n    {leave}\n", calls=[
        Call((True,), 1), Call((False,), 1),
    ]))  # fmt: skip
    assert isinstance(observation.outcomes[0], Raised)
    assert observation.outcomes[0].kind in ("SystemExit", "KeyboardInterrupt")
    assert observation.outcomes[1] == Returned(1)


def test_failing_statements_do_not_stop_others(run: Run) -> None:
    first = "a = 1\nb = a / 0\nimport there_is_no_such_module, math\nimport sys; sys.exit('bye')\n"
    (observation,) = run(
        program(first, "c = a + 1\nundefined\n", "def f():\n    return c, math.floor(1.5)\n")
    )
    assert value(observation) == (2, 1)
    places = [(raised.kind, raised.cell, raised.line) for raised in observation.raised_before]
    assert places == [
        ("ZeroDivisionError", 1, 2),
        ("ModuleNotFoundError", 1, 3),
        ("SystemExit", 1, 4),
        ("NameError", 2, 2),
    ]
    assert observation.raised_before[3].missing_name == "undefined"


def test_uncompilable_statement_is_reported(run: Run) -> None:
    (observation,) = run(program("return 1\n", "def f():\n    return 2\n"))
    assert value(observation) == 2
    assert [raised.kind for raised in observation.raised_before] == ["SyntaxError"]


def test_only_first_errors_are_reported(run: Run) -> None:
    (observation,) = run(program("1 / 0\n" * 500, "def f():\n    return 1\n"))
    assert value(observation) == 1
    assert [raised.line for raised in observation.raised_before] == list(range(1, 21))


def test_mutated_arguments_are_reported(
    run: Run,
) -> None:
    """Every call gets fresh copies."""
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
    (observation,) = run(program(source, calls=[Call(args, 1)] * 3))
    assert (
        observation.outcomes == (Returned(([0.0, 0.0], [1, 2], {"k": 1}, 7, [0.0]), (0, 2, 4)),) * 3
    )
    assert args[0].tolist() == [0.0, 0.0]


def test_untouched_nan_is_not_mutated(run: Run) -> None:
    calls = [Call((np.array([np.nan]), {"W": np.array([np.nan])}), 1)]
    (observation,) = run(program("def f(a, d):\n    return 1\n", calls=calls))
    assert observation.outcomes == (Returned(1),)


def test_returned_value_is_not_changed_later(run: Run) -> None:
    source = "kept = []\ndef f(x):\n    kept.append(x)\n    kept[0] += 1\n    return kept[0]\n"
    (observation,) = run(program(source, calls=[Call((np.zeros(1),), 1)] * 2))
    assert [o.value.tolist() for o in observation.outcomes if isinstance(o, Returned)] == [
        [1.0],
        [2.0],
    ]


def test_equal_seeds_give_equal_numbers(run: Run) -> None:
    source = (
        "import random\n"
        "import numpy as np\n"
        "np.random.rand(3), random.random()\n"
        "def f():\n"
        "    return [*np.random.rand(2).tolist(), random.random()]\n"
    )
    calls = [Call((), seed) for seed in (5, 6, 5)]
    first, second = run(program(source, calls=calls), program("\n" + source, calls=calls))
    assert first.outcomes == second.outcomes
    assert first.outcomes[0] == first.outcomes[2] != first.outcomes[1]
    expected = np.random.RandomState(5).rand(2).tolist()
    assert isinstance(first.outcomes[0], Returned)
    assert first.outcomes[0].value[:2] == expected


def test_removed_numpy_names_are_supplied(run: Run) -> None:
    """Each is noted once."""
    source = (
        "import numpy as np\n"
        "x = np.float(3), np.Inf, np.float(4)\n"
        "def f():\n"
        "    return x[0], x[1], np.product([2, 3]), np.asscalar(np.array([7])), np.bool8(1), more()\n"
        "def more(): return np.NINF, np.math.sqrt(4), np.asfarray([1]), np.msort([2, 1]), np.alen([3])\n"
    )
    (observation,) = run(program(source))
    *values, (ninf, root, array, ordered, length) = value(observation)
    assert values == [3.0, np.inf, 6, 7, True]
    assert (ninf, root, array.dtype, ordered.tolist(), length) == (-np.inf, 2, float, [1, 2], 1)
    names = ["float", "Inf", "product", "asscalar", "bool8", "NINF", "math", "asfarray", "msort"]
    names.append("alen")
    assert observation.notes == tuple(("numpy-name-replaced", name) for name in names)


def test_unknown_numpy_name_is_an_error(run: Run) -> None:
    (observation,) = run(program("import numpy as np\ndef f():\n    return np.sigmoid(0)\n"))
    assert error(observation).kind == "AttributeError"
    assert observation.notes == ()


def test_helper_module_can_be_imported(run: Run, marked: Path) -> None:
    source = f"from {marked.stem} import double\ndef f(x):\n    return double(x)\n"
    (observation,) = run(program(source, calls=[Call((4,), 1)]), helpers=(marked,))
    assert value(observation) == 8
    assert observation.notes == ()


def test_helper_under_another_name_is_supplied(run: Run, marked: Path) -> None:
    source = (
        "from old_utils import double, _PRIVATE, absent\n"
        "from old_utils import *\n"
        "import old_utils, other_utils\n"
        "def f():\n"
        "    return double(2), old_utils.double(3), 'absent' in globals(), '_PRIVATE' in globals()\n"
    )
    with_stand_in, without = run(
        program(source, stand_ins=("old_utils",)), program(source), helpers=(marked,)
    )
    assert value(with_stand_in) == (4, 6, False, False)
    assert with_stand_in.notes == (("helper-module-renamed", "old_utils"),)
    kinds = [(raised.kind, raised.line) for raised in with_stand_in.raised_before]
    assert kinds == [("ImportError", 1), ("ImportError", 1), ("ModuleNotFoundError", 3)]
    assert error(without).missing_name == "double"
    assert without.notes == ()


def test_existing_module_is_not_replaced(run: Run, marked: Path) -> None:
    source = "import math\ndef f():\n    return math.floor(1.5), hasattr(math, 'double')\n"
    (observation,) = run(program(source, stand_ins=("math",)), helpers=(marked,))
    assert value(observation) == (1, False)
    assert observation.notes == ()


def test_ipython_shell_on_demand(run: Run) -> None:
    source = (
        "get_ipython().run_cell('shared = 5')\n"
        "get_ipython().run_line_magic('config', 'InlineBackend.close_figures = False')\n"
        "get_ipython().system('true')\n"
        "def f():\n"
        "    return shared, type(get_ipython()).__name__, get_ipython() is get_ipython()\n"
    )
    (observation,) = run(program(source), packages=("numpy", "ipython"), function_seconds=30.0)
    assert value(observation) == (5, "InteractiveShell", True)


def test_output_is_discarded(run: Run) -> None:
    source = (
        "import os, sys, warnings\n"
        "def f():\n"
        "    for stream in (sys.stdout, sys.stderr, sys.__stdout__):\n"
        "        print('x' * 1_000_000, file=stream, flush=True)\n"
        "    os.write(1, b'x' * 1_000_000)\n"
        "    warnings.warn('hear, hear')\n"
        "    return sys.stdin.read()\n"
    )
    (observation,) = run(program(source))
    assert value(observation) == ""


# ------------------------------------------------------------------ without isolation


def test_same_observation_without_isolation(run: Run, marked: Path) -> None:
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
    first = program(source, calls=calls, stand_ins=("old_utils",))
    boxed = run(first, HONEST, helpers=(marked,))
    bare = run(first, HONEST, helpers=(marked,), tier=Tier.NONE)
    assert boxed == bare
    assert len(bare[0].raised_before) == 1
    assert isinstance(bare[0].outcomes[1], Raised)


def test_hang_and_exit_without_isolation(run_once: Run) -> None:
    hang = program("def f():\n    while True:\n        pass\n")
    exiting = program("import os\ndef f():\n    os._exit(0)\n")
    observations = run_once(*interleaved(hang, exiting), tier=Tier.NONE, function_seconds=1.5)
    assert [o.ending for o in observations[::2]] == [Ending.TIMEOUT, Ending.CRASHED]
    assert {value(honest) for honest in observations[1::2]} == {42}


def test_killed_program_runs_once_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The kernel kills a process where the machine's memory is short; no limit was reached then."""
    monkeypatch.setattr(sandbox, "_SECONDS_AFTER_A_KILL", 0.0)
    attempts = []
    run_in = sandbox._run_in

    def counted(*args: Any) -> Any:
        attempts.append(run_in(*args))
        return attempts[-1]

    monkeypatch.setattr(sandbox, "_run_in", counted)
    killed = program("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\ndef f(): pass\n")
    aborted = program("import os\nos.abort()\ndef f(): pass\n")

    first, _ = sandbox.run(
        [killed, aborted], sandbox.BoxContents((), ("numpy",)), Limits(), tier=Tier.NONE
    )

    assert [attempt.was_killed for attempt in attempts] == [True, True, False]
    assert first.detail == "its process was stopped by the signal SIGKILL"


@pytest.mark.parametrize("memory_was_short", [False, True])
def test_second_run_is_alone_if_memory_was_short(
    monkeypatch: pytest.MonkeyPatch, *, memory_was_short: bool
) -> None:
    kills = itertools.count() if memory_was_short else itertools.repeat(0)
    monkeypatch.setattr(sandbox, "_SECONDS_AFTER_A_KILL", 0.0)
    monkeypatch.setattr(turns, "memory_kills", lambda: next(kills))
    asked = []

    @contextlib.contextmanager
    def turn(*, alone: bool) -> Iterator[None]:
        asked.append(alone)
        yield

    monkeypatch.setattr(turns, "turn", turn)
    killed = program("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\ndef f(): pass\n")

    sandbox.run([killed], sandbox.BoxContents((), ("numpy",)), Limits(), tier=Tier.NONE)

    assert asked == [False, memory_was_short]
