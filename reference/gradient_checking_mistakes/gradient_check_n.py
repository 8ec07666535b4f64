"""Known mistakes of the check of a network's gradients: one function each, its docstring is the hint.

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
    ratio(n(grad - approx), n(grad), n(approx)), where n is the `norm`. `points` returns the vectors of
    parameters above and below, one row for each number that is shifted. `part` chooses what is compared
    of gradient and approximation.
    """

    quotient: Callable[[Any, Any, float], Any] = lambda above, below, eps: (
        (above - below) / (2 * eps)
    )
    norm: Norm = np.linalg.norm
    ratio: Callable[[Any, Any, Any], Any] = lambda top, grad, approx: top / (grad + approx)
    points: Callable[[Any, float], tuple[Any, Any]] = lambda values, eps: (
        values + eps * np.eye(len(values)),
        values - eps * np.eye(len(values)),
    )
    part: Callable[[Any], Any] = lambda values: values
    moves_inputs: bool = False

    def __call__(
        self, parameters: dict[str, Any], gradients: dict[str, Any], X: Any, Y: Any, epsilon: float
    ) -> Any:
        """Return the difference for all parameters of the network."""
        grad, values = _flat(gradients, "d"), _flat(parameters, "")
        steps = (epsilon, -epsilon) if self.moves_inputs else (0.0, 0.0)
        above, below = (
            _costs(rows, parameters, X + step, Y)
            for rows, step in zip(self.points(values, epsilon), steps, strict=True)
        )
        grad, approx = self.part(grad), self.part(self.quotient(above, below, epsilon))
        return self.ratio(self.norm(grad - approx), self.norm(grad), self.norm(approx))


def _flat(arrays: dict[str, Any], prefix: str) -> Any:
    names = [f"{prefix}{kind}{layer}" for layer in (1, 2, 3) for kind in "Wb"]
    return np.concatenate([arrays[name].ravel() for name in names])


def _costs(rows: Any, parameters: dict[str, Any], X: Any, Y: Any) -> Any:
    """Return the cost for each row of parameters."""
    A, begin = X, 0
    for layer in (1, 2, 3):
        parts = []
        for kind in "Wb":
            shape = parameters[f"{kind}{layer}"].shape
            end = begin + int(np.prod(shape))
            parts.append(rows[:, begin:end].reshape(-1, *shape))
            begin = end
        Z = parts[0] @ A + parts[1]
        A = np.maximum(0, Z) if layer < 3 else 1 / (1 + np.exp(-Z))
    return np.sum(-np.log(A) * Y - np.log(1 - A) * (1 - Y), axis=(1, 2)) / X.shape[1]


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


def copy_missing(answer: Answer) -> None:
    """The parameters stay shifted{line}: the vector is changed and not copied.

    An array that is assigned to another name is still the same array.

    Where does your loop make a copy of the parameters?
    """
    answer.points = lambda values, eps: (
        values - eps * np.tri(len(values), k=-1) + eps * np.eye(len(values)),
        values - eps * np.tri(len(values)),
    )


def minus_from_plus(answer: Answer) -> None:
    """Both costs of a parameter are computed with the same shift.

    The difference of two equal costs is 0, so the approximation is 0.

    Which vector goes into the second call of forward_propagation_n?
    """
    points = answer.points
    answer.points = lambda values, eps: (points(values, eps)[0],) * 2


def minus_from_shifted(answer: Answer) -> None:
    """The second cost is computed{line} without a shift: epsilon was added and subtracted again.

    The shift below starts from the original parameters, not from those that are already shifted.

    Is each of the two vectors a copy (`np.copy`) of the original parameters?
    """
    points = answer.points
    answer.points = lambda values, eps: (points(values, eps)[0], np.tile(values, (len(values), 1)))


def last_number_only(answer: Answer) -> None:
    """Only the last parameter is compared{line}.

    A bug in any other gradient would not be found.

    Are the lines after the loop about all numbers, or about the number i?
    """
    answer.part = lambda values: values[-1:]


def inputs_shifted(answer: Answer) -> None:
    """The examples X are shifted by epsilon, too.

    The gradients are those of the parameters. The examples stay the same.

    Which arguments of forward_propagation_n change in the loop?
    """
    answer.moves_inputs = True


def grad_from_approx(answer: Answer) -> None:
    """The approximation is compared with itself, so the difference is always 0.

    A check that can never fail finds no mistake.

    Where does `grad` come from in the task?
    """
    answer.ratio = lambda top, grad, approx: 0.0 * top
