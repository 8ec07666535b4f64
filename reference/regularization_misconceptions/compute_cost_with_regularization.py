"""Known mistakes of the cost with its L2 penalty: one function each, its docstring is the hint.

A mistake changes parts of the right answer; `answer` puts an answer together from any number of
them. `{line}` is where the student's lines are, `{where}` which weights it is about; what stands
behind `__` in a name tells variants of one mistake apart. The file stands alone: the box runs it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Parameters = dict[str, Array]


@dataclass
class Answer:
    """The right cost in parts: cross_entropy + sign * factor(lambd, m) * sum of statistic(weights)."""

    weights: tuple[str, ...] = ("W1", "W2", "W3")
    shares: dict[str, float] = field(default_factory=lambda: {"W1": 1.0, "W2": 1.0, "W3": 1.0})
    loose: tuple[str, ...] = ()
    extra: Callable[[Array], float] = lambda A3: 0.0
    entropy: float = 1.0
    summed: bool = False
    sign: float = 1.0
    lambd: Callable[[float], float] = lambda lambd: lambd
    m: Callable[[Array, Parameters], float] = lambda Y, parameters: Y.shape[1]
    factor: Callable[[float, float], float] = lambda lambd, m: lambd / (2 * m)
    statistic: Callable[[Array], float] = lambda W: float(np.sum(np.square(W)))
    whole: Callable[[float], float] = lambda penalty: penalty

    def __call__(self, A3: Array, Y: Array, parameters: Parameters, lambd: float) -> float:
        """Return the cost as this answer has it."""
        entropy = -float(np.sum(Y * np.log(A3) + (1 - Y) * np.log(1 - A3)))
        entropy = entropy if self.summed else entropy / Y.shape[1]
        squares = {n: self.shares[n] * self.statistic(parameters[n]) for n in self.weights}
        loose = sum(squares.pop(name, 0.0) for name in self.loose)
        factor = self.factor(self.lambd(lambd), self.m(Y, parameters))
        penalty = factor * (sum(squares.values()) + self.extra(A3)) + loose
        return self.entropy * entropy + self.sign * self.whole(penalty)


def answer(*mistakes: Callable[[Answer], None]) -> Answer:
    """Return the right answer with mistakes made in it, one after the other."""
    made = Answer()
    for mistake in mistakes:
        mistake(made)
    return made


# ------------------------------------------------------------------ the factor in front


def l2_not_halved(answer: Answer) -> None:
    """Your penalty{line} is twice as large as it should be: the 1/2 is missing.

    Hold the fraction in front of the sum beside the one in the formula.
    """
    factor = answer.factor
    answer.factor = lambda lambd, m: 2 * factor(lambd, m)


def l2_not_halved__although_halved(answer: Answer) -> None:
    """Your penalty{line} comes to twice what it should be, although something is halved there.

    See that it is added to the cost once only, and that the half reaches the whole of the sum.
    """
    l2_not_halved(answer)


def l2_not_averaged(answer: Answer) -> None:
    """Your penalty{line} is not divided by the number of examples m.

    Cross-entropy and penalty are both averages over the examples: see what stands below the fraction.
    """
    factor = answer.factor
    answer.factor = lambda lambd, m: factor(lambd, m) * m


def l2_multiplied_by_m(answer: Answer) -> None:
    """Your penalty{line} is multiplied by m where it should be divided by it.

    Python works from left to right: `a / 2 * m` is `(a / 2) * m`. Put the whole denominator in brackets.
    """
    factor = answer.factor
    answer.factor = lambda lambd, m: factor(lambd, m) * m**2


def l2_lambda_ignored(answer: Answer) -> None:
    """Your penalty{line} is the same whatever `lambd` is.

    Find where lambd stands in the formula, and give it the same place in your line.
    """
    answer.lambd = lambda lambd: 1.0


def l2_divided_by_lambda(answer: Answer) -> None:
    """Your penalty{line} is divided by lambd, so a stronger regularization weighs less.

    The fraction stands upside down: lambd belongs above the line, m below it.
    """
    answer.lambd = lambda lambd: 1 / lambd if lambd else 0.0


def l2_wrong_factor(answer: Answer) -> None:
    """Your penalty{line} is always the same multiple of what it should be: a number in it is wrong.

    Hold every number in front of the sum beside the formula.
    """
    factor = answer.factor
    answer.factor = lambda lambd, m: factor(lambd, m) / 2


def l2_subtracted(answer: Answer) -> None:
    """Your penalty{line} lowers the cost, so large weights are rewarded.

    Large weights should cost something: look at the sign with which the penalty joins the cross-entropy.
    """
    answer.sign = -answer.sign


def m_wrong_axis(answer: Answer) -> None:
    """The number m that your penalty{line} is divided by is not the number of examples, but another size.

    Examples are columns of Y: look at which array, and which of its axes, you take m from.
    """
    answer.m = lambda Y, parameters: Y.shape[0]


def m_wrong_axis__inputs(answer: Answer) -> None:
    """Take m from the columns of W1."""
    answer.m = lambda Y, parameters: parameters["W1"].shape[1]


def m_wrong_axis__units(answer: Answer) -> None:
    """Take m from the rows of W1."""
    answer.m = lambda Y, parameters: parameters["W1"].shape[0]


def m_hard_coded(answer: Answer) -> None:
    """Your penalty{line} is divided by the same number of examples for every data set.

    The published example has 5 of them, others have not: take m from the shape of an argument.
    """
    answer.m = lambda Y, parameters: 5


def lambda_hard_coded(answer: Answer) -> None:
    """Your penalty{line} uses one fixed strength, whatever `lambd` the function is called with.

    Use the argument instead of a number, and do not give it a new value inside the function.
    """
    answer.lambd = lambda lambd: 0.1


# ------------------------------------------------------------------ what is summed


def l2_term_missing(answer: Answer) -> None:
    """Your cost{line} is the cross-entropy alone: no penalty is added to it.

    Check that the penalty is worked out from the weights, and that the sum you return contains it.
    """
    answer.factor = lambda lambd, m: 0.0


def l2_term_missing__integer_division(answer: Answer) -> None:
    """Your penalty{line} is 0 in every test: `//` drops the fraction, and that is all there was.

    Use the division that keeps fractions.
    """
    answer.factor = lambda lambd, m: lambd // (2 * m)


def l2_term_missing__fraction_dropped(answer: Answer) -> None:
    """In your penalty{line} a fraction is dropped, and nothing is left of a small one.

    That is what `//` does, and int: use the division that keeps fractions.
    """
    answer.whole = lambda penalty: float(np.floor(penalty))


def l2_layer_missing(answer: Answer) -> None:
    """Your penalty{line} leaves out {where}.

    All three weight matrices belong into the sum. In a loop, see that every round adds to the one before.
    """
    answer.shares["W3"] = 0.0


def l2_layer_missing__w1(answer: Answer) -> None:
    """Leave out W1."""
    answer.shares["W1"] = 0.0


def l2_layer_missing__all_but_last(answer: Answer) -> None:
    """Write = for += in a loop."""
    answer.shares |= {"W1": 0.0, "W2": 0.0}


def l2_layer_repeated(answer: Answer) -> None:
    """Your penalty{line} counts {where} more than once.

    Each weight matrix belongs into the sum exactly once: read the names in your line one by one.
    """
    answer.shares["W1"] *= 2


def l2_layer_repeated__for_another(answer: Answer) -> None:
    """Write W2 where W3 belongs."""
    answer.shares |= {"W2": answer.shares["W2"] * 2, "W3": 0.0}


def l2_factor_misplaced(answer: Answer) -> None:
    """The factor in front of your penalty{line} reaches only some of the sums, and not {where}.

    A bracket closes too early. Put one pair around all three sums.
    """
    answer.loose = ("W2", "W3")


def l2_not_squared(answer: Answer) -> None:
    """The weights in your penalty{line} are added up without being squared.

    A norm is the root of a sum of squares, and the formula has no root: see what you take the sum of.
    """
    answer.statistic = lambda W: float(np.linalg.norm(W))


def l2_not_squared__plain_sum(answer: Answer) -> None:
    """Add up the weights themselves."""
    answer.statistic = lambda W: float(np.sum(W))


def l2_square_of_sum(answer: Answer) -> None:
    """Your penalty{line} squares the sum of the weights, and should sum their squares.

    Square every single weight first and add up afterwards; the order of the two matters.
    """
    answer.statistic = lambda W: float(np.sum(W) ** 2)


def l2_mean_instead_of_sum(answer: Answer) -> None:
    """Your penalty{line} takes the mean over the weights where the formula has their sum.

    The only average in it is that over examples: see by which function you bring the squares together.
    """
    statistic = answer.statistic
    answer.statistic = lambda W: statistic(W) / W.size


def l1_instead_of_l2(answer: Answer) -> None:
    """Your penalty{line} adds up absolute values, which is L1 regularization; L2 adds up squares.

    Look at what you do to every weight before the sum is taken.
    """
    answer.statistic = lambda W: float(np.sum(np.abs(W)))


def l2_matrix_product(answer: Answer) -> None:
    """Your penalty{line} multiplies weight matrices with each other, which mixes different weights.

    Every weight is squared by itself, element by element, before the sum is taken.
    """
    answer.statistic = lambda W: float(np.sum(W @ W.T))


def l2_on_biases(answer: Answer) -> None:
    """Your penalty{line} includes the biases.

    Only the weights W1, W2 and W3 are penalised: see what your sum, or your loop, runs over.
    """
    biases = ("b1", "b2", "b3")
    answer.weights = (*answer.weights, *biases)
    answer.shares |= dict.fromkeys(biases, 1.0)


def l2_on_activations(answer: Answer) -> None:
    """Your penalty{line} is made from the output {where}, and not from the weights alone.

    The penalty knows nothing of the data: take the matrices from `parameters`.
    """
    answer.weights = ()
    answer.extra = lambda A3: float(np.sum(np.square(A3)))


# ------------------------------------------------------------------ the cross-entropy


def cross_entropy_missing(answer: Answer) -> None:
    """What you return{line} is the penalty alone: the cross-entropy is missing from it.

    The cost is the sum of two parts, and the first of them is given to you.
    """
    answer.entropy = 0.0


def cross_entropy_not_averaged(answer: Answer) -> None:
    """The cross-entropy in your cost is not divided by the number of examples m.

    Both parts of the cost are averages; `compute_cost`, which you are given, takes care of the first.
    """
    answer.summed = True


def cross_entropy_doubled(answer: Answer) -> None:
    """Your cost{line} contains the cross-entropy twice.

    It is added once in the lines that you were given: leave it out of the penalty.
    """
    answer.entropy = 2.0
