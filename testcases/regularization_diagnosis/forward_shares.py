"""What the share of units that a mask keeps says, where it is not known from which stream it was drawn."""

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
    (None, lambda keep: (1 + keep) / 2),  # of numbers between -1 and 1, of which we have no name
)
RELATED = 4.0
"""From how many standard deviations on draws and masks are no strangers."""
CLEARLY = 6.0
"""How much likelier the best explanation must be than any other, as a logarithm."""


def ids_by_share(rows: tuple[CaseValues, ...], layer: int) -> tuple[str, ...]:
    """Return the mistakes that the share of units which are kept gives away."""
    counted = [(row.got[f"D{layer}"], float(row["keep_prob"])) for row in rows]
    counted = [(D, keep) for D, keep in counted if keep < 1]
    scored = sorted(
        ((_likelihood(counted, expected), ids, expected) for ids, expected in SHARES),
        key=lambda one: -one[0],
    )
    (best, ids, expected), (second, *_) = scored[0], scored[1]
    known = ids is not None and best - second > CLEARLY and _is_plausible(counted, expected)
    return (*(ids or ()), "random-stream") if known else ()


def hang_together(masks: Sequence[Array], drawn: Sequence[Array]) -> bool:
    """Say whether masks were made of certain draws, in whatever way: those kept differ from the others.

    Of draws that have nothing to do with a mask the kept ones are on average like all (a z-test).
    """
    gaps = weights = 0.0
    for D, U in zip(masks, drawn, strict=True):
        kept = np.asarray(D > 0, np.float64)
        gaps += float(np.sum((kept - kept.mean()) * (U - U.mean())))
        weights += float(np.sum((kept - kept.mean()) ** 2)) * float(np.var(U))
    return abs(gaps) > RELATED * sqrt(weights)


def _likelihood(counted: list[tuple[Array, float]], expected: Callable[[float], float]) -> float:
    total = 0.0
    for D, keep in counted:
        share, kept = expected(keep), float(np.count_nonzero(D))
        total += kept * log(share) + (D.size - kept) * log(1 - share)
    return total


def _is_plausible(counted: list[tuple[Array, float]], expected: Callable[[float], float]) -> bool:
    """Say whether the counts are no further off than chance would have them, row by row and together."""
    gaps = np.array([np.count_nonzero(D) - expected(keep) * D.size for D, keep in counted])
    spreads = np.array([expected(keep) * (1 - expected(keep)) * D.size for D, keep in counted])
    mixed = any(0 < np.count_nonzero(D) < D.size for D, _ in counted)
    return bool(
        mixed
        and abs(gaps.sum()) < 4 * sqrt(spreads.sum())
        and (np.abs(gaps) < 5 * np.sqrt(spreads) + 1).all()
    )
