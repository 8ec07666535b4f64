"""Known mistakes of J = theta * x: one function each, its docstring is the hint."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class Answer:
    """The right J, by a formula."""

    formula: Callable[[float, float], float] = lambda x, theta: theta * x

    def __call__(self, x: float, theta: float) -> float:
        """Return J."""
        return self.formula(x, theta)


def answer(*mistakes: Callable[[Answer], None]) -> Answer:
    """Return the right answer, changed by each of the mistakes in order."""
    solution = Answer()
    for mistake in mistakes:
        mistake(solution)
    return solution


def added(answer: Answer) -> None:
    """J{line} is the sum of theta and x, not their product.

    J is a line through zero with the slope x.

    Which operation is between theta and x in the formula?
    """
    answer.formula = lambda x, theta: theta + x
