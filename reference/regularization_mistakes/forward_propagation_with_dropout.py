"""Known mistakes of a forward pass with dropout: one function each, its docstring is the hint.

The paragraphs of a hint are *what* is wrong, *why* it matters and *next*, one thing to do. `{line}`
is the place in the student's notebook or empty, `{where}` the layers that it is about. A name with
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
Shape = tuple[int, ...]


def _uniform(shape: Shape) -> Array:
    return np.random.random_sample(shape)


def _normal(shape: Shape) -> Array:
    return np.random.standard_normal(shape)


@dataclass
class Answer:
    """The right pass in parts: A = relu(Z), times mask(draw(shape), keep_prob), times scale(keep_prob).

    `draws` has a function per layer; `shape` takes (n_l, m) and returns the shape to draw. `seed` is
    None without a seed line; `reseeded` repeats that line before D2, and with `second_first` D2 is drawn
    before D1. `unmasked` and `unscaled` are layers without mask or scale. `truncated` activations lose
    their fractions. With `on_input` and `on_output`, X and A3 are dropped too. `keep_prob` returns the
    value that is used in its place, and `cache` the returned cache.
    """

    seed: int | None = 1
    reseeded: bool = False
    second_first: bool = False
    draws: dict[int, Callable[[Shape], Array]] = field(
        default_factory=lambda: {1: _uniform, 2: _uniform}
    )
    shape: Callable[[Shape], Shape] = lambda shape: shape
    mask: Callable[[Array, float], Array] = lambda U, keep_prob: U < keep_prob
    apply: Callable[[Array, Array], Array] = lambda A, D: A * D
    scale: Callable[[float], float] = lambda keep_prob: 1 / keep_prob
    keep_prob: Callable[[float], float] = lambda keep_prob: keep_prob
    unmasked: set[int] = field(default_factory=set)
    unscaled: set[int] = field(default_factory=set)
    truncated: bool = False
    on_input: bool = False
    on_output: bool = False
    activation: Callable[[Array], Array] = lambda Z: np.maximum(0, Z)
    cache: Callable[[list[Array]], list[Array]] = lambda cache: cache

    def __call__(self, X: Array, parameters: Parameters, keep_prob: float = 0.5) -> Any:
        """Return A3 (n_y, m) and the cache. X is (n_x, m)."""
        W1, b1, W2, b2, W3, b3 = (parameters[f"{kind}{i}"] for i in (1, 2, 3) for kind in "Wb")
        if self.seed is not None:
            np.random.seed(self.seed)
        keep = self.keep_prob(keep_prob)
        early = self.draws[2](self.shape((len(W2), X.shape[1]))) if self.second_first else None
        if self.on_input:
            X = X * (_uniform(X.shape) < keep) / keep
        Z1 = W1 @ X + b1
        D1, A1 = self._layer(1, Z1, keep, early=None)
        if self.reseeded:
            np.random.seed(1)
        Z2 = W2 @ A1 + b2
        D2, A2 = self._layer(2, Z2, keep, early=early)
        Z3 = W3 @ A2 + b3
        A3 = 1 / (1 + np.exp(-Z3))
        if self.on_output:
            A3 = A3 * (_uniform(A3.shape) < keep) / keep
        return A3, self.cache([Z1, D1, A1, W1, b1, Z2, D2, A2, W2, b2, Z3, A3, W3, b3])

    def _layer(
        self, layer: int, Z: Array, keep: float, *, early: Array | None
    ) -> tuple[Array, Array]:
        """Return mask and activations of a layer."""
        A = self.activation(Z)
        drawn = self.draws[layer](self.shape(A.shape)) if early is None else early
        D = self.mask(drawn, keep)
        A = A if layer in self.unmasked else self.apply(A, D)
        A = A if layer in self.unscaled else A * self.scale(keep)
        return D, A.astype(int) if self.truncated else A


def answer(*mistakes: Callable[[Answer], None]) -> Answer:
    """Return the right answer, changed by each of the mistakes in order."""
    solution = Answer()
    for mistake in mistakes:
        mistake(solution)
    return solution


# ------------------------------------------------------------------ the masks


def mask_inverted(answer: Answer) -> None:
    """In {where}{line} the probabilities of keeping and of dropping a unit are exchanged.

    A uniform random number is below p with probability p, and keep_prob is the probability that
    a unit stays.

    Which units should stay: those with a random number below keep_prob or above it?
    """
    answer.mask = lambda U, keep_prob: U > keep_prob


def mask_normal(answer: Answer) -> None:
    """The random numbers for {where}{line} come from a normal distribution, so keep_prob is not
    the probability that a unit stays.

    A number is below keep_prob with probability keep_prob only if it is uniform between 0 and
    1.

    Draw the numbers from the uniform distribution between 0 and 1.
    """
    answer.draws = {1: _normal, 2: _normal}


def mask_normal__second_layer(answer: Answer) -> None:
    """Draw D2 alone from the normal distribution."""
    answer.draws[2] = _normal


def mask_normal__first_layer(answer: Answer) -> None:
    """Draw D1 alone from the normal distribution."""
    answer.draws[1] = _normal


def mask_raw(answer: Answer) -> None:
    """The values that you return as {where}{line} are the random numbers themselves, and not a mask.

    A mask consists of zeros and ones: 1 for an activation that stays, 0 for one that is
    dropped.

    Which comparison with keep_prob turns the random numbers into zeros and ones?
    """
    answer.mask = lambda U, keep_prob: U


def mask_all_ones(answer: Answer) -> None:
    """In {where}{line} no entry is 0, so no unit is ever dropped.

    Each unit should stay with probability keep_prob, and be dropped otherwise.

    What do you compare the random numbers with?
    """
    answer.mask = lambda U, keep_prob: np.ones_like(U)


def mask_scaled(answer: Answer) -> None:
    """In {where}{line} the mask itself is scaled, but it should contain only zeros and ones.

    The backward pass takes the mask from the cache and needs it without the scale.

    Scale the activations, and do not change the mask.
    """
    answer.mask = lambda U, keep_prob: (U < keep_prob) / keep_prob
    answer.scale = lambda keep_prob: 1.0


def mask_shared_by_examples(answer: Answer) -> None:
    """In {where}{line} there is only one random entry per unit, so a unit is dropped in all
    examples or in none.

    Each activation is dropped or kept separately, by its own random number.

    Give the mask the same shape as A.
    """
    answer.shape = lambda shape: (shape[0], 1)


def mask_shared_by_units(answer: Answer) -> None:
    """In {where}{line} there is only one random entry per example, so all its units are dropped together.

    Each activation is dropped or kept separately, by its own random number.

    Give the mask the same shape as A.
    """
    answer.shape = lambda shape: (1, shape[1])


def mask_wrong_shape(answer: Answer) -> None:
    """In {where}{line} the entries of the mask do not match those of the activations one to one.

    Each activation needs exactly one mask entry, which keeps it or sets it to 0.

    Does the mask have the shape of the activations of its layer, and do you multiply the two
    entry by entry?
    """
    answer.apply = lambda A, D: A @ D.T


def mask_not_applied(answer: Answer) -> None:
    """The mask for {where}{line} is drawn, but you return or use the activations without it.

    A unit is dropped only when its activation becomes 0.

    Find the line that sets dropped activations to 0. Do you continue with its result, and do
    you return it?
    """
    answer.unmasked = {1, 2}


def mask_not_applied__second_layer(answer: Answer) -> None:
    """Forget D2."""
    answer.unmasked.add(2)


def mask_not_applied__first_layer(answer: Answer) -> None:
    """Forget D1."""
    answer.unmasked.add(1)


# ------------------------------------------------------------------ the scale


def rescale_missing(answer: Answer) -> None:
    """In {where}{line} the activations that remain after dropout are not scaled up.

    On average, the activations should be as large as without dropout.

    What share of the activations remains, and how can keep_prob restore their average?
    """
    answer.unscaled = {1, 2}


def rescale_missing__second_layer(answer: Answer) -> None:
    """Leave A2 as it is."""
    answer.unscaled.add(2)


def rescale_missing__first_layer(answer: Answer) -> None:
    """Leave A1 as it is."""
    answer.unscaled.add(1)


def rescale_multiplied(answer: Answer) -> None:
    """In {where}{line} the activations that remain are multiplied by keep_prob, which makes
    them even smaller.

    Fewer units must produce the same average signal, so each of them must become larger.

    Which operation with keep_prob makes a number larger?
    """
    answer.scale = lambda keep_prob: keep_prob


def rescale_drop_prob(answer: Answer) -> None:
    """In {where}{line} the activations that remain are divided by the probability of being dropped.

    The scale must match the share of units that stay.

    Which of the two probabilities belongs to the units that stay?
    """
    answer.scale = lambda keep_prob: 1 / (1 - keep_prob) if keep_prob < 1 else 1.0


def rescale_wrong(answer: Answer) -> None:
    """In {where}{line} keep_prob is used for the scale, but in a way that changes the average activation.

    Only the share keep_prob of the units stays, and they must also replace the dropped ones.

    Divide the remaining activations once. By which number, so that their average is the same as
    without dropout?
    """
    answer.scale = lambda keep_prob: 1 / np.sqrt(keep_prob)


def activations_truncated(answer: Answer) -> None:
    """In {where}{line} the activations are cut to whole numbers.

    Activations are real numbers; only a mask can be converted to integers without a loss.

    Check which array your conversion to integers applies to.
    """
    answer.truncated = True


def keep_prob_hard_coded(answer: Answer) -> None:
    """In {where}{line} `keep_prob` has no effect: your code always uses the same value.

    The function is called with different values of keep_prob, and the result must change with
    them.

    Use the argument `keep_prob` there instead of a fixed number or a rounding function, and do
    not assign a new value to it inside the function.
    """
    answer.keep_prob = lambda keep_prob: 0.7


# ------------------------------------------------------------------ where and in which order


def dropout_on_input(answer: Answer) -> None:
    """Your forward pass also drops inputs: Z1{line} is not computed from the original X.

    Dropout belongs to the two hidden layers only.

    Use X without any change.
    """
    answer.on_input = True


def dropout_on_output(answer: Answer) -> None:
    """Your forward pass also drops outputs: A3{line} is not the sigmoid of Z3.

    The output is the prediction of the network, and dropout belongs to the two hidden layers
    only.

    Return A3 without dropout.
    """
    answer.on_output = True


def random_stream(answer: Answer) -> None:
    """Your dropout method is correct, but the random numbers for {where}{line} are not the required ones.

    With the same random numbers everyone gets the same masks, so results can be compared.

    Call `np.random.seed(1)` once, in the first line. Draw D1 before D2 with `np.random.rand`,
    each in the shape of its A, and keep the numbers below keep_prob.
    """
    answer.seed = 7


def random_stream__no_seed(answer: Answer) -> None:
    """Your dropout method is correct, but the random numbers for {where}{line} are not the required ones.

    With the same random numbers everyone gets the same masks, so results can be compared.

    Put the line `np.random.seed(1)` back at the beginning of the function.
    """
    answer.seed = None


def random_stream__reseeded(answer: Answer) -> None:
    """Your dropout method is correct, but the random numbers for {where}{line} start again from the seed.

    With the same random numbers everyone gets the same masks, so results can be compared.

    Set the seed once, at the beginning of the function, and not again between the layers.
    """
    answer.reseeded = True


def random_stream__order(answer: Answer) -> None:
    """Your dropout method is correct, but the random numbers for {where}{line} are not the
    required ones, because D2 is drawn before D1.

    With the same random numbers everyone gets the same masks, so results can be compared.

    Draw each mask where its layer is computed.
    """
    answer.second_first = True


def random_stream__mirrored(answer: Answer) -> None:
    """Your dropout method is correct, but in {where}{line} a unit stays when its random number
    is above 1 - keep_prob.

    The same share of units stays, but other units than in the required masks.

    Draw with `np.random.rand`, and keep the units with numbers below keep_prob.
    """
    answer.mask = lambda U, keep_prob: U > 1 - keep_prob


def random_stream__binomial(answer: Answer) -> None:
    """Your dropout method is correct, but the masks in {where}{line} are drawn from a binomial distribution.

    The same share of units stays, but other units than in the required masks.

    Draw with `np.random.rand`, and keep the units with numbers below keep_prob.
    """
    answer.draws = dict.fromkeys((1, 2), np.empty)
    answer.mask = lambda U, keep_prob: np.random.binomial(1, keep_prob, U.shape)


def random_stream__too(answer: Answer) -> None:
    """Also, the random numbers for {where}{line} are not the required ones.

    With the same random numbers everyone gets the same masks, so results can be compared.

    Call `np.random.seed(1)` once, in the first line, and draw D1 before D2 with
    `np.random.rand`, each in the shape of its A.
    """
    answer.seed = 8


def wrong_activation(answer: Answer) -> None:
    """In {where}{line} the hidden units do not use a ReLU.

    The derivative in the backward pass is that of a ReLU, so both passes must use the same
    function.

    Compare with the line that was given to you: layers 1 and 2 use `relu`, and the last layer
    uses `sigmoid`.
    """
    answer.activation = lambda Z: 1 / (1 + np.exp(-Z))


def cache_order(answer: Answer) -> None:
    """In the cache that you return{line} some arrays are in the wrong places: {where}.

    The backward pass unpacks the cache in a fixed order.

    Compare your order, one array after the other, with the order in the backward pass.
    """
    answer.cache = lambda c: [*c[:5], c[6], c[5], *c[7:]]
