"""Explain a wrong dA with dropout: dA_l = W_(l+1)^T dZ_(l+1) * mask * scale, all (n_l, m).

Right are the mask D_l of the forward pass and the scale 1 / keep_prob, because the forward pass
multiplied A_l by both (inverted dropout, Srivastava et al. 2014, section 10).
"""

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from grader.diagnosis.fitting import FEWEST_MEASURED, close, fit, measured, share
from grader.judging.intermediates import Array, CaseValues, Intermediates

from .chain import reached

Slope = Callable[[Array, Array], Any]
"""Takes dA_l and A_l, and returns the derivative by which dA_l is multiplied to give dZ_l."""

SLOPES: tuple[tuple[Slope, tuple[str, ...]], ...] = (
    (lambda dA, A: A > 0, ()),
    (lambda dA, A: 1.0, ("relu-derivative",)),
    (lambda dA, A: dA > 0, ("relu-derivative",)),
)
"""The right derivative, then wrong ones, and the mistakes of each."""


class Target(NamedTuple):
    """A gradient in which mask and scale show: dA_l itself (slope 1), or dZ_l = dA_l * slope."""

    name: str
    layer: int
    slope: Slope = lambda dA, A: 1.0

    def undropped(self, row: CaseValues) -> Array:
        """Return the gradient without dropout, of shape (n_l, m)."""
        reaching = reached(row, self.layer)
        gradient: Array = reaching * self.slope(reaching, row[f"A{self.layer}"])
        return gradient


def dropped(intermediates: Intermediates, target: Target) -> tuple[str, ...] | None:
    """Return the mistakes in the mask and the scale of a gradient, or None if they do not explain it.

    An empty tuple is right: the gradient has the mask and the scale.
    """
    for first, mask in _masks(target.layer):
        scales = measured(intermediates.rows, functools.partial(_scale, target=target, mask=mask))
        ids = None if scales is None else _scale_ids(intermediates, scales)
        if ids is not None:
            return (*first, *ids)
    return _redrawn(intermediates, target)


def _scale(row: CaseValues, target: Target, mask: Callable[[CaseValues], Any]) -> float | None:
    return share(row[target.name], target.undropped(row) * mask(row))


def _masks(layer: int) -> Iterator[tuple[tuple[str, ...], Callable[[CaseValues], Any]]]:
    """Yield the masks that dA_l may be multiplied by, and the mistakes of each."""
    inverted = "backward-mask-inverted"
    yield (), lambda row: row[f"D{layer}"]
    yield ("backward-mask-missing",), lambda row: 1.0
    yield (inverted,), lambda row: 1.0 - row[f"D{layer}"]
    yield ("cache-order",), lambda row: row[f"Z{layer}"]
    yield ("cache-order",), lambda row: row[f"A{layer}"]
    yield (inverted, "cache-order"), lambda row: 1.0 - row[f"Z{layer}"]
    yield (inverted, "cache-order"), lambda row: 1.0 - row[f"A{layer}"]


def vanishes(intermediates: Intermediates, layer: int) -> bool:
    """Return True if dZ_l is 0 in every row, although it would not be without dropout.

    So it has the inverse mask: after the ReLU, only units that were kept have a gradient.
    """
    plain = [Target(f"dZ{layer}", layer, SLOPES[0][0]).undropped(row) for row in intermediates.rows]
    left = any(row[f"dZ{layer}"].any() for row in intermediates.rows)
    return not left and sum(bool(dZ.any()) for dZ in plain) >= FEWEST_MEASURED


def _scale_ids(intermediates: Intermediates, scales: Array) -> tuple[str, ...] | None:
    """Return the mistakes in the scale of the units that stay, or None for an odd scale."""
    keep = intermediates.per_row(lambda row: row["keep_prob"])
    laws: tuple[tuple[str, Array], ...] = (
        ("", 1 / keep),
        ("backward-rescale-missing", np.ones(keep.shape)),
        ("backward-rescale-multiplied", keep),
        ("backward-rescale-drop-prob", np.where(keep < 1, 1 / (1 - keep), np.nan)),
        ("backward-rescale-wrong", 1 / np.sqrt(keep)),
        ("backward-rescale-wrong", 1 / keep**2),
    )
    scales = np.where((keep < 1) | ~np.isfinite(scales), scales, np.nan)
    for id, law in laws:
        constant = fit(scales, np.where(np.isfinite(law), law, 0.0))
        if constant is not None and close(constant, 1):
            return (id,) if id else ()
        if constant is not None and constant > 0 and id == "backward-rescale-missing":
            return _fixed(constant, intermediates)
    return None


def _fixed(constant: float, intermediates: Intermediates) -> tuple[str, ...]:
    """Return the mistakes where one number is the scale in every row."""
    public = intermediates.first_public_row()
    keep = float(public["keep_prob"]) if public else 0.5
    by_scale = {
        keep: "backward-rescale-multiplied",
        1 / (1 - keep): "backward-rescale-drop-prob",
        1 / np.sqrt(keep): "backward-rescale-wrong",
    }
    more = (id for value, id in by_scale.items() if close(value, constant))
    return ("keep-prob-hard-coded", *more)


def _redrawn(intermediates: Intermediates, target: Target) -> tuple[str, ...] | None:
    """Return the mistakes of a mask that is not in the cache but keeps the right share of units.

    A fixed scale is taken as that of a fixed keep_prob, and the share is compared with that.
    """
    if any(_is_on(intermediates, target, f"{array}{target.layer}") for array in "ZA"):
        return None  # not drawn: the gradient passes where the ReLU does
    ratios = [_ratios(row, target) for row in intermediates.rows]
    scales = [_one_number(ratio[ratio != 0]) for ratio in ratios]
    if None in scales:
        return None
    measured_scales = np.array(scales, dtype=np.float64)
    ids = _scale_ids(intermediates, measured_scales)
    if ids is None:
        return None
    keep = intermediates.per_row(lambda row: row["keep_prob"])
    keep = 1 / measured_scales if ids == ("keep-prob-hard-coded",) else keep
    as_many = _drops_as_many(ratios, np.where(np.isfinite(keep), keep, 1.0))
    return ("backward-mask-redrawn", *ids) if as_many else None


def _is_on(intermediates: Intermediates, target: Target, name: str) -> bool:
    """Return True if a gradient is not 0 exactly where an array is above 0, in every row."""
    return all(
        ((row[target.name] != 0) == ((row[name] > 0) & (target.undropped(row) != 0))).all()
        for row in intermediates.rows
    )


def _ratios(row: CaseValues, target: Target) -> Array:
    """Return the factor of each entry of a gradient that is not 0 without dropout."""
    gradient = target.undropped(row)
    nonzero = np.abs(gradient) > 1e-9 * np.max(np.abs(gradient), initial=0.0)
    ratios: Array = row[target.name][nonzero] / gradient[nonzero]
    return ratios


def _one_number(values: Array) -> float | None:
    """Return the common value of all numbers, NaN for no numbers, None if they differ."""
    if values.size and np.ptp(values) > 1e-6 * np.max(np.abs(values)):
        return None
    return float(np.median(values)) if values.size else float("nan")


def _drops_as_many(ratios: Sequence[Array], keep: Array) -> bool:
    """Return True if the share of nonzero entries is within the spread of chance for keep_prob."""
    pairs = list(zip(ratios, keep, strict=True))
    surplus = sum(float(np.count_nonzero(ratio) - k * ratio.size) for ratio, k in pairs)
    spread = sum(float(k * (1 - k) * ratio.size) for ratio, k in pairs)
    return spread > 0 and abs(surplus) <= 4 * np.sqrt(spread)


def is_whole(intermediates: Intermediates, layer: int) -> bool:
    """Return True if dA_l is present and has neither mask nor scale."""
    name = f"dA{layer}"
    return all(
        name in row.got and np.allclose(row.got[name], reached(row, layer), rtol=1e-9)
        for row in intermediates.rows
    )
