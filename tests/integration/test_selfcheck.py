"""`check` in the notebook: each sentence, and that a check has no side effects."""

from __future__ import annotations

import contextlib
import functools
import gc
import html
import json
import linecache
import random
import re
import sys
import warnings
from collections.abc import Callable
from types import FunctionType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from grader import assignments, judging
from grader.assignments import known_mistakes, module
from grader.handout import selfcheck, versions
from grader.handout.layout import Feedback
from grader.handout.release import checker
from grader.handout.selfcheck import Checker
from grader.handout.sheet import decode
from grader.model import Tier
from grader.model.diagnoses import id_of

NAMES = (
    "compute_cost_with_regularization",
    "backward_propagation_with_regularization",
    "forward_propagation_with_dropout",
    "backward_propagation_with_dropout",
)
TWINS = {"m-wrong-axis", "l2-not-averaged"}
"""In the example m is 5 and the other size is 1, so both give the same penalty."""
RIGHT_THERE = {"random_stream__binomial"}
"""In the example keep_prob is 0.7, and binomial numbers give the same masks."""
COST, L2_GRADIENTS, DROPOUT, MASKED_GRADIENTS = NAMES


@pytest.fixture(scope="module")
def published(any_tier: Tier) -> Checker:
    """Return what a folder for students checks with."""
    return checker(assignments.load("regularization"), tier=any_tier)


def of(published: Checker, name: str) -> dict[str, Any]:
    (entry,) = [entry for entry in published.sheet["functions"] if entry["name"] == name]
    return dict(entry)


def feedback(function: Any, published: Checker) -> Feedback:
    return published.feedback(function)


def named(name: str, body: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function with the name of a graded function."""

    @functools.wraps(body)
    def function(*args: Any) -> Any:
        return body(*args)

    function.__name__ = name
    return function


def right(published: Checker, name: str) -> Callable[..., Any]:
    """Return a function that returns the published value."""
    (case,) = of(published, name)["cases"]
    return named(name, lambda *_: decode(case["expected"]))


# ------------------------------------------------------------------ right and wrong


@pytest.mark.parametrize("name", NAMES)
def test_a_right_function(published: Checker, name: str) -> None:
    result = feedback(right(published, name), published)
    hidden = of(published, name)["hidden_checks"]
    checks = "check runs" if hidden == 1 else "checks run"
    assert repr(result) == (
        f"✔ {name}: right on the published example\n"
        f"  When your notebook is graded, {hidden} more {checks} on other data."
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_right_solution_passes(published: Checker, name: str) -> None:
    assignment = assignments.load("regularization")
    variants = module(assignment.files.equivalents[name]).VARIANTS
    assert len(variants) >= 30
    for variant in variants:
        result = feedback(named(name, variant), published)
        assert result.title == f"{name}: right on the published example"
        assert result.hints == ()


@pytest.mark.parametrize("name", NAMES)
def test_every_known_mistake_is_recognised(published: Checker, name: str) -> None:
    """Each function has at least 20. If two mistakes give the same values, both are named."""
    assignment = assignments.load("regularization")
    answers = module(assignment.files.mistakes[name])
    results = {}
    for mistake in known_mistakes.names(assignment, name):
        wrong = answers.answer(getattr(answers, mistake))
        with np.errstate(all="ignore"):
            results[mistake] = feedback(named(name, wrong), published)
    assert len(results) >= 20
    for mistake, result in results.items():
        if "right on" in result.title:
            assert "hard_coded" in mistake or mistake in RIGHT_THERE
        else:
            assert id_of(mistake) in {diagnosis.id for diagnosis in result.diagnoses}, mistake


def test_two_mistakes_with_equal_values(published: Checker) -> None:
    by_id = {item["causes"][0][0]: item for item in reversed(of(published, COST)["mistakes"])}
    values = decode(by_id["l2-not-averaged"]["values"][0][0])
    result = feedback(named(COST, lambda *_: values), published)
    assert [diagnosis.what.split(": ")[0] for diagnosis in result.diagnoses] == [
        "One possible cause",
        "Another possible cause",
    ]
    assert {diagnosis.id for diagnosis in result.diagnoses} == TWINS


def test_an_unknown_mistake(published: Checker) -> None:
    result = feedback(named(COST, lambda *_: 4711.0), published)
    assert repr(result) == (
        "✘ compute_cost_with_regularization: not right yet\n"
        "  The first wrong value is cost. The published example shows this error. Compare the\n"
        "  line that computes cost with the formula.\n"
        "  cost is 4711 instead of 1.7864859.\n"
        "  Why, and what to do next: check(compute_cost_with_regularization, more=True)\n"
        "  When your notebook is graded, 1 more check runs on other data."
    )
    assert result.text(more=True) == (
        "✘ compute_cost_with_regularization: not right yet\n"
        "  The first wrong value is cost. The published example shows this error. Compare the\n"
        "  line that computes cost with the formula.\n"
        "  cost is 4711 instead of 1.7864859.\n"
        "  The grader does not recognise this mistake, so it cannot name the cause.\n"
        "  To see this in your notebook, run:\n"
        "      A3, Y, parameters = compute_cost_with_regularization_test_case()\n"
        "      result = compute_cost_with_regularization(A3, Y, parameters, lambd=0.1)\n"
        "      print(result)\n"
        "  When your notebook is graded, 1 more check runs on other data."
    )


CELL = """\
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    m = Y.shape[1]
    print("called")
    count = 0
    while count < 3:
        count += 1
    squares = sum(np.sum(np.square(parameters[f"W{layer}"])) for layer in (1, 2, 3))
    entropy = -np.sum(np.log(A3) * Y + np.log(1 - A3) * (1 - Y)) / m
    return entropy + lambd / (2 * m) * squares
"""


MISSPELLED = (
    "Your function stops in line 7 of the cell with AttributeError: module 'numpy' has no attribute "
    "'sqaure'. `np.sqaure` in line 7 of the cell does not exist. Did you mean `square`?"
)
TOO_MUCH = (
    "`lambd / (2 * m) * squares * 3` in line 9 of the cell has a part that does not belong there. "
    "Compare each part with the formula. Which one is not in it?"
)


def cell(right: str, wrong: str) -> Callable[..., Any]:
    """Return the function of a cell in which a text is replaced, as a kernel has it."""
    source, name = CELL.replace(right, wrong), f"<cell {wrong}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    namespace: dict[str, Any] = {"np": np}
    exec(compile(source, name, "exec"), namespace)
    function: Callable[..., Any] = namespace[COST]
    return function


@pytest.mark.parametrize(
    ("right", "wrong", "hint"),
    [
        ("np.square", "np.sqaure", MISSPELLED),
        ("/ (2 * m) * squares", "/ (2 * m) * squares * 3", TOO_MUCH),
    ],
)
def test_a_slip_is_named_by_a_repair(
    published: Checker, capsys: pytest.CaptureFixture[str], right: str, wrong: str, hint: str
) -> None:
    function, tracer = cell(right, wrong), sys.gettrace()
    names = dict(function.__globals__)

    result = feedback(function, published)

    assert result.hints == (hint,)
    assert "your function is right on the published example." in result.diagnoses[0].why
    assert (function.__globals__, sys.gettrace()) == (names, tracer)
    assert capsys.readouterr().out == "called\n"


def test_a_variant_is_named_by_the_code(published: Checker) -> None:
    function = cell("lambd / (2 * m) * squares", "lambd * squares // (2 * m)")
    (hint,) = feedback(function, published).hints
    assert "`//` removes the digits after the decimal point" in hint


@pytest.mark.parametrize(
    ("line", "searches"),
    [
        *[(line, 0) for line in ("LOG.append(1)", "LOG[0] = 1", "open('x')", "display(m)")],
        *[(line, 0) for line in ("global TOTAL", "plt.plot(m)", "log(m)", "time.sleep(0)")],
        *[(line, 1) for line in ("np.append(m, 1)", "own = []; own.append(m)", "np.exp(m)")],
    ],
)
def test_a_function_with_effects_is_not_searched(
    monkeypatch: pytest.MonkeyPatch, published: Checker, line: str, searches: int
) -> None:
    """The search would repeat them up to 22 times in the student's kernel."""
    problems: list[object] = []
    monkeypatch.setattr(versions, "find", problems.append)
    function = cell("    return", f"    if m < 0: {line}\n    return 3 *")
    more = cell("\n    return", "\n    LOG.append(1)\n    return")
    function.__globals__.update(LOG=[1], log=FunctionType(more.__code__, function.__globals__))
    function.__globals__["log"].__name__ = COST

    feedback(function, published)

    assert len(problems) == searches


def test_a_search_displays_nothing(monkeypatch: pytest.MonkeyPatch, published: Checker) -> None:
    """A helper module may display something, or draw a figure."""
    figures, restored = [1], [False]
    entered = contextlib.ExitStack()
    plots = SimpleNamespace(get_fignums=lambda: list(figures), close=figures.remove)
    capture = SimpleNamespace(capture_output=lambda: entered)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", plots)
    monkeypatch.setitem(sys.modules, "IPython.utils.capture", capture)
    entered.callback(restored.append, True)

    with versions._quietly():
        figures.append(2)

    assert figures == [1]
    assert restored[-1], "the display was not captured"


def test_a_search_without_an_end_is_given_up(published: Checker) -> None:
    function = cell("    return", "    while squares > lambd: count -= 1\n    return")

    with pytest.raises(TimeoutError), versions.time_limit(0.1, function.__code__.co_filename):
        function(*decode(of(published, COST)["cases"][0]["args"]))


def test_at_most_three_wrong_values_are_shown(
    published: Checker,
) -> None:
    (case,) = of(published, DROPOUT)["cases"]
    A3, cache = decode(case["expected"])
    moved = tuple(np.asarray(part) + 1.5 for part in cache)
    result = feedback(named(DROPOUT, lambda *_: (A3 + 1.5, moved)), published)
    assert [finding.quantity for finding in result.findings] == ["Z1", "D1", "A1"]
    assert "The first wrong value is Z1." in result.hints[0]


# ------------------------------------------------------------------ structure


def hints(published: Checker, name: str, body: Callable[..., Any]) -> str:
    return "\n".join(feedback(named(name, body), published).hints)


@pytest.mark.parametrize(
    ("name", "returned", "hint"),
    [
        (COST, None, "Your function returns None, but should return a number."),
        (COST, np.ones((2, 2)), "shape (2, 2)"),
        (L2_GRADIENTS, {}, "dZ3, dW3, db3, dA2, dZ2, dW2, db2, dA1, dZ1, dW1, db1"),
        (DROPOUT, 3, "should return two values: A3 and cache"),
    ],
)
def test_a_wrong_structure(published: Checker, name: str, returned: Any, hint: str) -> None:
    assert hint in hints(published, name, lambda *_: returned)


def test_an_exception_has_the_line_of_its_cell(published: Checker) -> None:
    source = (
        "def compute_cost_with_regularization(A3, Y, parameters, lambd):\n    return A3 / nothing\n"
    )
    namespace: dict[str, Any] = {}
    exec(compile(source, "<cell>", "exec"), namespace)
    result = feedback(namespace[COST], published)
    assert result.hints == (
        (
            "Your code uses the name `nothing` in line 2 of the cell, but this name is not defined. "
            "Check its spelling, and assign it before you use it."
        ),
    )
    sentence = hints(published, COST, lambda: 1.0)
    assert re.match(r"Your function stops in line \d+ of the cell with TypeError: ", sentence)


def test_a_value_that_cannot_be_copied(published: Checker) -> None:
    sentence = hints(published, COST, lambda *_: (number for number in (1, 2)))
    assert sentence == (
        "Your function returns an object of type generator, but should return a single number. "
        "Check the expression after `return`."
    )


@pytest.mark.parametrize("name", NAMES)
def test_an_async_function_causes_no_warning(published: Checker, name: str) -> None:
    async def graded(*_: Any) -> float:
        return 1.0

    with warnings.catch_warnings(record=True) as leaked:
        warnings.simplefilter("always")
        sentence = hints(published, name, graded)
        gc.collect()
    assert sentence == (
        "Your function is defined with `async def`, so a call does not run its code. "
        "Remove `async` before `def`."
    )
    assert [str(warning.message) for warning in leaked] == []


def test_a_hint_is_not_repeated_as_a_wrong_value(published: Checker) -> None:
    empty = dict.fromkeys(of(published, L2_GRADIENTS)["quantities"])
    result = feedback(named(L2_GRADIENTS, lambda *_: empty), published)
    assert repr(result).split("\n")[1:5] == [
        "  dZ3 is None, but should contain only numbers. Check the line that computes dZ3.",
        "  dW3 is None, but should contain only numbers.",
        "  db3 is None, but should contain only numbers.",
        "  dA2 is None, but should contain only numbers.",
    ]
    assert result._repr_html_().count("dZ3 is None") == 1


def test_system_exit_does_not_stop_the_kernel(published: Checker) -> None:
    def leaving(*_: Any) -> Any:
        raise SystemExit(3)

    sentence = hints(published, COST, leaving)
    assert re.fullmatch(
        r"Your function stops in line \d+ of the cell with SystemExit: 3\. Fix that line first\.",
        sentence,
    )


def test_an_exception_without_a_message(published: Checker) -> None:
    class Odd(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    def failing(*_: Any) -> Any:
        raise Odd

    sentence = hints(published, COST, failing)
    words = r"Your function stops in line \d+ of the cell with Odd\. Fix that line first\."
    assert re.fullmatch(words, sentence)


def test_a_changed_argument_is_reported(
    published: Checker,
) -> None:
    answer = right(published, COST)

    def changing(A3: Any, *rest: Any) -> Any:
        A3 *= 2
        return answer(A3, *rest)

    result = feedback(named(COST, changing), published)
    assert result.title == f"{COST}: right on the published example"
    assert result.hints == (
        (
            "Your function changes arrays that the caller passed to it: A3. Change a copy of each, and "
            "leave the argument as it is."
        ),
    )
    assert feedback(answer, published).hints == ()


def test_a_function_that_is_not_deterministic(published: Checker) -> None:
    calls: list[int] = []

    def counting(*_: Any) -> float:
        calls.append(1)
        return float(len(calls))

    assert hints(published, COST, counting) == (
        "Two calls with the same arguments and the same seed return different values. Look for a "
        "random generator without a seed, or for a variable that keeps its value between calls."
    )


# ------------------------------------------------------------------ odd objects


class Nameless:
    """An object whose name raises an exception."""

    @property
    def __name__(self) -> str:
        raise RuntimeError("no name")

    def __call__(self, *_: Any) -> float:
        return 1.0


class Classless:
    """An object whose class raises an exception, although it can be copied."""

    def __getattribute__(self, name: str) -> Any:
        if name == "__class__":
            raise RuntimeError("no class")
        return super().__getattribute__(name)

    def __deepcopy__(self, _: Any) -> Classless:
        return self


def endless(kind: type) -> Any:
    """Return a container that contains itself."""
    own: Any = kind()
    if kind is dict:
        own["dZ3"] = own
    else:
        own.append(own)
    return own


@pytest.mark.parametrize(
    ("name", "returned", "hint"),
    [
        (COST, lambda: endless(list), "a list of length 1, but should return a single number."),
        (L2_GRADIENTS, lambda: endless(dict), "has no entry for dW3, db3, dA2"),
        (COST, Classless, "an object of type Classless, but should return a single number."),
        (COST, Nameless, "an object of type Nameless, but should return a single number."),
    ],
)
def test_an_odd_return_value_is_one_hint(
    published: Checker, name: str, returned: Callable[[], Any], hint: str
) -> None:
    result = hints(published, name, lambda *_: returned())
    assert hint in result and "\n" not in result


def test_an_endless_list_is_located(published: Checker) -> None:
    (case,) = of(published, L2_GRADIENTS)["cases"]
    answer = {**decode(case["expected"]), "dW2": endless(list)}
    result = feedback(named(L2_GRADIENTS, lambda *_: answer), published)
    (hint,) = result.hints
    assert hint == (
        "dW2 is a list of length 1, but should contain only numbers. "
        "Check the line that computes dW2."
    )
    assert result.findings == ()


@pytest.mark.parametrize(
    "make", [Nameless, Classless, lambda: endless(list), lambda: endless(dict)]
)
def test_an_object_without_a_name(published: Checker, make: Callable[[], Any]) -> None:
    sentence = f"check needs the function itself. Write check({COST})."
    assert feedback(make(), published) == Feedback(sentence)


def test_a_failing_check_is_one_sentence(
    published: Checker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> Any:
        raise RecursionError

    monkeypatch.setattr(judging, "judge", fails)
    result = feedback(named(COST, lambda *_: 1.0), published)
    assert result.title == (
        f"{COST}: the returned value could not be examined (RecursionError). Return only numbers, "
        "arrays, lists, tuples and dictionaries."
    )


# ------------------------------------------------------------------ decorators


def decorated(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that calls another function, without `functools.wraps`."""

    def wrapper(*args: Any, **options: Any) -> Any:
        return function(*args, **options)

    return wrapper


def test_a_decorated_function_is_recognised(published: Checker) -> None:
    answer = right(published, COST)
    for hidden in (decorated(answer), decorated(decorated(answer))):
        assert feedback(hidden, published).title == f"{COST}: right on the published example"


def test_a_wrapper_of_two_functions(published: Checker) -> None:
    first, second = right(published, COST), right(published, DROPOUT)

    def wrapper(*args: Any) -> Any:
        return first(*args) or second(*args)

    assert feedback(wrapper, published) == Feedback(
        f"wrapper is not a function of this assignment. The functions are: {', '.join(NAMES)}."
    )


def test_a_renamed_function(published: Checker) -> None:
    def wrapper(A3: Any, Y: Any, parameters: Any, lambd: float) -> float:
        return 1.0

    assert feedback(wrapper, published) == Feedback(
        f"wrapper is not a function of this assignment, but it has the same parameters as {COST}. "
        f"Rename it to {COST}. If it has a decorator, use `functools.wraps` there."
    )


# ------------------------------------------------------------------ side effects


def test_random_generators_are_restored(published: Checker) -> None:
    random.seed(5)
    np.random.seed(5)
    undisturbed = random.random(), np.random.rand()
    random.seed(5)
    np.random.seed(5)

    def drawing(*_: Any) -> float:
        np.random.seed(1)
        return random.random() + float(np.random.rand())

    feedback(named(COST, drawing), published)
    assert (random.random(), np.random.rand()) == undisturbed


def test_a_function_cannot_change_the_sheet(published: Checker) -> None:
    before = json.dumps(published.sheet)

    def spoiling(A3: Any, Y: Any, parameters: dict[str, Any], lambd: float) -> float:
        parameters.clear()
        A3[:] = np.nan
        return lambd

    feedback(named(COST, spoiling), published)
    assert json.dumps(published.sheet) == before


def test_markup_is_escaped(published: Checker) -> None:
    def hostile(*_: Any) -> Any:
        raise ValueError("<script>alert(1)</script>\x1b[31m\u202e")

    result = feedback(named(COST, hostile), published)
    page = result._repr_html_()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script" not in page
    assert not set("\x1b\u202e") & set(page + repr(result))


def test_html_and_text_have_the_same_content(published: Checker) -> None:
    result = feedback(named(COST, lambda *_: 2.0), published)
    words = html.unescape(re.sub(r"<[^>]+>", " ", result._repr_html_()))
    for part in (result.title, *result.hints, *result.snippet, result.note, "2", "1.7864859"):
        assert " ".join(part.split()) in " ".join(words.split())


@pytest.mark.parametrize(
    ("argument", "sentence"),
    [
        (3.14, f"check needs the function itself. Write check({COST})."),
        (None, f"check needs the function itself. Write check({COST})."),
        (
            named("compute_cost_with_regularisation", print),
            f"compute_cost_with_regularisation is not a function of this assignment. Did you mean {COST}?",
        ),
        (
            named("f", print),
            f"f is not a function of this assignment. The functions are: {', '.join(NAMES)}.",
        ),
    ],
)
def test_an_unknown_function(published: Checker, argument: Any, sentence: str) -> None:
    assert feedback(argument, published) == Feedback(sentence)
    assert selfcheck.MAX_HINTS == 3
