"""A candidate that differs behind a loop runs from there, with the variables of the student's code."""

from __future__ import annotations

from typing import Any

import pytest

from grader.diagnosis.repair.code import Code
from grader.diagnosis.repair.resume import resumed, starts

LOOP = """def f(n):
    total = 0
    for i in range(n):
        total += i
    # the mean
    mean = total * n
    return mean"""


def value_of(text: str, *args: Any) -> Any:
    names: dict[str, Any] = {}
    exec(text, names)
    return names["f"](*args)


def test_variables_behind_a_loop_are_those_of_the_whole_function() -> None:
    code = Code(LOOP, "f")
    (start,) = starts(code)
    state = value_of(start.prefix, 5)
    number, rest = resumed(LOOP.replace("* n", "/ n"), code, [start])

    assert state == {"n": 5, "total": 10, "i": 4}
    assert (number, start.line) == (0, 6)
    assert value_of(f"def f({', '.join(state)}):\n{rest}", *state.values()) == 2.0


@pytest.mark.parametrize("old", ["total = 0", "+=", "# the mean"])
def test_a_difference_above_the_start_needs_the_whole_function(old: str) -> None:
    code = Code(LOOP, "f")
    changed = LOOP.replace(old, "total = 1")

    assert resumed(changed, code, starts(code)) == (None, changed)


def test_the_last_loop_above_a_difference_counts() -> None:
    code = Code("def f(n):\n    while n > 9:\n        n -= 1\n" + LOOP.split("\n", 1)[1], "f")
    places = starts(code)

    assert [place.line for place in places] == [4, 8]
    assert [
        resumed(code.source.replace(*p), code, places)[0] for p in [("= 0", "= 1"), ("* n", "")]
    ] == [0, 1]


@pytest.mark.parametrize(
    "body",
    [
        "    for i in range(n):\n        return i\n    return n",
        "    for i in range(n):\n        yield i\n    return n",
        "    global m\n    for m in range(n): pass\n    return m",
        "    for i in range(n): n = i; \\\n        m = n\n",
        "    total = sum(range(n))\n    return total",
    ],
)
def test_functions_that_cannot_run_in_parts(body: str) -> None:
    assert starts(Code(f"def f(n):\n{body}", "f")) == []
