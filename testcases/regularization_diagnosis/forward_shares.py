"""Explain a mask from unknown random numbers by the share of units that it keeps.

Each unit stays with the same probability p(keep_prob), so the number that stay is binomial. For each p
that students use, the log-likelihood of the numbers in all rows is computed. The best p is the
explanation if it is clearly better than the second best, and plausible by itself.
"""

from collections.abc import Callable, Sequence
from math import erf, log, sqrt

import numpy as np

from grader.judging.intermediates import Array, CaseValues


def _normal_below(x: float) -> float:
    return (1 + erf(x / sqrt(2))) / 2


SHARES: tuple[tuple[tuple[str, ...] | None, Callable[[float], float]], ...] = (
    (("keep-prob-hard-coded",), lambda keep: 0.7),
    (("keep-prob-hard-coded",), lambda keep: 0.5),
    ((), lambda keep: keep),
    (("mask-inverted",), lambda keep: 1 - keep),
    (("mask-normal",), _normal_below),
    (("mask-normal", "mask-inverted"), lambda keep: 1 - _normal_below(keep)),
    (None, lambda keep: (1 + keep) / 2),  # of numbers between -1 and 1, a mistake without a name
)
"""Mistakes, and the probability that a unit stays with them, from keep_prob.

`mask-normal` compares normal numbers, so p is the normal distribution function at keep_prob.
"""
RELATED = 4.0
"""Standard deviations from which draws and masks count as related (z-test)."""
CLEARLY = 6.0
"""Logarithm of the likelihood ratio by which the best explanation must exceed any other."""


def ids_by_share(rows: tuple[CaseValues, ...], layer: int) -> tuple[str, ...]:
    """Return the mistakes that explain the share of units that are kept, or () if none clearly does.

    Rows with keep_prob = 1 are left out. The last of the mistakes is then `random-stream`.
    """
    counted = [(row.got[f"D{layer}"], float(row["keep_prob"])) for row in rows]
    counted = [(D, keep) for D, keep in counted if keep < 1]
    scored = sorted(
        ((_likelihood(counted, expected), ids, expected) for ids, expected in SHARES),
        key=lambda score: -score[0],
    )
    (best, ids, expected), (second, *_) = scored[0], scored[1]
    clear = ids is not None and best - second > CLEARLY and _is_plausible(counted, expected)
    return (*(ids or ()), "random-stream") if clear else ()


def are_related(masks: Sequence[Array], draws: Sequence[Array]) -> bool:
    """Return True if masks depend on certain draws in any way (a z-test).

    A mask and its draws have one shape. If a mask is independent of the draws, the mean of the draws
    that it keeps is that of all.
    """
    gaps = weights = 0.0
    for D, U in zip(masks, draws, strict=True):
        mask = np.asarray(D > 0, np.float64)
        gaps += float(np.sum((mask - mask.mean()) * (U - U.mean())))
        weights += float(np.sum((mask - mask.mean()) ** 2)) * float(np.var(U))
    return abs(gaps) > RELATED * sqrt(weights)


def _likelihood(counted: list[tuple[Array, float]], expected: Callable[[float], float]) -> float:
    total = 0.0
    for D, keep in counted:
        share, count = expected(keep), float(np.count_nonzero(D))
        total += count * log(share) + (D.size - count) * log(1 - share)
    return total


def _is_plausible(counted: list[tuple[Array, float]], expected: Callable[[float], float]) -> bool:
    """Return True if the counts are within the spread of chance, in each row and in total."""
    gaps = np.array([np.count_nonzero(D) - expected(keep) * D.size for D, keep in counted])
    spreads = np.array([expected(keep) * (1 - expected(keep)) * D.size for D, keep in counted])
    mixed = any(0 < np.count_nonzero(D) < D.size for D, _ in counted)
    return bool(
        mixed
        and abs(gaps.sum()) < 4 * sqrt(spreads.sum())
        and (np.abs(gaps) < 5 * np.sqrt(spreads) + 1).all()
    )
