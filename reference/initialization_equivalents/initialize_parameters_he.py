"""Right initializations by He et al. in other styles. Each combination must get full marks."""

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

DRAWS: tuple[Callable[[int, int], Array], ...] = (
    np.random.randn,
    lambda rows, columns: np.random.normal(size=(rows, columns)),
    lambda rows, columns: np.random.standard_normal(rows * columns).reshape(rows, columns),
    lambda rows, columns: np.random.normal(0.0, 1.0, (rows, columns)),
)
SCALES: tuple[Callable[[Array, int], Array], ...] = (
    lambda W, fan_in: W * np.sqrt(2.0 / fan_in),
    lambda W, fan_in: W * np.sqrt(2) / np.sqrt(fan_in),
    lambda W, fan_in: np.multiply(W, (2 / fan_in) ** 0.5),
    lambda W, fan_in: W / np.sqrt(fan_in / 2),
)
BIASES: tuple[Callable[[int], Any], ...] = (
    lambda units: np.zeros((units, 1)),
    lambda units: np.zeros(units).reshape(-1, 1),
    lambda units: [[0]] * units,
    lambda units: np.zeros((units, 1), dtype=int),
)


def _variant(
    draw: Callable[[int, int], Array],
    scale: Callable[[Array, int], Array],
    biases: Callable[[int], Any],
) -> Callable[[Sequence[int]], dict[str, Any]]:
    def initialize(layers_dims: Sequence[int]) -> dict[str, Any]:
        np.random.seed(3)
        parameters: dict[str, Any] = {"layers": len(layers_dims)}
        for layer in range(1, len(layers_dims)):
            units, fan_in = layers_dims[layer], layers_dims[layer - 1]
            parameters["b%d" % layer] = biases(units)  # noqa: UP031 - as students write it
            parameters[f"W{layer}"] = scale(draw(units, fan_in), fan_in)
        return parameters

    return initialize


VARIANTS = tuple(_variant(*parts) for parts in itertools.product(DRAWS, SCALES, BIASES))
