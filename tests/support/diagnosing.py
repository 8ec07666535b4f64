"""Run answers on the cases of the assignment without a box, because they are our own code."""

from __future__ import annotations

import copy
import functools
import itertools
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

import numpy as np

from grader import assignments, diagnosis, judging
from grader.assignments import known_mistakes, oracle
from grader.diagnosis import FunctionRun
from grader.judging import follow_through, rubric
from grader.model import Function, Observation, Raised, Returned, TestCase
from grader.model.findings import CheckResult, Diagnosis
from grader.notebook.slicing import Slice

COST, L2, FORWARD, BACKWARD = (
    "compute_cost_with_regularization",
    "backward_propagation_with_regularization",
    "forward_propagation_with_dropout",
    "backward_propagation_with_dropout",
)
Answer = Callable[..., Any]


@functools.cache
def loaded() -> Any:
    return assignments.load("regularization")


def function(name: str) -> Function:
    return next(f for f in loaded().functions if f.name == name)


@functools.cache
def cases(name: str, seed: int = 20260901) -> tuple[TestCase, ...]:
    return oracle.cases_by_function(loaded(), seed)[name]


def reference() -> ModuleType:
    return assignments.module(loaded().files.reference)


def known(name: str) -> ModuleType:
    """Return the module of the known mistakes of a function."""
    return assignments.module(loaded().files.mistakes[name])


def wrong(name: str, *mistakes: str) -> Answer:
    """Return the answer in which known mistakes are made."""
    module = known(name)
    answer: Answer = module.answer(*(getattr(module, mistake) for mistake in mistakes))
    return answer


def observed(answer: Answer, test_cases: Sequence[TestCase]) -> Observation:
    """Return what an answer does on cases, as a box would observe it."""
    outcomes: list[Returned | Raised] = []
    for case in test_cases:
        np.random.seed(case.seed)
        with np.errstate(all="ignore"):
            try:
                outcomes.append(Returned(answer(*copy.deepcopy(case.args))))
            except Exception as error:  # noqa: BLE001 - answers may raise anything
                outcomes.append(Raised(type(error).__name__, str(error)))
    return Observation(tuple(outcomes))


def function_run(
    name: str, answer: Answer, *, source: str = "", seed: int = 20260901
) -> FunctionRun:
    """Return the run of a function; `source` is the cell that defines it."""
    from grader.model import Cell

    slice_ = Slice(name, cells=(Cell(7, source),), cell=7, line=1, is_defined=True)
    actual = observed(answer, cases(name, seed))
    return FunctionRun(function(name), slice_, cases(name, seed), expected(name, seed), actual)


@functools.cache
def expected(name: str, seed: int) -> Observation:
    """Return the observation of the reference."""
    return observed(getattr(reference(), name), cases(name, seed))


def diagnosed(
    run: FunctionRun, mistaken: Mapping[str, Observation] | None = None
) -> list[Diagnosis]:
    _, structural = judging.judge(run.function, run.cases, run.expected, run.actual)
    hints = known_mistakes.hints(loaded(), run.function.name)
    known: dict[tuple[str, ...], Observation] = {(k,): v for k, v in (mistaken or {}).items()}
    return list(diagnosis.diagnose(run, structural, hints, lambda: known))


def ids(name: str, answer: Answer) -> list[str]:
    """Return the ids of the mistakes that an answer is diagnosed with."""
    return [item.id for item in diagnosed(function_run(name, answer))]


def graded(name: str, answer: Answer) -> tuple[CheckResult, ...]:
    """Return the checks of an answer with their points, after follow-through."""
    run = function_run(name, answer)
    checks, _ = judging.judge(run.function, run.cases, run.expected, run.actual)
    assert run.intermediates is not None
    carried = follow_through.carried(run.function, run.cases, checks, run.intermediates)
    return rubric.with_points(run.function, carried)


def points(name: str, answer: Answer) -> float:
    return sum(check.score for check in graded(name, answer))


def every_mistake() -> list[tuple[str, str]]:
    """Return the function and the name of every known mistake."""
    names = (COST, L2, FORWARD, BACKWARD)
    return list(
        itertools.chain.from_iterable(
            ((name, mistake) for mistake in known_mistakes.names(loaded(), name)) for name in names
        )
    )
