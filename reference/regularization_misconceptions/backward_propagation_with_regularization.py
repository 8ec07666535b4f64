"""Known mistakes of the gradients with L2 penalty: one function each, its docstring is the hint.

A mistake changes parts of the right answer; `answer` puts an answer together from any number of
them. `{line}` is where the student's lines are, `{where}` which gradients it is about; what stands
behind `__` in a name tells variants of one mistake apart. The file stands alone: the box runs it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass
class Answer:
    """The right gradients in parts: dW = data * dZ A^T / m + decay(W) * strength(lambd, m) * share."""

    error: Callable[[Array, Array], Array] = lambda A3, Y: A3 - Y
    relu: Callable[[Array, Array], Array] = lambda dA, A: dA * (A > 0)
    m: Callable[[Array, Array], float] = lambda X, Y: X.shape[1]
    lambd: Callable[[float], float] = lambda lambd: lambd
    data: float = 1.0
    averaged: bool = True
    strength: Callable[[float, float], float] = lambda lambd, m: lambd / m
    decay: Callable[[Array], Array] = lambda W: W
    shares: dict[int, float] = field(default_factory=lambda: {1: 1.0, 2: 1.0, 3: 1.0})
    by_size: bool = False
    bias_share: float = 0.0
    keys: Callable[[dict[str, Array]], dict[str, Array]] = lambda gradients: gradients
    unpack: Callable[[tuple[Array, ...]], tuple[Array, ...]] = lambda cache: cache

    def __call__(self, X: Array, Y: Array, cache: tuple[Array, ...], lambd: float) -> Any:
        """Return the gradients as this answer has them."""
        _, A1, W1, b1, _, A2, W2, b2, _, A3, W3, b3 = self.unpack(cache)
        m, lambd = self.m(X, Y), self.lambd(lambd)
        made = {"dZ3": self.error(A3, Y)}
        made["dA2"] = W3.T @ made["dZ3"]
        made["dZ2"] = self.relu(made["dA2"], A2)
        made["dA1"] = W2.T @ made["dZ2"]
        made["dZ1"] = self.relu(made["dA1"], A1)
        for layer, before, W, b in ((1, X, W1, b1), (2, A1, W2, b2), (3, A2, W3, b3)):
            dZ, strength = made[f"dZ{layer}"], self.strength(lambd, m)
            examples = m if self.averaged else 1
            penalty = self.shares[layer] * strength * self.decay(W)
            penalty = penalty * m / W.size if self.by_size else penalty
            made[f"dW{layer}"] = self.data * (dZ @ before.T) / examples + penalty
            made[f"db{layer}"] = np.sum(dZ, axis=1, keepdims=True) / m
            made[f"db{layer}"] = made[f"db{layer}"] + self.bias_share * strength * b
        return self.keys(made)


def answer(*mistakes: Callable[[Answer], None]) -> Answer:
    """Return the right answer with mistakes made in it, one after the other."""
    made = Answer()
    for mistake in mistakes:
        mistake(made)
    return made


# ------------------------------------------------------------------ the factor of the L2 term


def grad_l2_halved(answer: Answer) -> None:
    """The L2 term that you add to {where}{line} is half of what it should be: a factor 1/2 is left over.

    Derive the penalty of the cost once more: what becomes of the 1/2 when a square is differentiated?
    """
    strength = answer.strength
    answer.strength = lambda lambd, m: strength(lambd, m) / 2


def grad_l2_not_averaged(answer: Answer) -> None:
    """The L2 term that you add to {where}{line} is not divided by the number of examples m.

    The penalty of the cost has m in its denominator, and so has its derivative.
    """
    strength = answer.strength
    answer.strength = lambda lambd, m: strength(lambd, m) * m


def grad_l2_doubled(answer: Answer) -> None:
    """The L2 term that you add to {where}{line} is twice what it should be.

    The 2 of the derivative cancels the 1/2 of the penalty: see which of the two your line still has.
    """
    strength = answer.strength
    answer.strength = lambda lambd, m: strength(lambd, m) * 2


def grad_l2_lambda_ignored(answer: Answer) -> None:
    """The L2 term that you add to {where}{line} is the same whatever `lambd` is.

    Find where lambd stands in the formula, and give it the same place in your line.
    """
    answer.lambd = lambda lambd: 1.0


def grad_l2_multiplied_by_m(answer: Answer) -> None:
    """The L2 term that you add to {where}{line} is multiplied by m where it should be divided by it.

    Python works from left to right: put what belongs below the fraction into brackets.
    """
    strength = answer.strength
    answer.strength = lambda lambd, m: strength(lambd, m) * m**2


def grad_l2_wrong_factor(answer: Answer) -> None:
    """The L2 term that you add to {where}{line} is always the same multiple of what it should be.

    Hold every number in front of the weights beside the formula.
    """
    strength = answer.strength
    answer.strength = lambda lambd, m: strength(lambd, m) * 3


def grad_l2_divided_by_size(answer: Answer) -> None:
    """The L2 term that you add to {where}{line} is divided by the number of weights.

    The average is over examples: what should stand in that denominator is m.
    """
    answer.by_size = True


def grad_l2_subtracted(answer: Answer) -> None:
    """The L2 term of {where}{line} has the wrong sign, so a step of training makes weights grow.

    Cost and gradient have the same sign between their two parts.
    """
    strength = answer.strength
    answer.strength = lambda lambd, m: -strength(lambd, m)


def lambda_hard_coded(answer: Answer) -> None:
    """The L2 term that you add to {where}{line} uses one fixed strength, whatever `lambd` is passed.

    Use the argument instead of a number, and do not give it a new value inside the function.
    """
    answer.lambd = lambda lambd: 0.7


def m_hard_coded(answer: Answer) -> None:
    """In {where}{line} the number of examples is the same for every data set.

    The published example has 5 of them, others have not: take m from the shape of an argument.
    """
    answer.m = lambda X, Y: 5


def m_wrong_axis(answer: Answer) -> None:
    """In {where}{line} the m you divide by is not the number of examples, but another size.

    Examples are columns of X: look at which array, and which of its axes, you take m from.
    """
    answer.m = lambda X, Y: X.shape[0]


# ------------------------------------------------------------------ the L2 term itself


def grad_l2_layer_missing(answer: Answer) -> None:
    """The L2 term is missing from {where}{line}.

    All three weight matrices are penalised, so the same kind of term belongs into dW1, dW2 and dW3.
    """
    answer.shares[3] = 0.0


def grad_l2_layer_missing__w1(answer: Answer) -> None:
    """Leave the term out of dW1."""
    answer.shares[1] = 0.0


def grad_l2_layer_missing__w2(answer: Answer) -> None:
    """Leave the term out of dW2."""
    answer.shares[2] = 0.0


def grad_l2_term_missing(answer: Answer) -> None:
    """Your dW1, dW2 and dW3{line} are the gradients of the cross-entropy alone.

    Add to each of them the derivative of the penalty with respect to that layer's weights.
    """
    answer.shares = dict.fromkeys((1, 2, 3), 0.0)


def grad_l2_term_missing__integer_division(answer: Answer) -> None:
    """In {where}{line} the fraction of lambd / m is dropped, so that the L2 term is 0 unless lambd reaches m.

    That is what `//` does, and int: use the division that keeps fractions.
    """
    answer.strength = lambda lambd, m: lambd // m


def grad_l1_instead_of_l2(answer: Answer) -> None:
    """You add the signs of the weights to {where}{line}: that is the derivative of an L1 penalty.

    The derivative of a square keeps the weight itself.
    """
    answer.decay = np.sign


def grad_l2_not_derived(answer: Answer) -> None:
    """What you add to {where}{line} is built like the penalty in the cost, and not like its derivative.

    The gradient needs that derivative with respect to each weight, entry by entry: what is left of a square?
    """
    answer.decay = np.square


def grad_l2_not_derived__sum(answer: Answer) -> None:
    """Add the penalty itself, one number, to every entry."""
    answer.decay = lambda W: np.sum(np.square(W)) / 2 + np.zeros(W.shape)


def grad_l2_not_derived__summed(answer: Answer) -> None:
    """What you add to {where}{line} is one number, a sum over all weights, and so the same for each of them.

    Each entry of the gradient gets what belongs to its own weight: leave the sum out.
    """
    answer.decay = lambda W: np.sum(W) + np.zeros(W.shape)


def grad_l2_on_biases(answer: Answer) -> None:
    """You add an L2 term to {where}{line}, but biases are not penalised.

    The penalty is made of W1, W2 and W3 only, so its derivative with respect to a bias is zero.
    """
    answer.bias_share = 1.0


# ------------------------------------------------------------------ the part of the data


def grad_data_term_missing(answer: Answer) -> None:
    """All that is left in {where}{line} is the L2 term: the gradient of the cross-entropy is gone.

    The L2 term is added to what was there before it, and does not take its place.
    """
    answer.data = 0.0


def grad_data_not_averaged(answer: Answer) -> None:
    """The part of {where}{line} that comes from the data is not divided by m.

    Both parts are averages over the examples: check that your brackets let 1/m reach each of them.
    """
    answer.averaged = False


def output_error(answer: Answer) -> None:
    """Your dZ3{line} is not the error of the output, and everything after it is built on that.

    That line was given to you: compare it, sign included, with the gradient of the cross-entropy.
    """
    answer.error = lambda A3, Y: Y - A3


def relu_derivative(answer: Answer) -> None:
    """In {where}{line} the derivative of the ReLU is not right.

    Gradients pass where the unit's own activation is above zero, and stop everywhere else.
    """
    answer.relu = lambda dA, A: dA


def relu_derivative__of_the_gradient(answer: Answer) -> None:
    """Take the ReLU of the gradient."""
    answer.relu = lambda dA, A: dA * (dA > 0)


def relu_derivative__times_activation(answer: Answer) -> None:
    """Multiply by the activations themselves."""
    answer.relu = lambda dA, A: dA * A


def gradient_keys(answer: Answer) -> None:
    """The dictionary that you return{line} has values under each other's names: {where}.

    Compare its keys one by one with the variables that stand behind them.
    """
    names = {"dA1": "da1", "dA2": "da2"}
    answer.keys = lambda made: {names.get(name, name): value for name, value in made.items()}


def gradient_keys__swapped(answer: Answer) -> None:
    """Let dZ1 and dA1 change places."""
    answer.keys = lambda made: {**made, "dZ1": made["dA1"], "dA1": made["dZ1"]}


def cache_order(answer: Answer) -> None:
    """In {where}{line} you compute with another array of the cache than the one that belongs there.

    See which array that line takes, and whether you take the cache apart in the order it was put together in.
    """
    answer.unpack = lambda cache: (*cache[1::-1], *cache[2:4], *cache[5:3:-1], *cache[6:])
