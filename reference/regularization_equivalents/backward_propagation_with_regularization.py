"""Right gradients with L2 penalty in other styles. Each must get full marks and no diagnosis."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def _in_a_loop(dZ: Array, A: Array) -> Array:
    total = np.zeros((len(dZ), len(A)))
    for example in range(dZ.shape[1]):
        total += np.outer(dZ[:, example], A[:, example])
    return total


PRODUCTS: tuple[Callable[[Array, Array], Array], ...] = (
    lambda dZ, A: np.dot(dZ, A.T),
    lambda dZ, A: dZ @ A.T,
    lambda dZ, A: np.einsum("im,jm->ij", dZ, A),
    _in_a_loop,
)

SLOPES: tuple[Callable[[Array, Array, Array], Array], ...] = (
    lambda dA, A, Z: np.multiply(dA, np.int64(A > 0)),
    lambda dA, A, Z: dA * (Z > 0),
    lambda dA, A, Z: np.where(A > 0, dA, 0),
    lambda dA, A, Z: dA * np.sign(A),
    lambda dA, A, Z: dA * np.heaviside(Z, 0),
)

WEIGHTS: tuple[Callable[[Array, Array, float, int], Array], ...] = (
    lambda product, W, lambd, m: 1.0 / m * product + lambd / m * W,
    lambda product, W, lambd, m: (product + lambd * W) / m,
    lambda product, W, lambd, m: np.add(product / m, np.multiply(lambd / m, W)),
)


def _variants() -> Iterator[Callable[..., Any]]:
    for product, slope, weight in itertools.product(PRODUCTS, SLOPES, WEIGHTS):

        def gradients(
            X: Array,
            Y: Array,
            cache: tuple[Array, ...],
            lambd: float,
            parts: tuple[Any, ...] = (product, slope, weight),
        ) -> dict[str, Array]:
            product, slope, weight = parts
            Z1, A1, W1, _, Z2, A2, W2, _, _, A3, W3, _ = cache
            m, made = X.shape[1], {"dZ3": A3 - Y}
            made["dA2"] = W3.T @ made["dZ3"]
            made["dZ2"] = slope(made["dA2"], A2, Z2)
            made["dA1"] = W2.T @ made["dZ2"]
            made["dZ1"] = slope(made["dA1"], A1, Z1)
            for layer, before, W in ((3, A2, W3), (2, A1, W2), (1, X, W1)):
                dZ = made[f"dZ{layer}"]
                made[f"dW{layer}"] = weight(product(dZ, before), W, lambd, m)
                made[f"db{layer}"] = np.mean(dZ, axis=1).reshape(-1, 1)
            return made

        yield gradients


VARIANTS = tuple(_variants())
