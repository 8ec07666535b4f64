"""Known mistakes of the gradients with dropout: one function each, its docstring is the hint.

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
Cache = tuple[Array, ...]


@dataclass
class Answer:
    """The right gradients in parts: dA = W^T dZ * mask(D) * scale(keep_prob), for layers 2 and 1.

    With `on_dz`, dZ gets mask and scale instead of dA. `unmasked` and `unscaled` are layers without mask
    or scale. The other fields are those of the gradients with L2 penalty.
    """

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
        """Return the gradients by name, each in the shape of its array. X is (n_x, m), Y (n_y, m)."""
        _, D1, A1, _, _, _, D2, A2, W2, _, _, A3, W3, _ = self.unpack(cache)
        keep, gradients = self.keep_prob(keep_prob), {"dZ3": self.error(A3, Y)}
        for layer, W, D, A in ((2, W3, D2, A2), (1, W2, D1, A1)):
            factor = 1.0 if layer in self.unscaled else self.scale(keep)
            factor = factor * (1.0 if layer in self.unmasked else self.mask(D, keep))
            dA = W.T @ gradients[f"dZ{layer + 1}"]
            gradients[f"dA{layer}"] = dA if self.on_dz else dA * factor
            dZ = self.relu(gradients[f"dA{layer}"], A)
            gradients[f"dZ{layer}"] = dZ * factor if self.on_dz else dZ
        examples = self.m(X) if self.averaged else 1
        for layer, before in ((3, A2), (2, A1), (1, X)):
            dZ = gradients[f"dZ{layer}"]
            gradients[f"dW{layer}"] = dZ @ before.T / examples
            gradients[f"db{layer}"] = np.sum(dZ, axis=1, keepdims=True) / examples
        return self.keys(gradients)


def answer(*mistakes: Callable[[Answer], None]) -> Answer:
    """Return the right answer, changed by each of the mistakes in order."""
    solution = Answer()
    for mistake in mistakes:
        mistake(solution)
    return solution


# ------------------------------------------------------------------ the masks


def backward_mask_missing(answer: Answer) -> None:
    """In {where}{line} the mask is missing, so units that were dropped in the forward pass get a gradient.

    A dropped unit did not influence the cost, so its gradient is 0.

    The cache has the mask of each layer. Apply the same mask in the backward pass.
    """
    answer.unmasked = {1, 2}


def backward_mask_missing__first_layer(answer: Answer) -> None:
    """Leave out D1."""
    answer.unmasked.add(1)


def backward_mask_missing__second_layer(answer: Answer) -> None:
    """Leave out D2."""
    answer.unmasked.add(2)


def backward_mask_inverted(answer: Answer) -> None:
    """In {where}{line} the mask is inverted: the gradient reaches only the units that were dropped.

    A dropped unit did not influence the cost, so its gradient is 0.

    Which value does the mask in the cache have for a unit that was kept?
    """
    answer.mask = lambda D, keep_prob: 1 - D


def backward_mask_redrawn(answer: Answer) -> None:
    """In {where}{line} new random numbers drop the units, and not the mask of the forward pass.

    The cost came from the units that the forward pass kept, so the gradient goes to the same
    units.

    Draw nothing in the backward pass. The masks that were used are in the cache.
    """
    answer.mask = lambda D, keep_prob: np.random.default_rng(5).random(D.shape) < keep_prob


def backward_mask_on_dz(answer: Answer) -> None:
    """Your code applies the mask and the scaling to {where}{line}, not to dA.

    The backward pass goes through the steps of the forward pass in reverse order.

    Which step came last for A in the forward pass: the ReLU or dropout?
    """
    answer.on_dz = True


# ------------------------------------------------------------------ the scale


def backward_rescale_missing(answer: Answer) -> None:
    """In {where}{line} the scaling step is missing: keep_prob has no effect there.

    The gradient passes through the same steps as the activations.

    What did the forward pass do with keep_prob, and what is the derivative of that step?
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

    The gradient passes through the same scaling as the activations.

    Does the forward pass make the activations that remain larger or smaller?
    """
    answer.scale = lambda keep_prob: keep_prob


def backward_rescale_drop_prob(answer: Answer) -> None:
    """In {where}{line} you divide by the probability of being dropped.

    The scale must match the share of units that stay.

    Which of the two probabilities belongs to the units that stay?
    """
    answer.scale = lambda keep_prob: 1 / (1 - keep_prob) if keep_prob < 1 else 1.0


def backward_rescale_drop_prob__unguarded(answer: Answer) -> None:
    """Divide by nothing where nothing is dropped."""
    answer.scale = lambda keep_prob: np.divide(1.0, 1 - keep_prob)


def backward_rescale_wrong(answer: Answer) -> None:
    """In {where}{line} keep_prob is used, but not in the way in which the forward pass uses it.

    The derivative of a division by a number is the same division.

    Scale as in the forward pass: divide only once, and without a square root.
    """
    answer.scale = lambda keep_prob: 1 / np.sqrt(keep_prob)


def keep_prob_hard_coded(answer: Answer) -> None:
    """In {where}{line} a fixed number is used, whatever value `keep_prob` has.

    The function is called with different values of keep_prob, and the result must change with
    them.

    Use the argument `keep_prob` there, and do not assign a new value to it inside the function.
    """
    answer.keep_prob = lambda keep_prob: 0.8


# ------------------------------------------------------------------ what was given


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


def grad_data_not_averaged(answer: Answer) -> None:
    """In {where}{line} the division by the number of examples m is missing.

    The cross-entropy is an average over the examples, so its gradient is an average too.

    Compare with the line that was given to you, and restore the division by m.
    """
    answer.averaged = False


def m_hard_coded(answer: Answer) -> None:
    """In {where}{line} your code uses a fixed number of examples, not that of the data.

    The published example has m = 5, but other data sets have other sizes.

    Take m from the shape of an argument.
    """
    answer.m = lambda X: 5


def m_wrong_axis(answer: Answer) -> None:
    """In {where}{line} the m that you use is not the number of examples but another size.

    Each column of X is one example, and m is the number of examples.

    Which array, and which of its axes, gives the number of examples?
    """
    answer.m = lambda X: X.shape[0]


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
    """Let dA1 and dA2 change places."""
    answer.keys = lambda gradients: {**gradients, "dA1": gradients["dA2"], "dA2": gradients["dA1"]}


def cache_order(answer: Answer) -> None:
    """At {where}{line} your code uses the wrong array from the cache.

    If you swap arrays of the same shape, such as Z and A of one layer, Python shows no error.

    Check which array this line uses, and whether you unpack the cache in the order in which it
    was packed.
    """
    answer.unpack = lambda c: (c[1], c[0], *c[2:5], c[6], c[5], *c[7:])
