"""Known mistakes of a forward pass with dropout: one function each, its docstring is the hint.

A mistake changes parts of the right answer; `answer` puts an answer together from any number of
them. `{line}` is where the student's lines are, `{where}` which layers it is about; what stands
behind `__` in a name tells variants of one mistake apart. The file stands alone: the box runs it.
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
    """The right pass in parts: A = relu(Z), times mask(draw(shape), keep_prob), times scale(keep_prob)."""

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
        """Return the output and the cache as this answer has them."""
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
    """Return the right answer with mistakes made in it, one after the other."""
    made = Answer()
    for mistake in mistakes:
        mistake(made)
    return made


# ------------------------------------------------------------------ the masks


def mask_inverted(answer: Answer) -> None:
    """In {where}{line} units stay with the probability with which they should be dropped.

    A uniform number is below p with probability p, and keep_prob is the probability to stay: which numbers
    should be kept?
    """
    answer.mask = lambda U, keep_prob: U > keep_prob


def mask_normal(answer: Answer) -> None:
    """The numbers for {where}{line} come from the normal distribution, where keep_prob is no probability.

    Units are kept with probability keep_prob only if the numbers are spread evenly between 0 and 1.
    """
    answer.draws = {1: _normal, 2: _normal}


def mask_normal__second_layer(answer: Answer) -> None:
    """Draw D2 alone from the normal distribution."""
    answer.draws[2] = _normal


def mask_normal__first_layer(answer: Answer) -> None:
    """Draw D1 alone from the normal distribution."""
    answer.draws[1] = _normal


def mask_raw(answer: Answer) -> None:
    """What you give back as {where}{line} are the random numbers themselves.

    A mask is made of zeros and ones: the numbers are to be compared with keep_prob, and the outcome is the
    mask.
    """
    answer.mask = lambda U, keep_prob: U


def mask_all_ones(answer: Answer) -> None:
    """In {where}{line} every entry is one, so no unit is ever dropped.

    Each unit is to stay with probability keep_prob: see what the random numbers are compared with.
    """
    answer.mask = lambda U, keep_prob: np.ones_like(U)


def mask_scaled(answer: Answer) -> None:
    """In {where}{line} the mask itself is scaled, and it should hold zeros and ones only.

    Scale the activations, and leave the mask in the cache as it is: the backward pass needs it so.
    """
    answer.mask = lambda U, keep_prob: (U < keep_prob) / keep_prob
    answer.scale = lambda keep_prob: 1.0


def mask_shared_by_examples(answer: Answer) -> None:
    """In {where}{line} there is one entry a unit, so a unit is dropped in all examples or in none.

    Each activation is dropped by itself: give the mask the shape of A.
    """
    answer.shape = lambda shape: (shape[0], 1)


def mask_shared_by_units(answer: Answer) -> None:
    """In {where}{line} there is one entry an example, so all its units are dropped together.

    Each activation is dropped by itself: give the mask the shape of A.
    """
    answer.shape = lambda shape: (1, shape[1])


def mask_wrong_shape(answer: Answer) -> None:
    """In {where}{line} mask and activations do not go together element by element.

    Each layer has a mask of its own in the shape of its activations, multiplied with them entry by entry.
    """
    answer.apply = lambda A, D: A @ D.T


def mask_not_applied(answer: Answer) -> None:
    """The mask of {where}{line} is drawn, but the activations that you give back are not multiplied by it.

    Look for the line that sets dropped activations to zero, and whether what it makes is what you go on with.
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
    """In {where}{line} what is left after dropout is not scaled up.

    On average the activations should be as large as without dropout: what has keep_prob to do with that?
    """
    answer.unscaled = {1, 2}


def rescale_missing__second_layer(answer: Answer) -> None:
    """Leave A2 as it is."""
    answer.unscaled.add(2)


def rescale_missing__first_layer(answer: Answer) -> None:
    """Leave A1 as it is."""
    answer.unscaled.add(1)


def rescale_multiplied(answer: Answer) -> None:
    """In {where}{line} what is left is multiplied by keep_prob, and so made even smaller.

    Fewer units have to carry the same signal: each of them has to grow.
    """
    answer.scale = lambda keep_prob: keep_prob


def rescale_drop_prob(answer: Answer) -> None:
    """In {where}{line} what is left is divided by the probability of being dropped.

    The scale belongs to the units that stay: which of the two probabilities is theirs?
    """
    answer.scale = lambda keep_prob: 1 / (1 - keep_prob) if keep_prob < 1 else 1.0


def rescale_wrong(answer: Answer) -> None:
    """In {where}{line} what is left is scaled by keep_prob, but in a way that does not keep the average.

    A share keep_prob of the units stays: by what must they be divided, once, to make up for the others?
    """
    answer.scale = lambda keep_prob: 1 / np.sqrt(keep_prob)


def activations_truncated(answer: Answer) -> None:
    """Your activations of {where}{line} are cut down to whole numbers.

    Only a mask may become integers, and only by itself: see what your conversion is applied to.
    """
    answer.truncated = True


def keep_prob_hard_coded(answer: Answer) -> None:
    """In {where}{line} one fixed number is used, whatever `keep_prob` the function is called with.

    Use the argument instead of a number, and do not give it a new value inside the function.
    """
    answer.keep_prob = lambda keep_prob: 0.7


# ------------------------------------------------------------------ where and in which order


def dropout_on_input(answer: Answer) -> None:
    """Your pass drops inputs too: Z1{line} is not made from X as it came.

    Dropout belongs to the two hidden layers only, so leave X as it is.
    """
    answer.on_input = True


def dropout_on_output(answer: Answer) -> None:
    """Your pass drops outputs too: A3{line} is not the sigmoid of Z3 any more.

    The output is the answer of the network. Dropout belongs to the two hidden layers only.
    """
    answer.on_output = True


def random_stream(answer: Answer) -> None:
    """Your dropout is right by its own masks, but the draws for {where}{line} are not the prescribed ones.

    Have `np.random.seed(1)` once, as the first line, draw D1 before D2 with `np.random.rand`, each in the
    shape of its A, and keep what lies below keep_prob.
    """
    answer.seed = 7


def random_stream__no_seed(answer: Answer) -> None:
    """Your dropout is right by its own masks; only the draws for {where}{line} are not the prescribed ones.

    The line `np.random.seed(1)` at the beginning of the function is gone: put it back.
    """
    answer.seed = None


def random_stream__reseeded(answer: Answer) -> None:
    """Your dropout is right by its own masks; only the draws for {where}{line} are not the prescribed ones.

    They start anew: the seed is set once, at the beginning of the function, and not again between the layers.
    """
    answer.reseeded = True


def random_stream__order(answer: Answer) -> None:
    """Your dropout is right by its own masks; only the draws for {where}{line} are not the prescribed ones.

    D2 is drawn before D1: draw each mask where its layer is computed.
    """
    answer.second_first = True


def random_stream__mirrored(answer: Answer) -> None:
    """Your dropout is right by its own masks; only {where}{line} keep what lies above 1 - keep_prob.

    As many stay, but not the same: the prescribed masks keep those whose draw lies below keep_prob.
    """
    answer.mask = lambda U, keep_prob: U > 1 - keep_prob


def random_stream__binomial(answer: Answer) -> None:
    """Your dropout is right by its own masks; only {where}{line} are drawn from a binomial distribution.

    As many stay, but not the same: draw with `np.random.rand`, and keep what lies below keep_prob.
    """
    answer.draws = dict.fromkeys((1, 2), np.empty)
    answer.mask = lambda U, keep_prob: np.random.binomial(1, keep_prob, U.shape)


def random_stream__too(answer: Answer) -> None:
    """Besides, {where}{line} are not made of the prescribed draws.

    Have `np.random.seed(1)` once, as the first line, and draw D1 before D2 with `np.random.rand`, each in the
    shape of its A.
    """
    answer.seed = 8


def wrong_activation(answer: Answer) -> None:
    """The hidden units of {where}{line} do not pass through a ReLU.

    That line was given to you: layers 1 and 2 use relu, and sigmoid comes last.
    """
    answer.activation = lambda Z: 1 / (1 + np.exp(-Z))


def cache_order(answer: Answer) -> None:
    """The cache that you return{line} has arrays in each other's places: {where}.

    The backward pass takes it apart in a fixed order: compare yours with it, one by one.
    """
    answer.cache = lambda c: [*c[:5], c[6], c[5], *c[7:]]
