"""What a student is told in the notebook: each sentence, and that a check leaves no trace."""

from __future__ import annotations

import functools
import gc
import html
import json
import random
import re
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from grader import assignments, judging
from grader.assignments import misconceptions, module
from grader.handout import selfcheck
from grader.handout.release import sheet
from grader.handout.selfcheck import Feedback, Sheet, feedback, value
from grader.model import Tier
from grader.model.diagnoses import id_of

NAMES = (
    "compute_cost_with_regularization",
    "backward_propagation_with_regularization",
    "forward_propagation_with_dropout",
    "backward_propagation_with_dropout",
)
TWINS = {"m-wrong-axis", "l2-not-averaged"}
"""Where m is 5 and its other axis is 1, they give the same penalty."""
RIGHT_THERE = {"random_stream__binomial"}
"""Where keep_prob is 0.7, as in the example, binomial draws give the very masks."""
COST, L2_GRADIENTS, DROPOUT, MASKED_GRADIENTS = NAMES


@pytest.fixture(scope="module")
def published(any_tier: Tier) -> Sheet:
    """Return the sheet as it is read from a file."""
    made: Sheet = json.loads(json.dumps(sheet(assignments.load("regularization"), tier=any_tier)))
    return made


def of(published: Sheet, name: str) -> dict[str, Any]:
    (stated,) = [one for one in published["functions"] if one["name"] == name]
    return dict(stated)


def named(name: str, body: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function under the name of a graded one."""

    @functools.wraps(body)
    def function(*args: Any) -> Any:
        return body(*args)

    function.__name__ = name
    return function


def right(published: Sheet, name: str) -> Callable[..., Any]:
    """Return a function that knows the published answer."""
    (case,) = of(published, name)["cases"]
    return named(name, lambda *_: value(case["expected"]))


# ------------------------------------------------------------------ right and wrong


@pytest.mark.parametrize("name", NAMES)
def test_right_is_said_to_be_right_on_what_is_published_and_no_more(
    published: Sheet, name: str
) -> None:
    seen = feedback(right(published, name), published)
    further = of(published, name)["further"]
    checks = "check runs" if further == 1 else "checks run"
    assert repr(seen) == (
        f"{name}: right on the published example\n"
        f"  {further} further {checks} on other data when your notebook is graded."
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_right_answer_passes_in_any_hand(published: Sheet, name: str) -> None:
    stated = assignments.load("regularization")
    variants = module(stated.files.equivalents[name]).VARIANTS
    assert len(variants) >= 30
    for variant in variants:
        seen = feedback(named(name, variant), published)
        assert seen.title == f"{name}: right on the published example"
        assert seen.hints == ()


@pytest.mark.parametrize("name", NAMES)
def test_every_known_mistake_is_told_by_its_values(published: Sheet, name: str) -> None:
    """Twenty and more for each function; where two give the very same values, both are told."""
    stated = assignments.load("regularization")
    answers = module(stated.files.misconceptions[name])
    told = {}
    for mistake in misconceptions.mistakes(stated, name):
        made = answers.answer(getattr(answers, mistake))
        with np.errstate(all="ignore"):
            told[mistake] = feedback(named(name, made), published)
    assert len(told) >= 20
    messages: dict[str, set[str]] = {}
    for one in of(published, name)["mistakes"]:
        messages.setdefault(one["id"], set()).add(one["message"])
    for mistake, seen in told.items():
        if "right on" in seen.title:
            assert "hard_coded" in mistake or mistake in RIGHT_THERE
        else:
            id = id_of(mistake)
            said = {hint.removeprefix("Either: ").removeprefix("Or: ") for hint in seen.hints}
            assert said & messages[id], mistake


def test_what_two_mistakes_give_alike_is_told_as_one_or_the_other(published: Sheet) -> None:
    stated = of(published, COST)
    known = {one["id"]: one for one in reversed(stated["mistakes"])}
    alike = value(known["l2-not-averaged"]["outcomes"][0])
    seen = feedback(named(COST, lambda *_: alike), published)
    assert {hint.split(": ")[0] for hint in seen.hints} == {"Either", "Or"}
    messages = {one["message"] for one in stated["mistakes"] if one["id"] in TWINS}
    assert {hint.split(": ", 1)[1] for hint in seen.hints} <= messages


def test_a_penalty_of_0_may_have_been_left_out_or_lost_in_a_division(published: Sheet) -> None:
    files = assignments.load("regularization").files
    correct = module(files.reference)

    def compute_cost_with_regularization(A3: Any, Y: Any, parameters: Any, lambd: float) -> float:
        weights = [parameters[name] for name in ("W1", "W2", "W3")]
        penalty = lambd * sum(np.sum(W**2) for W in weights) // (2 * Y.shape[1])
        return float(correct.compute_cost(A3, Y) + penalty)

    either, other = feedback(compute_cost_with_regularization, published).hints
    assert either.startswith("Either: Your cost is the cross-entropy alone: no penalty is added")
    assert other == (
        "Or: In your penalty a fraction is dropped, and nothing is left of a small one. "
        "That is what `//` does, and int: use the division that keeps fractions."
    )


def test_what_fits_nothing_is_said_to_fit_nothing(published: Sheet) -> None:
    seen = feedback(named(COST, lambda *_: 4711.0), published)
    assert repr(seen) == (
        "compute_cost_with_regularization: not right yet\n"
        "  We could not tell which mistake it is. The first value that is not right is cost.\n"
        "  cost is 4711; expected 1.7864859.\n"
        "  To see it in your notebook:\n"
        "      A3, Y, parameters = compute_cost_with_regularization_test_case()\n"
        "      result = compute_cost_with_regularization(A3, Y, parameters, lambd=0.1)\n"
        "      print(result)\n"
        "  1 further check runs on other data when your notebook is graded."
    )


def test_the_first_wrong_quantity_comes_first_and_at_most_three_are_shown(
    published: Sheet,
) -> None:
    (case,) = of(published, DROPOUT)["cases"]
    A3, cache = value(case["expected"])
    moved = tuple(np.asarray(part) + 1.5 for part in cache)
    seen = feedback(named(DROPOUT, lambda *_: (A3 + 1.5, moved)), published)
    assert [finding.quantity for finding in seen.findings] == ["Z1", "D1", "A1"]
    assert "The first value that is not right is Z1." in seen.hints[0]


# ------------------------------------------------------------------ what structure says


def told(published: Sheet, name: str, body: Callable[..., Any]) -> str:
    return "\n".join(feedback(named(name, body), published).hints)


def test_what_structure_says_is_told(published: Sheet) -> None:
    assert told(published, COST, lambda *_: None) == (
        "It returns nothing (None); a number is expected. Is there a return at its end?"
    )
    assert told(published, COST, lambda *_: np.ones((2, 2))) == (
        "It returns an array of shape (2, 2); a single number is expected."
    )
    assert told(published, L2_GRADIENTS, lambda *_: {}) == (
        "The result has no entry for dZ3, dW3, db3, dA2, dZ2, dW2, db2, dA1, dZ1, dW1, db1; "
        "the names must match exactly."
    )
    assert told(published, DROPOUT, lambda *_: 3) == ("It returns an int; (A3, cache) is expected.")


def test_an_exception_is_told_with_its_line_in_the_cell(published: Sheet) -> None:
    source = (
        "def compute_cost_with_regularization(A3, Y, parameters, lambd):\n    return A3 / nothing\n"
    )
    namespace: dict[str, Any] = {}
    exec(compile(source, "<cell>", "exec"), namespace)
    seen = feedback(namespace[COST], published)
    assert seen.hints == (
        "It stops with NameError: name 'nothing' is not defined (line 2 of its cell).",
    )
    assert told(published, COST, lambda: 1.0).startswith("It stops with TypeError: ")


def test_what_cannot_be_copied_is_told_by_its_type_and_not_as_an_error(published: Sheet) -> None:
    said = told(published, COST, lambda *_: (number for number in (1, 2)))
    assert said == "It returns an object of type generator; a number is expected."


@pytest.mark.parametrize("name", NAMES)
def test_of_an_async_function_is_said_that_async_must_go_and_python_does_not_warn(
    published: Sheet, name: str
) -> None:
    async def graded(*_: Any) -> float:
        return 1.0

    with warnings.catch_warnings(record=True) as leaked:
        warnings.simplefilter("always")
        said = told(published, name, graded)
        gc.collect()
    assert said == "It is a coroutine, which a call does not run: take `async` from its `def`."
    assert [str(one.message) for one in leaked] == []


def test_what_the_hint_says_already_is_not_said_again_as_a_number(published: Sheet) -> None:
    empty = dict.fromkeys(of(published, L2_GRADIENTS)["quantities"])
    seen = feedback(named(L2_GRADIENTS, lambda *_: empty), published)
    assert repr(seen).split("\n")[1:5] == [
        "  dZ3 is nothing (None); numbers are expected.",
        "  dW3 is nothing (None); numbers are expected.",
        "  db3 is nothing (None); numbers are expected.",
        "  dA2 is nothing (None); numbers are expected.",
    ]
    assert seen._repr_html_().count("dZ3") == 1


def test_leaving_python_is_told_and_the_kernel_stays(published: Sheet) -> None:
    def leaving(*_: Any) -> Any:
        raise SystemExit(3)

    said = told(published, COST, leaving)
    assert re.fullmatch(r"It stops with SystemExit: 3 \(line \d+ of its cell\)\.", said)


def test_a_message_that_cannot_be_made_is_no_message(published: Sheet) -> None:
    class Odd(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    def failing(*_: Any) -> Any:
        raise Odd

    said = told(published, COST, failing)
    assert re.fullmatch(r"It stops with Odd \(line \d+ of its cell\)\.", said)


def test_an_argument_that_is_changed_is_told_even_if_the_values_are_right(
    published: Sheet,
) -> None:
    answer = right(published, COST)

    def changing(A3: Any, *rest: Any) -> Any:
        A3 *= 2
        return answer(A3, *rest)

    seen = feedback(named(COST, changing), published)
    assert seen.title == f"{COST}: right on the published example"
    assert seen.hints == (
        (
            "Your function changes A3 in place, so the caller's arrays are not what they were. "
            "Write `x = x + 1` rather than `x += 1` for an array that was handed to you."
        ),
    )
    assert feedback(answer, published).hints == ()


def test_a_function_that_answers_otherwise_each_time_is_told(published: Sheet) -> None:
    calls: list[int] = []

    def counting(*_: Any) -> float:
        calls.append(1)
        return float(len(calls))

    assert told(published, COST, counting) == (
        "Called twice with the same arguments and the same seed, it gives different values. Look for "
        "random numbers from a generator that is not seeded, or for a value kept from call to call."
    )


# ------------------------------------------------------------------ odd objects


class Nameless:
    """A thing that raises when it is asked who it is."""

    @property
    def __name__(self) -> str:
        raise RuntimeError("no name")

    def __call__(self, *_: Any) -> float:
        return 1.0


class Classless:
    """A thing that raises when it is asked what it is, and that is copied all the same."""

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
    ("name", "returned", "said"),
    [
        (
            COST,
            lambda: endless(list),
            "It returns an object of type list that has no end; a number is expected.",
        ),
        (
            L2_GRADIENTS,
            lambda: endless(dict),
            (
                "It returns an object of type dict that has no end; a dictionary with the keys dZ3, dW3, "
                "db3, dA2, dZ2, dW2, db2, dA1, dZ1, dW1, db1 is expected."
            ),
        ),
        (COST, Classless, "It returns an object of type Classless; a number is expected."),
        (COST, Nameless, "It returns an object of type Nameless; a number is expected."),
    ],
)
def test_what_has_no_end_or_will_not_say_what_it_is_is_told_in_one_sentence(
    published: Sheet, name: str, returned: Callable[[], Any], said: str
) -> None:
    assert told(published, name, lambda *_: returned()) == said


def test_a_list_without_end_among_what_is_right_is_told_where_it_is(published: Sheet) -> None:
    (case,) = of(published, L2_GRADIENTS)["cases"]
    answer = {**value(case["expected"]), "dW2": endless(list)}
    seen = feedback(named(L2_GRADIENTS, lambda *_: answer), published)
    assert seen.hints == ("dW2 is an object of type list that has no end; numbers are expected.",)
    assert seen.findings == ()


@pytest.mark.parametrize(
    "given", [Nameless, Classless, lambda: endless(list), lambda: endless(dict)]
)
def test_an_object_that_will_not_say_its_name_is_no_function(
    published: Sheet, given: Callable[[], Any]
) -> None:
    said = f"check takes a function: give it {COST}, without brackets."
    assert feedback(given(), published) == Feedback(said)


def test_whatever_cannot_be_looked_at_is_one_sentence_and_no_error(
    published: Sheet, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> Any:
        raise RecursionError

    monkeypatch.setattr(judging, "judge", fails)
    seen = feedback(named(COST, lambda *_: 1.0), published)
    assert seen == Feedback(
        f"{COST}: what it returns cannot be looked at, that stops with RecursionError."
    )


# ------------------------------------------------------------------ decorators


def decorated(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function within another one, which does not say so."""

    def wrapper(*args: Any, **named: Any) -> Any:
        return function(*args, **named)

    return wrapper


def test_a_function_that_a_decorator_hides_is_found_in_it(published: Sheet) -> None:
    answer = right(published, COST)
    for hidden in (decorated(answer), decorated(decorated(answer))):
        assert feedback(hidden, published).title == f"{COST}: right on the published example"


def test_of_two_functions_that_a_decorator_hides_none_is_taken(published: Sheet) -> None:
    one, other = right(published, COST), right(published, DROPOUT)

    def wrapper(*args: Any) -> Any:
        return one(*args) or other(*args)

    assert feedback(wrapper, published) == Feedback(
        f"wrapper is not a function of this assignment. There are: {', '.join(NAMES)}."
    )


def test_a_function_of_another_name_is_known_by_its_parameters(published: Sheet) -> None:
    def wrapper(A3: Any, Y: Any, parameters: Any, lambd: float) -> float:
        return 1.0

    assert feedback(wrapper, published) == Feedback(
        f"wrapper is not a function of this assignment, but takes the arguments of {COST}: "
        "give it that name, or `functools.wraps` to its decorator."
    )


# ------------------------------------------------------------------ no trace, no harm


def test_a_check_leaves_the_random_generators_as_they_were(published: Sheet) -> None:
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


def test_what_a_function_keeps_cannot_change_the_sheet(published: Sheet) -> None:
    before = json.dumps(published)

    def spoiling(A3: Any, Y: Any, parameters: dict[str, Any], lambd: float) -> float:
        parameters.clear()
        A3[:] = np.nan
        return lambd

    feedback(named(COST, spoiling), published)
    assert json.dumps(published) == before


def test_markup_in_a_message_stays_text(published: Sheet) -> None:
    def hostile(*_: Any) -> Any:
        raise ValueError("<script>alert(1)</script>\x1b[31m\u202e")

    seen = feedback(named(COST, hostile), published)
    page = seen._repr_html_()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script" not in page
    assert not set("\x1b\u202e") & set(page + repr(seen))


def test_the_page_says_what_the_text_says(published: Sheet) -> None:
    seen = feedback(named(COST, lambda *_: 2.0), published)
    words = html.unescape(re.sub(r"<[^>]+>", " ", seen._repr_html_()))
    for part in (seen.title, *seen.hints, *seen.steps, seen.rest, "2", "1.7864859"):
        assert " ".join(part.split()) in " ".join(words.split())
    assert "<th scope='row'>cost</th>" in seen._repr_html_()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (3.14, f"check takes a function: give it {COST}, without brackets."),
        (None, f"check takes a function: give it {COST}, without brackets."),
        (
            named("compute_cost_with_regularisation", print),
            f"compute_cost_with_regularisation is not a function of this assignment. Did you mean {COST}?",
        ),
        (
            named("f", print),
            f"f is not a function of this assignment. There are: {', '.join(NAMES)}.",
        ),
    ],
)
def test_what_is_no_function_of_the_assignment_is_one_sentence(
    published: Sheet, given: Any, said: str
) -> None:
    assert feedback(given, published) == Feedback(said)
    assert selfcheck.MOST == 3
