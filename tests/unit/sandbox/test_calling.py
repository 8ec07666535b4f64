"""The call that grading and the student's notebook share."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from grader.handout.call import call_on_case
from grader.model import Opaque, Raised, Returned, TestCase
from grader.sandbox.box import calling

NAN = np.array([1.0, np.nan, -0.0])


@pytest.mark.parametrize(
    ("args", "change", "mutated"),
    [
        ((NAN, {"W": NAN}, [NAN], np.nan), lambda *args: None, []),
        ((np.zeros(2), NAN), lambda a, b: a.fill(-0.0), [0]),
        (({"W": NAN},), lambda d: d.update(W=NAN.copy()), []),
        (({"W": NAN, "b": 1},), lambda d: d.update(W=d.pop("W")), [0]),
        (([1, 2], (NAN,)), lambda a, b: b[0].sort(), [1]),
        (({"n": 1},), lambda d: d.update(n=1.0), [0]),
    ],
    ids=["untouched", "sign", "same-bits", "order", "nested", "type"],
)
def test_mutated_arguments(args: tuple[Any, ...], change: Any, mutated: list[int]) -> None:
    """An untouched array with a NaN is not mutated, although NaN differs from itself."""
    before = repr(args)
    assert calling.call(change, args, 1).mutated == mutated
    assert repr(args) == before
    outcome = call_on_case(change, TestCase("", "f", args, ""))
    assert isinstance(outcome, Returned)
    assert list(outcome.mutated) == mutated


def test_generators_are_seeded_and_restored() -> None:
    def draw() -> list[float]:
        return [random.random(), float(np.random.rand())]

    expected = [random.Random(5).random(), float(np.random.RandomState(5).rand())]
    assert calling.call(draw, (), 5).value == expected
    random.seed(7)
    np.random.seed(7)
    after = [random.Random(7).random(), float(np.random.RandomState(7).rand())]
    assert call_on_case(draw, TestCase("", "f", (), "", seed=5)) == Returned(expected)
    assert draw() == after


def test_notebook_gets_the_value_of_grading() -> None:
    """A value that is not plain data becomes the name of its type, as over the wire."""
    value = (1j, {1, 2}, np.float32(2.0), {3: "x" * 5_000})
    outcome = call_on_case(lambda: value, TestCase("", "f", (), ""))
    assert isinstance(outcome, Returned)
    complex_, set_, number, dictionary = outcome.value
    assert (complex_, set_) == (Opaque("complex"), Opaque("set"))
    assert (number.dtype, number.shape) == (np.float32, ())
    assert dictionary == {"<int>": "x" * 4_000}


def test_notebook_reports_exceptions_but_not_an_interrupt() -> None:
    def stop(kind: type[BaseException]) -> None:
        raise kind

    exit_ = TestCase("", "f", (SystemExit,), "")
    outcome = call_on_case(stop, exit_)
    assert isinstance(outcome, Raised)
    assert (outcome.kind, outcome.message) == ("SystemExit", "")
    with pytest.raises(KeyboardInterrupt):
        call_on_case(stop, TestCase("", "f", (KeyboardInterrupt,), ""))
