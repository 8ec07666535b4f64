"""Functions that run in one process: none costs another points, and none passes by another's doing.

Each attack is graded twice: as always, and with every function in a process of its own. The results must
be equal.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from grader import assignments, grading, sandbox
from grader.assignments import oracle
from grader.grading import Settings
from grader.grading.function import GradingContext
from grader.model import Assignment, Call, Limits, Observation, Returned, Tier
from grader.model.result import Result
from grader.model.submission import Program, Submission
from grader.sandbox import Together
from tests.sandbox.programs import program
from tests.submissions import FUNCTIONS, load

COST, BACKWARD, FORWARD, BACKWARD_DROPOUT = FUNCTIONS
CONTENTS = sandbox.BoxContents((), ("numpy",))


# ------------------------------------------------------------------ programs


@pytest.fixture(params=[Tier.FULL, Tier.LIGHT])
def isolated(request: pytest.FixtureRequest) -> Tier:
    tier: Tier = request.param
    request.getfixturevalue(tier.value)
    return tier


def named(name: str, source: str, *arguments: Any) -> Program:
    calls = [Call((argument,), 1) for argument in arguments]
    return dataclasses.replace(program(source, calls=calls), function=name)


def returning(name: str, body: str = "return x + 1") -> Program:
    return named(name, f"def {name}(x):\n    {body}\n", 1, 2)


def observe(
    programs: Sequence[Program],
    tier: Tier,
    accepts: Callable[[Program, Observation], bool] = lambda *_: True,
    **limits: float,
) -> tuple[list[str], list[Any]]:
    """Return the functions that were accepted together, and the values of all programs."""
    accepted: list[str] = []

    def accept(one: Program, observation: Observation) -> bool:
        if accepts(one, observation):
            accepted.append(one.function)
        return one.function in accepted

    together = Together(tuple(programs), accept)
    bounds: Any = limits
    found = sandbox.run(programs, CONTENTS, Limits(**bounds), tier=tier, together=together)
    values = [[o.value if isinstance(o, Returned) else o.kind for o in f.outcomes] for f in found]
    return accepted, values


def test_programs_run_in_one_process(isolated: Tier) -> None:
    """The second one sees an attribute of NumPy that the first has set; only confined code may share."""
    first = returning("a", "import numpy; numpy.left = x; return x")
    second = returning("b", "import numpy; return numpy.left")
    assert observe([first, second], isolated) == (["a", "b"], [[1, 2], [2, 2]])


def test_each_program_has_its_own_names(isolated: Tier) -> None:
    first = named("a", "K = [1]\ndef a(x):\n    K.append(x)\n    return len(K)\n", 0, 0)
    second = named("b", "def b(x):\n    return 'K' in globals() or 'a' in globals()\n", 0)
    assert observe([first, second], isolated)[1] == [[2, 3], [False]]


def test_each_program_begins_with_the_same_random_state(isolated: Tier) -> None:
    """NumPy's is also that of a process of its own; Python seeds its own in each process."""
    cells = "import random\nimport numpy\nDRAWN = [numpy.random.rand(), random.random()]\n"
    programs = [
        named(name, f"{cells}def {name}(x):\n    return DRAWN[x]\n", 0, 1) for name in "abc"
    ]
    accepted, values = observe(programs, isolated)
    assert accepted == ["a", "b", "c"]
    assert values[0] == values[1] == values[2]
    apart = observe(programs, isolated, lambda *_: False)[1]
    assert {drawn[0] for drawn in apart} == {values[0][0]}


def test_observation_that_is_not_accepted_does_not_count(isolated: Tier) -> None:
    """The program runs again, where nothing of the others is left."""
    first = returning("a", "import numpy; numpy.left = 1; return x")
    second = returning("b", "import numpy; return hasattr(numpy, 'left')")
    accepted, values = observe([first, second], isolated, lambda p, _: p.function == "a")
    assert (accepted, values) == (["a"], [[1, 2], [False, False]])


@pytest.mark.parametrize(
    "end",
    [
        "import os; os._exit(0)",
        "import ctypes; ctypes.string_at(0)",
        "import os; os.write(3, b'forged')",
        "import os; os.close(3)",
        "while True: pass",
        "import time; time.sleep(30)",
    ],
)
def test_program_that_ends_the_process_costs_the_others_nothing(end: str, isolated: Tier) -> None:
    """Those after it run by themselves, and it runs alone, too."""
    bad = returning("bad", f"if x == 2:\n        {end}\n    return x")
    programs = [returning("a"), bad, returning("b"), returning("c")]
    accepted, values = observe(programs, isolated, function_seconds=1.5)
    assert accepted[:1] == ["a"]
    assert "bad" not in accepted
    assert values[0] == values[2] == values[3] == [2, 3]
    assert values[1] == [1]


def test_time_together_is_a_small_share(isolated: Tier) -> None:
    """A program that is too slow for it runs by itself with all of its time."""
    slow = returning("slow", "import time; time.sleep(0.8); return x")
    accepted, values = observe([returning("a"), slow], isolated, submission_seconds=10.0)
    assert (accepted, values) == (["a"], [[2, 3], [1, 2]])


def test_forged_events_of_others_are_not_accepted(isolated: Tier) -> None:
    """What a program sends in place of another one is an event in the wrong order."""
    forger = named(
        "forger",
        "import os, wire\n"
        "frames = [{'event': 'ready', 'raised': [], 'notes': []},\n"
        "          {'event': 'returned', 'value': 7, 'mutated': [], 'notes': []}, {'event': 'end'}]\n"
        "os.write(3, b''.join(map(wire.encode, frames * 2)))\n"
        "def forger(x):\n    return x\n",
        0,
    )
    accepted, values = observe([forger, returning("b")], isolated)
    assert "b" not in accepted
    assert values[1] == [2, 3]


# ------------------------------------------------------------------ submissions


def source_of(function: str) -> str:
    """Return the right cell of a function."""
    cells = json.loads(load()[0].data)["cells"]
    return next(s for s in ("".join(c["source"]) for c in cells) if f"def {function}(" in s)


def with_cells(*sources: str) -> Submission:
    """Return the right notebook with further cells below, whose definitions count."""
    document = json.loads(load()[0].data)
    cell: dict[str, Any] = {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
    }
    document["cells"] += [{**cell, "source": source} for source in sources]
    return Submission("alice", json.dumps(document).encode())


def grade(
    submission: Submission, assignment: Assignment, tier: Tier, *, timeout: float | None = None
) -> Result:
    settings = Settings(seed=assignment.seed, tier=tier, timeout=timeout)
    result = grading.grade(submission, assignment, settings)
    return dataclasses.replace(result, duration_s=0.0, graded_at=None)


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Return a list of the functions that run together, one item for each submission."""
    runs: list[list[str]] = []
    original = GradingContext.together

    def together(context: GradingContext, *arguments: Any) -> Together | None:
        made = original(context, *arguments)
        runs.append([p.function for p in made.programs] if made else [])
        return made

    monkeypatch.setattr(GradingContext, "together", together)
    return runs


def grade_twice(
    submission: Submission, assignment: Assignment, tier: Tier, **options: Any
) -> Result:
    """Return the result, which must be the same with every function in a process of its own."""
    result = grade(submission, assignment, tier, **options)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(GradingContext, "together", lambda *_: None)
        assert result == grade(submission, assignment, tier, **options)
    return result


def statuses(result: Result) -> dict[str, str]:
    return {function.name: str(function.status) for function in result.functions}


def test_right_functions_run_together(
    regularization: Assignment, any_tier: Tier, shared: list[list[str]]
) -> None:
    """The function whose answers the arguments of others contain comes first."""
    submission = Submission("alice", load()[0].data)
    assert grade_twice(submission, regularization, any_tier).score == 100
    assert shared == [[FORWARD, COST, BACKWARD, BACKWARD_DROPOUT]]


RIGHT_COST = """
def right_cost(A3, Y, parameters, lambd):
    m = Y.shape[1]
    penalty = sum(np.sum(np.square(parameters[name])) for name in ("W1", "W2", "W3"))
    return compute_cost(A3, Y) + lambd / (2 * m) * penalty
"""
IMPORTS = "import numpy as np\nfrom reg_utils import compute_cost, relu, sigmoid\n"
HELPED = {
    "patches NumPy": ("np.trace = right_cost", "np.trace(A3, Y, parameters, lambd)"),
    "sets an attribute": ("np.helped = right_cost", "np.helped(A3, Y, parameters, lambd)"),
    "patches a helper": (
        "import reg_utils\n    reg_utils.predict = right_cost",
        "predict(A3, Y, parameters, lambd)",
    ),
    "changes a helper's globals": (
        "sigmoid.__globals__['predict'] = right_cost",
        "predict(A3, Y, parameters, lambd)",
    ),
    "reads a helper's globals by a pattern": (
        """match sigmoid:
        case object(__globals__=names):
            names['predict'] = right_cost""",
        "predict(A3, Y, parameters, lambd)",
    ),
    "adds a builtin": (
        "import builtins\n    builtins.helped = right_cost",
        "helped(A3, Y, parameters, lambd)",
    ),
    "adds a module": (
        """import sys, types
    m = types.ModuleType('helped')
    m.f = right_cost
    sys.modules['helped'] = m""",
        "__import__('helped').f(A3, Y, parameters, lambd)",
    ),
    "replaces the code of the next function": (
        f"""import sys
    def trace(frame, event, argument):
        if frame.f_code.co_name == {COST!r}:
            frame.f_globals["helped"] = right_cost
    sys.setprofile(trace)""",
        "helped(A3, Y, parameters, lambd)",
    ),
    "sets a handler of NumPy's errors": (
        "np.seterrcall(right_cost)",
        "np.geterrcall()(A3, Y, parameters, lambd)",
    ),
}


def forward_that_also(act: str) -> str:
    """Return a cell with a right forward pass that first runs a statement."""
    forward = source_of(FORWARD).replace(f"def {FORWARD}(", "def right_forward(")
    return (
        f"{IMPORTS}{forward}\n"
        f"def {FORWARD}(X, parameters, keep_prob=0.5):\n"
        f"    {act}\n"
        "    return right_forward(X, parameters, keep_prob)\n"
    )


@pytest.mark.parametrize("attack", HELPED)
def test_no_function_passes_by_anothers_doing(
    attack: str, regularization: Assignment, any_tier: Tier
) -> None:
    """A right function helps a wrong one, at its definition and in each call."""
    act, answer = HELPED[attack]
    helping = RIGHT_COST + forward_that_also(act)
    wrong = f"{IMPORTS}from reg_utils import predict\ndef {COST}(A3, Y, parameters, lambd):\n"
    wrong += f"    return {answer}\n"

    result = grade_twice(with_cells(helping, wrong), regularization, any_tier)

    assert statuses(result)[FORWARD] == "passed"
    assert statuses(result)[COST] != "passed"
    assert result.score == 75


TRACES = {
    "a symbol that a format loads": (
        "'{0._core._internal.ctypes.pythonapi.Py_GetVersion}'.format(np)",
        "is_helped = 'Py_GetVersion' in '{0._core._internal.ctypes.pythonapi.__dict__}'.format(np)",
    ),
    "a module that a format imports": (
        "'{0.f2py}'.format(np)",
        "is_helped = 'numpy.f2py' in '{0._core._internal.sys.modules}'.format(np)",
    ),
    "an error state that stays": (
        """import scipy.special as special
    try:
        with special.errstate(domain="raise", bogus="raise"):
            pass
    except KeyError:
        pass""",
        """import scipy.special as special
    is_helped = False
    try:
        special.erf(np.nan)
    except Exception:
        is_helped = True""",
    ),
    "memory that is used": (
        "HELD.append(np.zeros(2 * 10**7)) if len(HELD) < 5 else None",
        """is_helped, taken = False, []
    try:
        for _ in range(175):
            taken.append(np.zeros(5 * 10**5))
    except MemoryError:
        is_helped = True""",
    ),
}


@pytest.mark.parametrize("trace", TRACES)
def test_no_function_sees_a_trace_of_another(
    trace: str, regularization: Assignment, any_tier: Tier
) -> None:
    """The second one is right only if it finds what the first has left."""
    leave, find = TRACES[trace]
    leaving = "HELD = []\n" + forward_that_also(leave)
    finding = f"{IMPORTS}{RIGHT_COST}\ndef {COST}(A3, Y, parameters, lambd):\n    {find}\n"
    finding += "    return right_cost(A3, Y, parameters, lambd) if is_helped else 0.0\n"

    result = grade_twice(with_cells(leaving, finding), regularization, any_tier)

    assert statuses(result)[COST] != "passed"


def test_function_cannot_keep_what_another_was_given(
    regularization: Assignment, any_tier: Tier, shared: list[list[str]]
) -> None:
    """The backward pass receives Z1, an answer of the forward pass, and tries to pass it on."""
    backward = source_of(BACKWARD).replace(f"def {BACKWARD}(", "def right_backward(")
    keeping = (
        f"{IMPORTS}{backward}\n"
        f"def {BACKWARD}(X, Y, cache, lambd):\n"
        "    np.kept = getattr(np, 'kept', []) + [cache]\n"
        "    return right_backward(X, Y, cache, lambd)\n"
    )
    forward = source_of(FORWARD).replace("Z1 = np.dot(W1, X) + b1", "Z1 = np.kept[0][0]")
    assert "np.kept" in forward

    result = grade_twice(with_cells(keeping, forward), regularization, any_tier)

    assert statuses(result)[BACKWARD] == "passed"
    assert statuses(result)[FORWARD] == "error"
    assert BACKWARD not in shared[0]
    assert FORWARD not in shared[0]


@pytest.mark.parametrize(
    "body",
    [
        "while True:\n        pass",
        "return np.ones((1 << 16, 1 << 16))",
        f"return {FORWARD}(X, parameters, keep_prob)",
        "return 'x' * (1 << 40)",
        "raise SystemExit",
        "return X",
    ],
)
def test_wrong_function_costs_the_others_nothing(
    body: str, regularization: Assignment, any_tier: Tier, shared: list[list[str]]
) -> None:
    """It comes first in the shared process."""
    wrong = f"{IMPORTS}def {FORWARD}(X, parameters, keep_prob=0.5):\n    {body}\n"

    result = grade_twice(with_cells(wrong), regularization, any_tier, timeout=6.0)

    assert shared[0][0] == FORWARD
    assert result.score == 75
    assert {name for name, status in statuses(result).items() if status == "passed"} == {
        *(COST, BACKWARD, BACKWARD_DROPOUT)
    }


def test_notebook_with_modules_shares_no_process(
    regularization: Assignment, any_tier: Tier, shared: list[list[str]]
) -> None:
    """A helper could import a module that the student handed in."""
    written = "%%writefile mine.py\nx = 1\n"
    result = grade(with_cells(written), regularization, any_tier)
    assert result.score == 100
    assert shared == [[]]


@pytest.mark.parametrize("name", assignments.names())
def test_every_function_has_a_safe_place(name: str, any_tier: Tier) -> None:
    """No function has to run after one whose arguments contain its answers."""
    assignment = assignments.load(name)
    expectations = oracle.consult(assignment, assignment.seed, tier=any_tier)
    assert sorted(expectations.order) == sorted(f.name for f in assignment.every_function)


def test_template_shares_no_process(
    regularization: Assignment, any_tier: Tier, shared: list[list[str]]
) -> None:
    """A function that is not written cannot be right."""
    template = Path(regularization.files.template).read_bytes()
    assert grade(Submission("alice", template), regularization, any_tier).score == 0
    assert shared == [[]]
