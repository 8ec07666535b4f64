"""Right checks of one derivative in other styles. Each combination must get full marks."""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

QUOTIENTS: tuple[Callable[[float, float, float], Any], ...] = (
    lambda above, below, epsilon: (above - below) / (2 * epsilon),
    lambda above, below, epsilon: (above - below) / 2 / epsilon,
    lambda above, below, epsilon: (above - below) / (2.0 * epsilon),
    lambda above, below, epsilon: np.divide(np.subtract(above, below), epsilon + epsilon),
)
PRODUCTS: tuple[Callable[[float, float], Any], ...] = (
    lambda x, theta: theta * x,
    np.dot,
    np.multiply,
)
NORMS: tuple[Callable[[Any], Any], ...] = (
    np.linalg.norm,
    abs,
    lambda value: np.sqrt(np.sum(np.square(value))),
    lambda value: float(np.linalg.norm([value])),
)


def _variant(
    product: Callable[[float, float], Any],
    quotient: Callable[[float, float, float], Any],
    norm: Callable[[Any], Any],
) -> Callable[[float, float, float], Any]:
    def check(x: float, theta: float, epsilon: float) -> Any:
        approx = quotient(product(x, theta + epsilon), product(x, theta - epsilon), epsilon)
        return norm(x - approx) / (norm(x) + norm(approx))

    return check


VARIANTS = tuple(_variant(*parts) for parts in itertools.product(PRODUCTS, QUOTIENTS, NORMS))
