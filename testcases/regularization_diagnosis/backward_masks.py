"""What a wrong dA of a pass with dropout says: W^T dZ, times a mask, times a scale."""

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from grader.diagnosis.fitting import FEWEST, close, fit, measured, share
from grader.judging.intermediates import Array, CaseValues, Intermediates

from .chain import reached

Slope = Callable[[Array, Array], Any]
"""What dA_l is multiplied by to give dZ_l, given dA_l and A_l."""

SLOPES: tuple[tuple[Slope, tuple[str, ...]], ...] = (
    (lambda dA, A: A > 0, ()),
    (lambda dA, A: 1.0, ("relu-derivative",)),
    (lambda dA, A: dA > 0, ("relu-derivative",)),
)


class Target(NamedTuple):
    """A gradient in which mask and scale show: dA_l itself, or dZ_l behind one slope or another."""

    name: str
    layer: int
    slope: Slope = lambda dA, A: 1.0

    def whole(self, row: CaseValues) -> Array:
        """Return what it would be without dropout."""
        reaching = reached(row, self.layer)
        whole: Array = reaching * self.slope(reaching, row[f"A{self.layer}"])
        return whole


def dropped(evidence: Intermediates, target: Target) -> tuple[str, ...] | None:
    """Return the mistakes in a gradient, in its mask and in its scale; None where these do not explain it."""
    for first, mask in _masks(target.layer):
        scales = measured(evidence.rows, functools.partial(_scale, target=target, mask=mask))
        ids = None if scales is None else _scale_ids(evidence, scales)
        if ids is not None:
            return (*first, *ids)
    return _redrawn(evidence, target)


def _scale(row: CaseValues, target: Target, mask: Callable[[CaseValues], Any]) -> float | None:
    return share(row[target.name], target.whole(row) * mask(row))


def _masks(layer: int) -> Iterator[tuple[tuple[str, ...], Callable[[CaseValues], Any]]]:
    """Yield what dA_l is multiplied by, and what mistakes that is."""
    inverted = "backward-mask-inverted"
    yield (), lambda row: row[f"D{layer}"]
    yield ("backward-mask-missing",), lambda row: 1.0
    yield (inverted,), lambda row: 1.0 - row[f"D{layer}"]
    yield ("cache-order",), lambda row: row[f"Z{layer}"]
    yield ("cache-order",), lambda row: row[f"A{layer}"]
    yield (inverted, "cache-order"), lambda row: 1.0 - row[f"Z{layer}"]
    yield (inverted, "cache-order"), lambda row: 1.0 - row[f"A{layer}"]


def vanishes(evidence: Intermediates, layer: int) -> bool:
    """Say whether nothing is left of dZ_l: behind the ReLU, only units that were kept get a gradient."""
    plain = [Target(f"dZ{layer}", layer, SLOPES[0][0]).whole(row) for row in evidence.rows]
    left = any(row[f"dZ{layer}"].any() for row in evidence.rows)
    return not left and sum(bool(whole.any()) for whole in plain) >= FEWEST


def _scale_ids(evidence: Intermediates, scales: Array) -> tuple[str, ...] | None:
    """Return the mistakes in the factor by which what is left is scaled up, or None for an odd one."""
    keep = evidence.per_row(lambda row: row["keep_prob"])
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
            return _fixed(constant, evidence)
    return None


def _fixed(constant: float, evidence: Intermediates) -> tuple[str, ...]:
    """Return the mistakes where one number is the scale in every row."""
    public = evidence.public()
    keep = float(public["keep_prob"]) if public else 0.5
    known = {
        keep: "backward-rescale-multiplied",
        1 / (1 - keep): "backward-rescale-drop-prob",
        1 / np.sqrt(keep): "backward-rescale-wrong",
    }
    more = (id for value, id in known.items() if close(value, constant))
    return ("keep-prob-hard-coded", *more)


def _redrawn(evidence: Intermediates, target: Target) -> tuple[str, ...] | None:
    """Return the mistakes of a mask that is none of the cache, but drops as many units as it should.

    Should, that is, by the scale that it comes with: one fixed number stands for a fixed keep_prob.
    """
    if any(_is_on(evidence, target, f"{array}{target.layer}") for array in "ZA"):
        return None  # nothing was drawn: that is where the ReLU is on
    ratios = [_ratios(row, target) for row in evidence.rows]
    scales = [_one_number(ratio[ratio != 0]) for ratio in ratios]
    if None in scales:
        return None
    found = np.array(scales, dtype=np.float64)
    ids = _scale_ids(evidence, found)
    if ids is None:
        return None
    keep = evidence.per_row(lambda row: row["keep_prob"])
    keep = 1 / found if ids == ("keep-prob-hard-coded",) else keep
    as_many = _drops_as_many(ratios, np.where(np.isfinite(keep), keep, 1.0))
    return ("backward-mask-redrawn", *ids) if as_many else None


def _is_on(evidence: Intermediates, target: Target, name: str) -> bool:
    """Say whether a gradient is left just where an array is above zero, in every row."""
    return all(
        ((row[target.name] != 0) == ((row[name] > 0) & (target.whole(row) != 0))).all()
        for row in evidence.rows
    )


def _ratios(row: CaseValues, target: Target) -> Array:
    """Return by what each entry of a gradient is multiplied, where there is anything to multiply."""
    whole = target.whole(row)
    telling = np.abs(whole) > 1e-9 * np.max(np.abs(whole), initial=0.0)
    ratios: Array = row[target.name][telling] / whole[telling]
    return ratios


def _one_number(kept: Array) -> float | None:
    """Return the number that all of some are, NaN where there are none, None where they differ."""
    if kept.size and np.ptp(kept) > 1e-6 * np.max(np.abs(kept)):
        return None
    return float(np.median(kept)) if kept.size else float("nan")


def _drops_as_many(ratios: Sequence[Array], keep: Array) -> bool:
    """Say whether the share of entries that are not zero is what chance makes of keep_prob."""
    pairs = list(zip(ratios, keep, strict=True))
    surplus = sum(float(np.count_nonzero(ratio) - k * ratio.size) for ratio, k in pairs)
    spread = sum(float(k * (1 - k) * ratio.size) for ratio, k in pairs)
    return spread > 0 and abs(surplus) <= 4 * np.sqrt(spread)


def is_whole(evidence: Intermediates, layer: int) -> bool:
    """Say whether dA_l is there and nothing has been done to it."""
    name = f"dA{layer}"
    return all(
        name in row.got and np.allclose(row.got[name], reached(row, layer), rtol=1e-9)
        for row in evidence.rows
    )
