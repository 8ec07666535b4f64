"""Known mistakes of the cost with its L2 penalty: one function each, its docstring is the hint.

The paragraphs of a hint are *what* is wrong, *why* it matters and *next*, one thing to do. `{line}`
is the place in the student's notebook or empty, `{where}` the weights that it is about. A name with
`__` is a variant of a mistake. A variant without words of its own uses those of the mistake.

A function changes parts of the right answer; `answer` makes an answer with any number of mistakes.
The file imports nothing of the grader, because the sandbox runs it.
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
    """The right cost in parts: cross_entropy + sign * factor(lambd, m) * sum of statistic(weights).

    Each of the `weights` counts with its share in `shares`; those in `loose` are outside the brackets,
    without the factor. `extra` is added inside them. The cross-entropy is multiplied by `entropy`, and
    not divided by m if it is `summed`. `lambd` and `m` return the values that are used in their
    places. `whole` returns the penalty that is added, for example a rounded one.
    """

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
        """Return the cost. A3 and Y are (n_y, m)."""
        entropy = -float(np.sum(Y * np.log(A3) + (1 - Y) * np.log(1 - A3)))
        entropy = entropy if self.summed else entropy / Y.shape[1]
        squares = {n: self.shares[n] * self.statistic(parameters[n]) for n in self.weights}
        loose = sum(squares.pop(name, 0.0) for name in self.loose)
        factor = self.factor(self.lambd(lambd), self.m(Y, parameters))
        penalty = factor * (sum(squares.values()) + self.extra(A3)) + loose
        return self.entropy * entropy + self.sign * self.whole(penalty)


def answer(*mistakes: Callable[[Answer], None]) -> Answer:
    """Return the right answer, changed by each of the mistakes in order."""
    solution = Answer()
    for mistake in mistakes:
        mistake(solution)
    return solution


# ------------------------------------------------------------------ the factor in front


def l2_not_halved(answer: Answer) -> None:
    """Your penalty{line} is twice as large as it should be, because the 1/2 is missing.

    The 1/2 is there to cancel the 2 that comes from the derivative of a square.

    Compare the factor before your sum with the one in the formula.
    """
    factor = answer.factor
    answer.factor = lambda lambd, m: 2 * factor(lambd, m)


def l2_not_halved__although_halved(answer: Answer) -> None:
    """Your penalty{line} is twice as large as it should be, although your code contains a 1/2.

    The 1/2 is there to cancel the 2 that comes from the derivative of a square.

    Check that the 1/2 multiplies the whole sum, and that the penalty is added to the cost only
    once.
    """
    l2_not_halved(answer)


def l2_not_averaged(answer: Answer) -> None:
    """Your penalty{line} is not divided by the number of examples m.

    In the formula both parts of the cost are divided by m, the cross-entropy and the penalty.

    What is in the denominator of the formula, and what is in yours?
    """
    factor = answer.factor
    answer.factor = lambda lambd, m: factor(lambd, m) * m


def l2_multiplied_by_m(answer: Answer) -> None:
    """Your penalty{line} is multiplied by m, but it should be divided by m.

    The more examples there are, the less the penalty should count.

    Put the whole denominator in brackets: Python reads `a / 2 * m` as `(a / 2) * m`.
    """
    factor = answer.factor
    answer.factor = lambda lambd, m: factor(lambd, m) * m**2


def l2_lambda_ignored(answer: Answer) -> None:
    """Your penalty{line} does not change with `lambd`.

    The value of lambd sets how strongly large weights are penalised.

    Find lambd in the formula, and use it in the same place in your line.
    """
    answer.lambd = lambda lambd: 1.0


def l2_divided_by_lambda(answer: Answer) -> None:
    """Your penalty{line} is divided by lambd, so a larger lambd makes it smaller.

    The value of lambd sets how strongly large weights are penalised.

    Is lambd in the numerator or in the denominator of the formula?
    """
    answer.lambd = lambda lambd: 1 / lambd if lambd else 0.0


def l2_wrong_factor(answer: Answer) -> None:
    """Your penalty{line} has a wrong constant in front of the sum.

    A wrong constant makes the penalty too strong or too weak by the same factor in every case.

    Compare every number in front of your sum with the formula.
    """
    factor = answer.factor
    answer.factor = lambda lambd, m: factor(lambd, m) / 2


def l2_subtracted(answer: Answer) -> None:
    """Your penalty{line} lowers the cost, so large weights are rewarded.

    Regularization should keep weights small, so large weights must raise the cost.

    Check the sign between the cross-entropy and the penalty.
    """
    answer.sign = -answer.sign


def m_wrong_axis(answer: Answer) -> None:
    """The m in your penalty{line} is not the number of examples but another size.

    Each column of Y is one example, and m is the number of examples.

    Which array, and which of its axes, gives the number of examples?
    """
    answer.m = lambda Y, parameters: Y.shape[0]


def m_wrong_axis__inputs(answer: Answer) -> None:
    """Take m from the columns of W1."""
    answer.m = lambda Y, parameters: parameters["W1"].shape[1]


def m_wrong_axis__units(answer: Answer) -> None:
    """Take m from the rows of W1."""
    answer.m = lambda Y, parameters: parameters["W1"].shape[0]


def m_hard_coded(answer: Answer) -> None:
    """Your penalty{line} uses the same number of examples for every data set.

    The published example has m = 5, but other data sets have other sizes.

    Take m from the shape of an argument.
    """
    answer.m = lambda Y, parameters: 5


def lambda_hard_coded(answer: Answer) -> None:
    """Your penalty{line} uses a fixed number, whatever value `lambd` has.

    The function is called with different values of lambd, and the result must change with them.

    Use the argument `lambd` instead, and do not assign a new value to it inside the function.
    """
    answer.lambd = lambda lambd: 0.1


# ------------------------------------------------------------------ what is summed


def l2_term_missing(answer: Answer) -> None:
    """Your cost{line} contains no penalty, only the cross-entropy.

    Without the penalty, large weights do not raise the cost.

    Check that you compute the penalty from the weights, and that the sum you return contains
    it.
    """
    answer.factor = lambda lambd, m: 0.0


def l2_term_missing__integer_division(answer: Answer) -> None:
    """Your penalty{line} is 0 in every test, because `//` removes the digits after the decimal point.

    When the exact result is between 0 and 1, `//` leaves 0.

    Use the division that keeps these digits.
    """
    answer.factor = lambda lambd, m: lambd // (2 * m)


def l2_term_missing__fraction_dropped(answer: Answer) -> None:
    """In your penalty{line} a value is rounded to a whole number.

    The penalty is a real number. A rounded value is wrong, and a small penalty can become 0.

    Look for `//`, `int` or a rounding function, and use a calculation that does not round.
    """
    answer.whole = lambda penalty: float(np.floor(penalty))


def l2_layer_missing(answer: Answer) -> None:
    """Your penalty{line} leaves out {where}.

    All three weight matrices are penalised, so all three are in the sum.

    Read the names in your sum one by one. In a loop, check that each pass of the loop adds to
    the sum.
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

    The formula contains each weight matrix exactly once.

    Read the names in your sum one by one.
    """
    answer.shares["W1"] *= 2


def l2_layer_repeated__for_another(answer: Answer) -> None:
    """Write W2 where W3 belongs."""
    answer.shares |= {"W2": answer.shares["W2"] * 2, "W3": 0.0}


def l2_factor_misplaced(answer: Answer) -> None:
    """In your penalty{line} the factor multiplies only some of the sums. It does not multiply {where}.

    The formula multiplies the whole sum, so that all layers are penalised equally.

    Check your brackets: one pair must contain all three sums, and the factor must be outside
    it.
    """
    answer.loose = ("W2", "W3")


def l2_not_squared(answer: Answer) -> None:
    """Your penalty{line} uses weights or norms that are not squared.

    The formula adds up squares; a norm is the square root of such a sum.

    What do you add up in your line: weights, norms or squares?
    """
    answer.statistic = lambda W: float(np.linalg.norm(W))


def l2_not_squared__plain_sum(answer: Answer) -> None:
    """Add up the weights themselves."""
    answer.statistic = lambda W: float(np.sum(W))


def l2_square_of_sum(answer: Answer) -> None:
    """Your penalty{line} adds up first and squares afterwards.

    The square of a sum is not the sum of the squares: it also contains products of different
    terms.

    In which order does the formula square and add?
    """
    answer.statistic = lambda W: float(np.sum(W) ** 2)


def l2_mean_instead_of_sum(answer: Answer) -> None:
    """Your penalty{line} takes a mean over the weights, but the formula has their sum.

    The formula divides by the number of examples, and not by the number of weights.

    Where does your code use a mean, or divide by the number of weights?
    """
    statistic = answer.statistic
    answer.statistic = lambda W: statistic(W) / W.size


def l1_instead_of_l2(answer: Answer) -> None:
    """Your penalty{line} uses absolute values, which is L1 regularization and not L2.

    L2 adds up squares, so large weights count far more than small ones.

    What does the formula do with each weight before the sum is taken?
    """
    answer.statistic = lambda W: float(np.sum(np.abs(W)))


def l2_matrix_product(answer: Answer) -> None:
    """Your penalty{line} uses a matrix product, which mixes different weights.

    In the formula each weight is squared by itself.

    Which operation squares a matrix entry by entry?
    """
    answer.statistic = lambda W: float(np.sum(W @ W.T))


def l2_on_biases(answer: Answer) -> None:
    """Your penalty{line} includes the biases.

    Only W1, W2 and W3 are penalised. Biases move the decision boundary, but do not make it more
    curved.

    Check which arrays your sum, or your loop, goes through.
    """
    biases = ("b1", "b2", "b3")
    answer.weights = (*answer.weights, *biases)
    answer.shares |= dict.fromkeys(biases, 1.0)


def l2_on_activations(answer: Answer) -> None:
    """Your penalty{line} is computed from the output {where}, and not from the weights alone.

    The penalty depends on the weights only, and not on the data.

    Take the matrices for the penalty from `parameters`.
    """
    answer.weights = ()
    answer.extra = lambda A3: float(np.sum(np.square(A3)))


# ------------------------------------------------------------------ the cross-entropy


def cross_entropy_missing(answer: Answer) -> None:
    """The value that you return{line} is the penalty alone, without the cross-entropy.

    The cost has two parts: the error on the data and the size of the weights.

    Check that the sum you return contains the cross-entropy, which is given to you.
    """
    answer.entropy = 0.0


def cross_entropy_not_averaged(answer: Answer) -> None:
    """The cross-entropy in your cost is not divided by the number of examples m.

    In the formula both parts of the cost are divided by m, the cross-entropy and the penalty.

    Use the given function `compute_cost`, which already divides by m.
    """
    answer.summed = True


def cross_entropy_doubled(answer: Answer) -> None:
    """Your cost{line} contains the cross-entropy twice.

    The cost is the sum of one cross-entropy and one penalty.

    The given lines already add it once, so leave it out of the penalty.
    """
    answer.entropy = 2.0
