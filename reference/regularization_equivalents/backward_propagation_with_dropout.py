"""Right gradients with dropout in other styles. Each must get full marks and no diagnosis."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

PRODUCTS: tuple[Callable[[Array, Array], Array], ...] = (
    lambda dZ, A: np.dot(dZ, A.T),
    lambda dZ, A: np.tensordot(dZ, A, axes=(1, 1)),
    lambda dZ, A: np.sum([np.outer(dZ[:, i], A[:, i]) for i in range(dZ.shape[1])], axis=0),
)

DROPS: tuple[Callable[[Array, Array, float], Array], ...] = (
    lambda dA, D, keep_prob: dA * D / keep_prob,
    lambda dA, D, keep_prob: np.multiply(dA / keep_prob, D.astype(int)),
    lambda dA, D, keep_prob: np.where(D, dA, 0) / keep_prob,
    lambda dA, D, keep_prob: dA * (D / keep_prob),
)

SLOPES: tuple[Callable[[Array, Array, Array], Array], ...] = (
    lambda dA, A, Z: np.multiply(dA, np.int64(A > 0)),
    lambda dA, A, Z: dA * (Z > 0),
    lambda dA, A, Z: np.where(A > 0, dA, 0),
)


def _variants() -> Iterator[Callable[..., Any]]:
    for product, drop, slope in itertools.product(PRODUCTS, DROPS, SLOPES):

        def gradients(
            X: Array,
            Y: Array,
            cache: tuple[Array, ...],
            keep_prob: float,
            parts: tuple[Any, ...] = (product, drop, slope),
        ) -> dict[str, Array]:
            product, drop, slope = parts
            Z1, D1, A1, _, _, Z2, D2, A2, W2, _, _, A3, W3, _ = cache
            m, made = X.shape[1], {"dZ3": A3 - Y}
            made["dA2"] = drop(W3.T @ made["dZ3"], D2, keep_prob)
            made["dZ2"] = slope(made["dA2"], A2, Z2)
            made["dA1"] = drop(W2.T @ made["dZ2"], D1, keep_prob)
            made["dZ1"] = slope(made["dA1"], A1, Z1)
            for layer, before in ((3, A2), (2, A1), (1, X)):
                dZ = made[f"dZ{layer}"]
                made[f"dW{layer}"] = product(dZ, before) / m
                made[f"db{layer}"] = np.sum(dZ, axis=1, keepdims=True) / m
            return made

        yield gradients


VARIANTS = tuple(_variants())
