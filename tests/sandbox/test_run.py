"""A box tells what happened, in either tier and without a wall alike."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from grader import sandbox
from grader.model import Call, Ending, Limits, Opaque, Raised, Returned, Tier
from tests.sandbox.programs import HONEST, Run, error, interleaved, program, value


def test_returned_values_come_back_in_the_order_of_the_calls(run: Run) -> None:
    source = "import numpy as np\ndef f(x, scale):\n    return {'y': x * scale, 'n': len(x)}\n"
    (seen,) = run(program(source, calls=[Call((np.arange(3.0), n), 1) for n in (1, 2, 3)]))
    assert (seen.ending, seen.detail, seen.started) == (Ending.FINISHED, "", True)
    assert [o.value["y"].tolist() for o in seen.outcomes if isinstance(o, Returned)] == [
        [0.0, 1.0, 2.0],
        [0.0, 2.0, 4.0],
        [0.0, 3.0, 6.0],
    ]


def test_observations_stand_in_the_order_of_the_programs(run: Run) -> None:
    programs = [program(f"def f():\n    return {n}\n") for n in range(8)]
    assert [value(seen) for seen in run(*programs)] == list(range(8))


def test_no_program_is_no_box_and_no_observation() -> None:
    assert sandbox.run([], sandbox.BoxContents((), ()), Limits()) == ()


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
    boxed = run(one, HONEST, helpers=(marked,))
    bare = run(one, HONEST, helpers=(marked,), tier=Tier.NONE)
    assert boxed == bare
    assert len(bare[0].raised_before) == 1
    assert isinstance(bare[0].outcomes[1], Raised)


def test_without_a_wall_a_hang_and_an_exit_are_noticed_too(run_once: Run) -> None:
    hang = program("def f():\n    while True:\n        pass\n")
    left = program("import os\ndef f():\n    os._exit(0)\n")
    seen = run_once(*interleaved(hang, left), tier=Tier.NONE, function_seconds=1.5)
    assert [o.ending for o in seen[::2]] == [Ending.TIMEOUT, Ending.CRASHED]
    assert {value(honest) for honest in seen[1::2]} == {42}
