"""Known mistakes of the gradients with L2 penalty: one function each, its docstring is the hint.

The paragraphs of a hint are *what* is wrong, *why* it matters and *next*, one thing to do. `{line}`
is the place in the student's notebook or empty, `{where}` the gradients that it is about. A name with
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


@dataclass
class Answer:
    """The right gradients in parts: dW = data * dZ A^T / m + decay(W) * strength(lambd, m) * share.

    `shares` are those of the layers. The first term is divided by m only if it is `averaged`, the second
    by the size of W instead of m with `by_size`. `bias_share` is the share of b in db. `error` returns
    dZ3, `relu` returns dZ from dA and A. `m` and `lambd` return the values that are used in their places,
    `unpack` the cache as it is read, and `keys` the returned dictionary.
    """

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
        """Return the gradients by name, each in the shape of its array. X is (n_x, m), Y (n_y, m)."""
        _, A1, W1, b1, _, A2, W2, b2, _, A3, W3, b3 = self.unpack(cache)
        m, lambd = self.m(X, Y), self.lambd(lambd)
        gradients = {"dZ3": self.error(A3, Y)}
        gradients["dA2"] = W3.T @ gradients["dZ3"]
        gradients["dZ2"] = self.relu(gradients["dA2"], A2)
        gradients["dA1"] = W2.T @ gradients["dZ2"]
        gradients["dZ1"] = self.relu(gradients["dA1"], A1)
        for layer, before, W, b in ((1, X, W1, b1), (2, A1, W2, b2), (3, A2, W3, b3)):
            dZ, strength = gradients[f"dZ{layer}"], self.strength(lambd, m)
            examples = m if self.averaged else 1
            penalty = self.shares[layer] * strength * self.decay(W)
            penalty = penalty * m / W.size if self.by_size else penalty
            gradients[f"dW{layer}"] = self.data * (dZ @ before.T) / examples + penalty
            gradients[f"db{layer}"] = np.sum(dZ, axis=1, keepdims=True) / m
            gradients[f"db{layer}"] = gradients[f"db{layer}"] + self.bias_share * strength * b
        return self.keys(gradients)


def answer(*mistakes: Callable[[Answer], None]) -> Answer:
    """Return the right answer, changed by each of the mistakes in order."""
    solution = Answer()
    for mistake in mistakes:
        mistake(solution)
    return solution


# ------------------------------------------------------------------ the factor of the L2 term


def grad_l2_halved(answer: Answer) -> None:
    """The L2 term that you add to {where}{line} is half of what it should be, because a factor
    1/2 is left in it.

    The L2 term is the derivative of the penalty in the cost.

    Go back to the penalty in the cost and compute its derivative: what happens to the 1/2 in
    front of a square?
    """
    strength = answer.strength
    answer.strength = lambda lambd, m: strength(lambd, m) / 2


def grad_l2_not_averaged(answer: Answer) -> None:
    """The L2 term that you add to {where}{line} is not divided by the number of examples m.

    The penalty in the cost has m in its denominator, so its derivative has m there too.

    Compare the denominator of your term with that of the penalty in the cost.
    """
    strength = answer.strength
    answer.strength = lambda lambd, m: strength(lambd, m) * m


def grad_l2_doubled(answer: Answer) -> None:
    """The L2 term that you add to {where}{line} is twice what it should be.

    The L2 term is the derivative of the penalty in the cost.

    The penalty has a 1/2, and the derivative of a square gives a 2: which factor remains?
    """
    strength = answer.strength
    answer.strength = lambda lambd, m: strength(lambd, m) * 2


def grad_l2_lambda_ignored(answer: Answer) -> None:
    """The L2 term that you add to {where}{line} does not change with `lambd`.

    The value of lambd sets how strongly large weights are penalised.

    Find lambd in the formula, and use it in the same place in your line.
    """
    answer.lambd = lambda lambd: 1.0


def grad_l2_multiplied_by_m(answer: Answer) -> None:
    """The L2 term that you add to {where}{line} is multiplied by m, but it should be divided by m.

    The more examples there are, the less the penalty should count.

    Put the whole denominator in brackets: Python works from left to right.
    """
    strength = answer.strength
    answer.strength = lambda lambd, m: strength(lambd, m) * m**2


def grad_l2_wrong_factor(answer: Answer) -> None:
    """The L2 term that you add to {where}{line} has a wrong constant in front of the weights.

    A wrong constant makes the penalty too strong or too weak by the same factor in every case.

    Compare every number in front of the weights with the formula.
    """
    strength = answer.strength
    answer.strength = lambda lambd, m: strength(lambd, m) * 3


def grad_l2_divided_by_size(answer: Answer) -> None:
    """The L2 term that you add to {where}{line} is divided by the number of weights.

    The penalty in the cost has only the number of examples m in its denominator, apart from the
    2.

    Which number should your L2 term be divided by: the number of weights or the number of
    examples?
    """
    answer.by_size = True


def grad_l2_subtracted(answer: Answer) -> None:
    """The L2 term in {where}{line} has the wrong sign, so it makes the weights grow in each training step.

    The penalty is added to the cost, so its derivative is added to the gradient.

    Check the sign in front of the L2 term.
    """
    strength = answer.strength
    answer.strength = lambda lambd, m: -strength(lambd, m)


def lambda_hard_coded(answer: Answer) -> None:
    """The L2 term that you add to {where}{line} uses a fixed number, whatever value `lambd` has.

    The function is called with different values of lambd, and the result must change with them.

    Use the argument `lambd` instead, and do not assign a new value to it inside the function.
    """
    answer.lambd = lambda lambd: 0.7


def m_hard_coded(answer: Answer) -> None:
    """In {where}{line} your code uses a fixed number of examples, not that of the data.

    The published example has m = 5, but other data sets have other sizes.

    Take m from the shape of an argument.
    """
    answer.m = lambda X, Y: 5


def m_wrong_axis(answer: Answer) -> None:
    """In {where}{line} the m that you use is not the number of examples but another size.

    Each column of X is one example, and m is the number of examples.

    Which array, and which of its axes, gives the number of examples?
    """
    answer.m = lambda X, Y: X.shape[0]


# ------------------------------------------------------------------ the L2 term itself


def grad_l2_layer_missing(answer: Answer) -> None:
    """The L2 term is missing from {where}{line}.

    All three weight matrices are penalised.

    dW1, dW2 and dW3 each need the same kind of term: add it where it is missing.
    """
    answer.shares[3] = 0.0


def grad_l2_layer_missing__w1(answer: Answer) -> None:
    """Leave the term out of dW1."""
    answer.shares[1] = 0.0


def grad_l2_layer_missing__w2(answer: Answer) -> None:
    """Leave the term out of dW2."""
    answer.shares[2] = 0.0


def grad_l2_term_missing(answer: Answer) -> None:
    """The L2 term is missing from your dW1, dW2 and dW3{line}: they are the gradients of the
    cross-entropy alone.

    The cost now also contains the penalty, so each gradient needs a part for it.

    What is the derivative of the penalty with respect to the weights of each layer? Add it.
    """
    answer.shares = dict.fromkeys((1, 2, 3), 0.0)


def grad_l2_term_missing__integer_division(answer: Answer) -> None:
    """In {where}{line} lambd / m is rounded down to a whole number, so the L2 term is 0 when
    lambd is smaller than m.

    In most data sets m is larger than lambd, so all of lambd / m is lost.

    `//` and `int` remove the digits after the decimal point. Use the division that keeps them.
    """
    answer.strength = lambda lambd, m: lambd // m


def grad_l1_instead_of_l2(answer: Answer) -> None:
    """You add the signs of the weights to {where}{line}, which is the derivative of an L1 penalty.

    The L2 penalty is made of squares, and the L1 penalty of absolute values.

    What is the derivative of a square?
    """
    answer.decay = np.sign


def grad_l2_not_derived(answer: Answer) -> None:
    """The term that you add to {where}{line} is not the derivative of the penalty in the cost.

    A gradient needs the derivative with respect to each weight, and not the penalty itself.

    For a single weight, what is the derivative of its square?
    """
    answer.decay = np.square


def grad_l2_not_derived__sum(answer: Answer) -> None:
    """Add the penalty itself, one number, to every entry."""
    answer.decay = lambda W: np.sum(np.square(W)) / 2 + np.zeros(W.shape)


def grad_l2_not_derived__summed(answer: Answer) -> None:
    """You add one number, a sum over all weights, to every entry of {where}{line}.

    The L2 term of each entry depends on the weight at the same position only.

    Leave out the sum.
    """
    answer.decay = lambda W: np.sum(W) + np.zeros(W.shape)


def grad_l2_on_biases(answer: Answer) -> None:
    """You add an L2 term to {where}{line}, but biases are not penalised.

    The penalty contains W1, W2 and W3 only, so its derivative with respect to a bias is 0.

    Remove the L2 term from the gradients of the biases.
    """
    answer.bias_share = 1.0


# ------------------------------------------------------------------ the part of the data


def grad_data_term_missing(answer: Answer) -> None:
    """In {where}{line} the gradient of the cross-entropy is missing. Only the L2 term, or nothing, is left.

    The cost is the sum of two parts, so its gradient is a sum of two parts as well.

    Add the L2 term to what the line had before. Do not replace it.
    """
    answer.data = 0.0


def grad_data_not_averaged(answer: Answer) -> None:
    """In {where}{line} the part that comes from the data is not divided by m.

    The cross-entropy is an average over the examples, so its gradient is an average too.

    Check your brackets: does the division by m apply to every part of the line?
    """
    answer.averaged = False


def output_error(answer: Answer) -> None:
    """Your dZ3{line} is wrong.

    All the other gradients are computed from dZ3.

    This line was given to you. Compare it, including the sign, with the gradient of the
    cross-entropy with respect to Z3.
    """
    answer.error = lambda A3, Y: Y - A3


def relu_derivative(answer: Answer) -> None:
    """In {where}{line} the derivative of the ReLU is not right.

    A gradient passes through a ReLU only where the activation of that unit is above 0.

    Does your line leave the gradient unchanged where the activation of that unit is above 0,
    and set it to 0 everywhere else?
    """
    answer.relu = lambda dA, A: dA


def relu_derivative__of_the_gradient(answer: Answer) -> None:
    """Take the ReLU of the gradient."""
    answer.relu = lambda dA, A: dA * (dA > 0)


def relu_derivative__times_activation(answer: Answer) -> None:
    """Multiply by the activations themselves."""
    answer.relu = lambda dA, A: dA * A


def gradient_keys(answer: Answer) -> None:
    """In the dictionary that you return{line} some values are under the wrong keys: {where}.

    The rest of the program finds each gradient by its key.

    Compare each key with the variable that you store under it.
    """
    names = {"dA1": "da1", "dA2": "da2"}
    answer.keys = lambda gradients: {
        names.get(name, name): value for name, value in gradients.items()
    }


def gradient_keys__swapped(answer: Answer) -> None:
    """Let dZ1 and dA1 change places."""
    answer.keys = lambda gradients: {**gradients, "dZ1": gradients["dA1"], "dA1": gradients["dZ1"]}


def cache_order(answer: Answer) -> None:
    """At {where}{line} your code uses the wrong array from the cache.

    If you swap arrays of the same shape, such as Z and A of one layer, Python shows no error.

    Check which array this line uses, and whether you unpack the cache in the order in which it
    was packed.
    """
    answer.unpack = lambda cache: (*cache[1::-1], *cache[2:4], *cache[5:3:-1], *cache[6:])
