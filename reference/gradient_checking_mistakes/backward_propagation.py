"""Known mistakes of the derivative of J = theta * x: one function each, its docstring is the hint."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class Answer:
    """The right derivative, by a formula."""

    formula: Callable[[float, float], float] = lambda x, _: x

    def __call__(self, x: float, theta: float) -> float:
        """Return dtheta."""
        return self.formula(x, theta)


def answer(*mistakes: Callable[[Answer], None]) -> Answer:
    """Return the right answer, changed by each of the mistakes in order."""
    solution = Answer()
    for mistake in mistakes:
        mistake(solution)
    return solution


def derivative_by_x(answer: Answer) -> None:
    """Your derivative{line} is that with respect to x, not with respect to theta.

    The gradient check shifts theta and keeps x.

    Which letter is below the fraction bar in the formula?
    """
    answer.formula = lambda _, theta: theta


def not_derived(answer: Answer) -> None:
    """You return J itself{line}, not its derivative.

    The derivative is the speed with which J grows with theta.

    By how much does theta * x grow when theta grows by 1?
    """
    answer.formula = lambda x, theta: theta * x
