"""Right initializations with zeros in other styles. Each must get full marks."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

ZEROS: tuple[Callable[[int, int], Any], ...] = (
    lambda rows, columns: np.zeros((rows, columns)),
    lambda rows, columns: np.zeros([rows, columns], dtype=int),
    lambda rows, columns: np.full((rows, columns), 0.0),
    lambda rows, columns: 0 * np.random.randn(rows, columns),
    lambda rows, columns: -np.zeros((rows, columns)),
    lambda rows, columns: [[0.0] * columns for _ in range(rows)],
)


def _variant(zeros: Callable[[int, int], Any]) -> Callable[[Sequence[int]], dict[str, Any]]:
    def initialize(layers_dims: Sequence[int]) -> dict[str, Any]:
        layers = list(enumerate(pairwise(layers_dims), 1))
        weights = {f"W{layer}": zeros(units, fan_in) for layer, (fan_in, units) in layers}
        return weights | {f"b{layer}": zeros(units, 1) for layer, (_, units) in layers}

    return initialize


VARIANTS = tuple(_variant(zeros) for zeros in ZEROS)
