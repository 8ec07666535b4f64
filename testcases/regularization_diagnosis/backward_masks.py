"""What a wrong dA of a pass with dropout says: W^T dZ, times a mask, times a scale."""

import functools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from grader.evidence import Array, Evidence, Row
from grader.laws import close, fit, measured, share

from .chain import reached


class Target(NamedTuple):
    """A gradient in which mask and scale show: dA_l itself, or dZ_l behind the ReLU or without it."""

    name: str
    layer: int
    through_relu: bool = False

    def whole(self, row: Row) -> Array:
        """Return what it would be without dropout."""
        whole = reached(row, self.layer)
        return whole * (row[f"A{self.layer}"] > 0) if self.through_relu else whole


def dropped(evidence: Evidence, target: Target) -> tuple[str, ...] | None:
    """Return the mistakes in a gradient, in its mask and in its scale; None where these do not explain it."""
    for id, mask in _masks(target.layer):
        scales = measured(evidence.rows, functools.partial(_scale, target=target, mask=mask))
        ids = None if scales is None else _scale_ids(evidence, scales)
        if ids is not None:
            return (*filter(None, (id,)), *ids)
    return _redrawn(evidence, target)


def _scale(row: Row, target: Target, mask: Callable[[Row], Any]) -> float | None:
    return share(row[target.name], target.whole(row) * mask(row))


def _masks(layer: int) -> Iterator[tuple[str, Callable[[Row], Any]]]:
    """Yield what dA_l is multiplied by, and what mistake that is."""
    yield "", lambda row: row[f"D{layer}"]
    yield "backward-mask-missing", lambda row: 1.0
    yield "backward-mask-inverted", lambda row: 1.0 - row[f"D{layer}"]
    yield "cache-order", lambda row: row[f"Z{layer}"]
    yield "cache-order", lambda row: row[f"A{layer}"]


def _scale_ids(evidence: Evidence, scales: Array) -> tuple[str, ...] | None:
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


def _fixed(constant: float, evidence: Evidence) -> tuple[str, ...]:
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


def _redrawn(evidence: Evidence, target: Target) -> tuple[str, ...] | None:
    """Return the mistakes of a mask that is none of the cache, but drops as many units as it should."""
    surplus, spread, scales = 0.0, 0.0, []
    for row in evidence.rows:
        whole, keep = target.whole(row), row["keep_prob"]
        telling = np.abs(whole) > 1e-9 * np.max(np.abs(whole), initial=0.0)
        ratios = row[target.name][telling] / whole[telling]
        kept = ratios[ratios != 0]
        if kept.size and np.ptp(kept) > 1e-6 * np.max(np.abs(kept)):
            return None
        scales.append(np.median(kept) if kept.size else np.nan)
        surplus += kept.size - keep * ratios.size
        spread += keep * (1 - keep) * ratios.size
    ids = _scale_ids(evidence, np.array(scales, dtype=np.float64))
    if ids is None or not spread or abs(surplus) > 4 * np.sqrt(spread):
        return None
    return ("backward-mask-redrawn", *ids)


def is_whole(evidence: Evidence, layer: int) -> bool:
    """Say whether dA_l is there and nothing has been done to it."""
    name = f"dA{layer}"
    return all(
        name in row.got and np.allclose(row.got[name], reached(row, layer), rtol=1e-9)
        for row in evidence.rows
    )
