"""Right costs in other styles. Each combination must get full marks and no diagnosis."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Parameters = dict[str, Array]


def _in_a_loop(W: Array) -> float:
    total = 0.0
    for row in W:
        for weight in row:
            total += weight**2
    return total


SQUARES: tuple[Callable[[Array], Any], ...] = (
    lambda W: np.sum(np.square(W)),
    lambda W: (W**2).sum(),
    lambda W: np.linalg.norm(W) ** 2,
    lambda W: np.einsum("ij,ij->", W, W),
    lambda W: np.vdot(W, W),
    lambda W: np.trace(W @ W.T),
    lambda W: sum(weight * weight for weight in W.ravel()),
    lambda W: np.sum(np.sum(W * W, axis=0)),
    _in_a_loop,
)

ENTROPIES: tuple[Callable[[Array, Array], Any], ...] = (
    lambda A3, Y: -np.sum(Y * np.log(A3) + (1 - Y) * np.log(1 - A3)) / Y.shape[1],
    lambda A3, Y: 1.0 / Y.shape[1] * np.nansum(-np.log(A3) * Y - np.log(1 - A3) * (1 - Y)),
    lambda A3, Y: -np.mean(np.log(np.where(Y == 1, A3, 1 - A3)).sum(axis=0)),
)

SUMS: tuple[Callable[[Any, list[Any], float, int], Any], ...] = (
    lambda entropy, squares, lambd, m: entropy + lambd / (2 * m) * sum(squares),
    lambda entropy, squares, lambd, m: float(entropy + sum(squares) * lambd / 2 / m),
    lambda entropy, squares, lambd, m: np.array(entropy + 0.5 * lambd * (1.0 / m) * sum(squares)),
    lambda entropy, squares, lambd, m: entropy + sum(lambd * one / (m + m) for one in squares),
)


def _variants() -> Iterator[Callable[..., Any]]:
    for square, entropy, total in itertools.product(SQUARES, ENTROPIES, SUMS):

        def cost(
            A3: Array,
            Y: Array,
            parameters: Parameters,
            lambd: float,
            parts: tuple[Any, ...] = (square, entropy, total),
        ) -> Any:
            square, entropy, total = parts
            squares = [square(parameters[name]) for name in ("W1", "W2", "W3")]
            return total(entropy(A3, Y), squares, lambd, Y.shape[1])

        yield cost


VARIANTS = tuple(_variants())
