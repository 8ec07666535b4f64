"""Explain a wrong dZ: the error of the output, dZ3 = A3 - Y, or the derivative of a ReLU.

The derivative of max(0, Z) is 1 where Z > 0, and 0 elsewhere; the course uses A > 0, which is the same.
"""

from collections.abc import Callable, Iterator

import numpy as np

from grader.judging.intermediates import Array, CaseValues, Intermediates
from grader.model import Mistake


def slopes(intermediates: Intermediates, layer: int) -> Iterator[Mistake]:
    """Yield the mistake in dZ_l (n_l, m), given dA_l: in the error of the output or the ReLU's derivative."""
    name = f"dZ{layer}"
    if layer == 3 and all(
        np.allclose(row[name], row["Z3"] - row["Y"]) for row in intermediates.rows
    ):
        yield Mistake("cache-order", name, name)
    elif layer == 3:
        yield Mistake("output-error", name, name)
    elif all(follows_from_activation(row, layer) for row in intermediates.rows):
        return  # the mistake is in dA_l
    elif all(_passes_or_not(row, layer) for row in intermediates.rows) or _is_any_of(
        intermediates, layer
    ):
        yield Mistake("relu-derivative", name, name)


def follows_from_activation(row: CaseValues, layer: int) -> bool:
    """Return True if dZ_l is right given dA_l."""
    passed = row[f"dA{layer}"] * (row[f"A{layer}"] > 0)
    return bool(np.allclose(row[f"dZ{layer}"], passed, rtol=1e-7, atol=1e-12))


def _passes_or_not(row: CaseValues, layer: int) -> bool:
    """Return True if every entry of dZ_l is that of dA_l or 0."""
    dZ, dA = row[f"dZ{layer}"], row[f"dA{layer}"]
    return bool(((dZ == 0) | (np.abs(dZ - dA) <= 1e-9 * np.abs(dA))).all())


DERIVATIVES: tuple[Callable[[Array], Array], ...] = (
    lambda A: A,
    lambda A: A * (1 - A),
    lambda A: 1 - A * A,
    lambda A: np.where(A > 0, A, 1),
    lambda A: np.sign(A) - 1,
)
"""Wrong derivatives of a ReLU from A: A itself, those of sigmoid and tanh, and other slips."""


def _is_any_of(intermediates: Intermediates, layer: int) -> bool:
    """Return True if dZ_l is dA_l times one of the wrong derivatives that students use."""
    return any(
        all(
            np.allclose(row[f"dZ{layer}"], row[f"dA{layer}"] * derivative(row[f"A{layer}"]))
            for row in intermediates.rows
        )
        for derivative in DERIVATIVES
    )
