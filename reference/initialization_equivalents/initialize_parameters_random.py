"""Right random initializations in other styles. Each must get full marks."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

WEIGHTS: tuple[Callable[[int, int], Array], ...] = (
    lambda rows, columns: np.random.randn(rows, columns) * 10,
    lambda rows, columns: np.random.normal(scale=10, size=(rows, columns)),
    lambda rows, columns: 10 * np.random.standard_normal((rows, columns)),
    lambda rows, columns: (
        np.array([[np.random.randn() for _ in range(columns)] for _ in range(rows)]) / 0.1
    ),
)


def _variant(weights: Callable[[int, int], Array]) -> Callable[[Sequence[int]], dict[str, Array]]:
    def initialize(layers_dims: Sequence[int]) -> dict[str, Array]:
        np.random.seed(3)
        parameters = {}
        for layer, (fan_in, units) in enumerate(pairwise(layers_dims), 1):
            parameters[f"W{layer}"] = weights(units, fan_in)
            parameters[f"b{layer}"] = np.zeros((units, 1))
        return parameters

    return initialize


VARIANTS = tuple(_variant(weights) for weights in WEIGHTS)
