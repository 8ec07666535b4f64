"""Known mistakes of the check of one derivative: one function each, its docstring is the hint.

The paragraphs of a hint are *what* is wrong, *why* it matters and *next*, one thing to do. `{line}`
is the place in the student's notebook or empty.

A function changes parts of the right answer; `answer` makes an answer with any number of mistakes.
The file imports nothing of the grader, because the sandbox runs it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Norm = Callable[[Any], Any]


@dataclass
class Answer:
    """The right difference in parts.

    quotient(above, below, epsilon) is the approximation from two values of J. The difference is
    ratio(n(grad - approx), n(grad), n(approx)), where n is the `norm`. `J` is the function of x and theta.
    """

    quotient: Callable[[Any, Any, float], Any] = lambda above, below, eps: (
        (above - below) / (2 * eps)
    )
    norm: Norm = np.linalg.norm
    ratio: Callable[[Any, Any, Any], Any] = lambda top, grad, approx: top / (grad + approx)
    J: Callable[[float, float], float] = lambda x, theta: theta * x

    def __call__(self, x: float, theta: float, epsilon: float) -> Any:
        """Return the difference for J = theta * x."""
        approx = self.quotient(self.J(x, theta + epsilon), self.J(x, theta - epsilon), epsilon)
        return self.ratio(self.norm(x - approx), self.norm(x), self.norm(approx))


def answer(*mistakes: Callable[[Answer], None]) -> Answer:
    """Return the right answer, changed by each of the mistakes in order."""
    solution = Answer()
    for mistake in mistakes:
        mistake(solution)
    return solution


def norms_squared(answer: Answer) -> None:
    """The norms{line} are squared.

    The norm is the root of the sum of squares. Its square makes small differences much smaller.

    What does `np.linalg.norm` return, and what does your line add to it?
    """
    answer.norm = lambda value: np.sum(np.square(value))


def denominator_subtracted(answer: Answer) -> None:
    """The two norms in the denominator{line} are subtracted, not added.

    Both norms are nearly equal, so their difference is nearly 0.

    Which sign is in the denominator of the formula?
    """
    answer.ratio = lambda top, grad, approx: top / (grad - approx)


def not_divided(answer: Answer) -> None:
    """The denominator is subtracted{line} from the numerator. The difference is their quotient.

    Only a quotient compares the error with the size of the gradient.

    Which operation is between numerator and denominator in the formula?
    """
    answer.ratio = lambda top, grad, approx: top - (grad + approx)


def not_relative(answer: Answer) -> None:
    """The difference{line} is not divided by the norms.

    An error of 0.01 is large for a gradient of 0.001, and small for one of 1000.

    What is below the fraction bar in the formula?
    """
    answer.ratio = lambda top, grad, approx: top


def denominator_of_grad(answer: Answer) -> None:
    """The denominator{line} has only one of the two norms.

    With both norms, the difference lies between 0 and 1.

    Compare the denominator with the formula.
    """
    answer.ratio = lambda top, grad, approx: top / grad


def epsilon_not_doubled(answer: Answer) -> None:
    """The quotient{line} is twice as large as it should be.

    From theta - epsilon to theta + epsilon it is two epsilons.

    How far apart are the two points? What is in the denominator of the formula?
    """
    answer.quotient = lambda above, below, eps: (above - below) / eps


def epsilon_multiplied(answer: Answer) -> None:
    """The quotient{line} is multiplied by epsilon, because brackets are missing.

    Python reads `a / 2 * b` as `(a / 2) * b`.

    Put the whole denominator in brackets.
    """
    answer.quotient = lambda above, below, eps: (above - below) / 2 * eps


def points_exchanged(answer: Answer) -> None:
    """The approximation{line} has the opposite sign.

    The cost below is subtracted from the cost above.

    Where is epsilon added, and where is it subtracted? Which cost is subtracted from which?
    """
    answer.quotient = lambda above, below, eps: (below - above) / (2 * eps)


def sign_kept(answer: Answer) -> None:
    """The numerator{line} can be negative: it has no norm.

    A difference is the distance of two numbers. So it is never negative.

    What is around grad - gradapprox in the formula?
    """
    answer.norm = lambda value: value


def points_in_the_quotient(answer: Answer) -> None:
    """The quotient{line} is made of the two thetas, not of the two values of J.

    The difference of the thetas is always two epsilons, so the quotient is always 1.

    Which two values are subtracted in the formula?
    """
    answer.J = lambda _, theta: theta


def grad_from_approx(answer: Answer) -> None:
    """The approximation is compared with itself, so the difference is always 0.

    A check that can never fail finds no mistake.

    Where does `grad` come from in the task?
    """
    answer.ratio = lambda top, grad, approx: 0.0 * top
