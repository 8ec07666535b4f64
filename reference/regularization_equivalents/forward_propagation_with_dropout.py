"""Right passes with dropout in other styles. Each must get full marks and no diagnosis."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Parameters = dict[str, Array]

DRAWS: tuple[Callable[[Array], Array], ...] = (
    lambda A: np.random.rand(*A.shape),
    lambda A: np.random.random_sample(A.shape),
    lambda A: np.random.uniform(0, 1, size=A.shape),
    lambda A: np.array([[np.random.rand() for _ in row] for row in A]),
)

MASKS: tuple[Callable[[Array, float], Array], ...] = (
    lambda U, keep_prob: keep_prob > U,
    lambda U, keep_prob: (keep_prob > U).astype(int),
    lambda U, keep_prob: np.where(keep_prob >= U, 1, 0),
    lambda U, keep_prob: 1.0 - (keep_prob <= U),
)

DROPS: tuple[Callable[[Array, Array, float], Array], ...] = (
    lambda A, D, keep_prob: A * D / keep_prob,
    lambda A, D, keep_prob: np.multiply(A / keep_prob, D),
    lambda A, D, keep_prob: np.where(D, A, 0) * (1 / keep_prob),
)


def _variants() -> Iterator[Callable[..., Any]]:
    for draw, mask, drop in itertools.product(DRAWS, MASKS, DROPS):

        def forward(
            X: Array,
            parameters: Parameters,
            keep_prob: float = 0.5,
            parts: tuple[Any, ...] = (draw, mask, drop),
        ) -> tuple[Array, tuple[Array, ...]]:
            draw, mask, drop = parts
            np.random.seed(1)
            W1, b1, W2, b2, W3, b3 = (parameters[f"{k}{i}"] for i in (1, 2, 3) for k in "Wb")
            Z1 = W1 @ X + b1
            A1 = Z1 * (Z1 > 0)
            D1 = mask(draw(A1), keep_prob)
            A1 = drop(A1, D1, keep_prob)
            Z2 = W2.dot(A1) + b2
            A2 = np.maximum(0, Z2)
            D2 = mask(draw(A2), keep_prob)
            A2 = drop(A2, D2, keep_prob)
            Z3 = np.dot(W3, A2) + b3
            A3 = 0.5 * (1 + np.tanh(Z3 / 2))
            return A3, (Z1, D1, A1, W1, b1, Z2, D2, A2, W2, b2, Z3, A3, W3, b3)

        yield forward


VARIANTS = tuple(_variants())
