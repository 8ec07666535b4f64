"""Known mistakes of the gradients with dropout: one function each, its docstring is the hint.

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
Cache = tuple[Array, ...]


@dataclass
class Answer:
    """The right gradients in parts: dA = W^T dZ * mask(D) * scale(keep_prob), for layers 2 and 1."""

    mask: Callable[[Array, float], Any] = lambda D, keep_prob: D
    scale: Callable[[float], float] = lambda keep_prob: 1 / keep_prob
    layers: tuple[int, ...] = (2, 1)
    on_dz: bool = False
    keep_prob: Callable[[float], float] = lambda keep_prob: keep_prob
    error: Callable[[Array, Array], Array] = lambda A3, Y: A3 - Y
    relu: Callable[[Array, Array], Array] = lambda dA, A: dA * (A > 0)
    m: Callable[[Array], float] = lambda X: X.shape[1]
    averaged: bool = True
    keys: Callable[[dict[str, Array]], dict[str, Array]] = lambda gradients: gradients
    unpack: Callable[[Cache], Cache] = lambda cache: cache
    unmasked: set[int] = field(default_factory=set)
    unscaled: set[int] = field(default_factory=set)

    def __call__(self, X: Array, Y: Array, cache: Cache, keep_prob: float) -> Any:
        """Return the gradients as this answer has them."""
        _, D1, A1, _, _, _, D2, A2, W2, _, _, A3, W3, _ = self.unpack(cache)
        keep, made = self.keep_prob(keep_prob), {"dZ3": self.error(A3, Y)}
        for layer, W, D, A in ((2, W3, D2, A2), (1, W2, D1, A1)):
            factor = 1.0 if layer in self.unscaled else self.scale(keep)
            factor = factor * (1.0 if layer in self.unmasked else self.mask(D, keep))
            dA = W.T @ made[f"dZ{layer + 1}"]
            made[f"dA{layer}"] = dA if self.on_dz else dA * factor
            dZ = self.relu(made[f"dA{layer}"], A)
            made[f"dZ{layer}"] = dZ * factor if self.on_dz else dZ
        examples = self.m(X) if self.averaged else 1
        for layer, before in ((3, A2), (2, A1), (1, X)):
            dZ = made[f"dZ{layer}"]
            made[f"dW{layer}"] = dZ @ before.T / examples
            made[f"db{layer}"] = np.sum(dZ, axis=1, keepdims=True) / examples
        return self.keys(made)


def answer(*mistakes: Callable[[Answer], None]) -> Answer:
    """Return the right answer with mistakes made in it, one after the other."""
    made = Answer()
    for mistake in mistakes:
        mistake(made)
    return made


# ------------------------------------------------------------------ the masks


def backward_mask_missing(answer: Answer) -> None:
    """In {where}{line} the mask is missing: units that were dropped on the way forward get a gradient.

    The cache has the mask of each layer; apply the same one on the way back.
    """
    answer.unmasked = {1, 2}


def backward_mask_missing__first_layer(answer: Answer) -> None:
    """Leave out D1."""
    answer.unmasked.add(1)


def backward_mask_missing__second_layer(answer: Answer) -> None:
    """Leave out D2."""
    answer.unmasked.add(2)


def backward_mask_inverted(answer: Answer) -> None:
    """In {where}{line} the gradient goes to the units that were dropped, and to no others.

    The mask has ones for units that were kept: multiply by it as it is.
    """
    answer.mask = lambda D, keep_prob: 1 - D


def backward_mask_redrawn(answer: Answer) -> None:
    """In {where}{line} new random numbers drop units, not the mask of the forward pass.

    Draw nothing on the way back: the masks that were used are in the cache.
    """
    answer.mask = lambda D, keep_prob: np.random.default_rng(5).random(D.shape) < keep_prob


def backward_mask_on_dz(answer: Answer) -> None:
    """Mask and scale are applied to {where}{line}, after the ReLU, and dA is returned without them.

    Dropout was the last thing that happened to A on the way forward, so it is the first on the way back.
    """
    answer.on_dz = True


# ------------------------------------------------------------------ the scale


def backward_rescale_missing(answer: Answer) -> None:
    """In {where}{line} the scale is missing: keep_prob has no effect there.

    The forward pass scaled what it kept; the gradient passes through the same step.
    """
    answer.unscaled = {1, 2}


def backward_rescale_missing__first_layer(answer: Answer) -> None:
    """Leave dA1 as it is."""
    answer.unscaled.add(1)


def backward_rescale_missing__second_layer(answer: Answer) -> None:
    """Leave dA2 as it is."""
    answer.unscaled.add(2)


def backward_rescale_multiplied(answer: Answer) -> None:
    """In {where}{line} you multiply by keep_prob, which makes the gradient smaller.

    On the way forward the activations were made larger: do to the gradient what was done to them.
    """
    answer.scale = lambda keep_prob: keep_prob


def backward_rescale_drop_prob(answer: Answer) -> None:
    """In {where}{line} you divide by the probability of being dropped.

    The scale belongs to the units that stay: which of the two probabilities is theirs?
    """
    answer.scale = lambda keep_prob: 1 / (1 - keep_prob) if keep_prob < 1 else 1.0


def backward_rescale_drop_prob__unguarded(answer: Answer) -> None:
    """Divide by nothing where nothing is dropped."""
    answer.scale = lambda keep_prob: np.divide(1.0, 1 - keep_prob)


def backward_rescale_wrong(answer: Answer) -> None:
    """In {where}{line} keep_prob is used, but not in the way the forward pass uses it.

    The gradient of a division by a number is the same division, once and without a root.
    """
    answer.scale = lambda keep_prob: 1 / np.sqrt(keep_prob)


def keep_prob_hard_coded(answer: Answer) -> None:
    """In {where}{line} one fixed number is used, whatever `keep_prob` the function is called with.

    Use the argument instead of a number, and do not give it a new value inside the function.
    """
    answer.keep_prob = lambda keep_prob: 0.8


# ------------------------------------------------------------------ what was given


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


def grad_data_not_averaged(answer: Answer) -> None:
    """In {where}{line} the division by the number of examples m is missing.

    These gradients are averages over the examples, in the lines you were given as in yours.
    """
    answer.averaged = False


def m_hard_coded(answer: Answer) -> None:
    """In {where}{line} the number of examples is the same for every data set.

    The published example has 5 of them, others have not: take m from the shape of an argument.
    """
    answer.m = lambda X: 5


def m_wrong_axis(answer: Answer) -> None:
    """In {where}{line} the m you divide by is not the number of examples, but another size.

    Examples are columns of X: look at which array, and which of its axes, you take m from.
    """
    answer.m = lambda X: X.shape[0]


def gradient_keys(answer: Answer) -> None:
    """The dictionary that you return{line} has values under each other's names: {where}.

    Compare its keys one by one with the variables that stand behind them.
    """
    names = {"dA1": "da1", "dA2": "da2"}
    answer.keys = lambda made: {names.get(name, name): value for name, value in made.items()}


def gradient_keys__swapped(answer: Answer) -> None:
    """Let dA1 and dA2 change places."""
    answer.keys = lambda made: {**made, "dA1": made["dA2"], "dA2": made["dA1"]}


def cache_order(answer: Answer) -> None:
    """In {where}{line} you compute with another array of the cache than the one that belongs there.

    See which array that line takes, and whether you take the cache apart in the order it was put together in.
    """
    answer.unpack = lambda c: (c[1], c[0], *c[2:5], c[6], c[5], *c[7:])
