"""Explain wrong activations: A_l = activation(Z_l) * mask * scale, all of shape (n_l, m).

Right are the ReLU, D_l, and 1 / keep_prob. The first activation and mask that leave one scale a row,
with scales that follow a law from row to row, are the explanation.
"""

import dataclasses
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from grader.diagnosis.fitting import close, fit, measured, share
from grader.judging.intermediates import Array, CaseValues, Intermediates
from grader.model import Mistake

from .forward_masks import unscaled


def relu(Z: Array) -> Array:
    """Return max(0, Z), elementwise."""
    A: Array = np.maximum(0, Z)
    return A


def sigmoid(Z: Array) -> Array:
    """Return 1 / (1 + exp(-Z)), elementwise."""
    A: Array = 1 / (1 + np.exp(-Z))
    return A


ACTIVATIONS: tuple[tuple[str, Callable[[Array], Array]], ...] = (
    ("", relu),
    ("wrong-activation", sigmoid),
    ("wrong-activation", np.tanh),
    ("wrong-activation", lambda Z: Z),
    ("wrong-activation", lambda Z: np.where(Z > 0, Z, 0.01 * Z)),
)
"""Functions in the place of the ReLU, with the mistake of each; the last one is a leaky ReLU."""

Apply = Callable[[Array, Array, float], Any]
"""Takes the activations and the mask, both (n_l, m), and keep_prob; returns the dropped activations."""

APPLIED: tuple[tuple[str, Apply], ...] = (
    ("", lambda A, D, keep: A * D),
    ("mask-not-applied", lambda A, D, keep: A),
    ("", lambda A, D, keep: A * (D < keep)),
    ("mask-inverted", lambda A, D, keep: A * (1 - D)),
    ("mask-wrong-shape", lambda A, D, keep: A @ D.T),
)
"""Ways to apply a mask, with the mistake of each; D may hold numbers that were never compared."""


def activations(intermediates: Intermediates, layer: int) -> Iterator[Mistake]:
    """Yield the mistakes in A_l, given Z_l and D_l: in the ReLU, in the mask, in the scale.

    Yields nothing if fewer than four rows have all three arrays with finite numbers.
    """
    name = f"A{layer}"
    rows = tuple(row for row in intermediates.rows if _usable(row, layer))
    some = dataclasses.replace(intermediates, rows=rows)
    if len(rows) < 4:
        return
    for (first, activation), (second, apply) in itertools.product(ACTIVATIONS, APPLIED):
        parts = [_part(row, layer, activation, apply) for row in rows]
        if any(part is None for part in parts):
            continue
        laws = _laws(some, layer, applied=second != "mask-not-applied")
        ids = _scale_ids(some, layer, parts, laws)
        if ids is not None:
            mistakes = (*filter(None, (first, second)), *ids)
            reads = (f"D{layer}",) if second else ("keep_prob",) if ids else (f"Z{layer}",)
            own = {"wrong-activation": (f"Z{layer}",)}
            yield from (Mistake(id, name, name, own.get(id, reads)) for id in mistakes)
            return


def _usable(row: CaseValues, layer: int) -> bool:
    return all(
        name in row.got and bool(np.isfinite(row.got[name]).all())
        for name in (f"Z{layer}", f"D{layer}", f"A{layer}")
    )


def _part(
    row: CaseValues, layer: int, activation: Callable[[Array], Array], apply: Apply
) -> Array | None:
    """Return A_l without its scale, or None if the shapes do not fit."""
    Z, A = row.got[f"Z{layer}"], row.got[f"A{layer}"]
    D = unscaled(row.got[f"D{layer}"])
    try:
        part = np.asarray(apply(activation(Z), D, row["keep_prob"]), dtype=np.float64)
    except ValueError:
        return None
    return part if part.shape == A.shape else None


Laws = tuple[tuple[str, Array], ...]
"""The mistake of a scale, and the scale in each row, an array of shape (rows,)."""


def _scale_ids(
    intermediates: Intermediates, layer: int, parts: list[Any], laws: Laws
) -> tuple[str, ...] | None:
    """Return the mistakes in the scale of A_l, or None if no scale explains it."""
    owns = [row.got[f"A{layer}"] for row in intermediates.rows]
    pairs = dict(zip(map(id, intermediates.rows), zip(owns, parts, strict=True), strict=True))
    scales = measured(intermediates.rows, lambda row: share(*pairs[id(row)]))
    for name, law in laws:
        if scales is not None:
            constant = fit(scales, law)
            if constant is not None and close(constant, 1):
                return (name,) if name else ()
            if constant and constant > 0 and name == "rescale-missing":
                return _fixed(constant, intermediates)
        elif _is_truncated(owns, [part * s for part, s in zip(parts, law, strict=True)]):
            return (name, "activations-truncated") if name else ("activations-truncated",)
    return None


def _fixed(constant: float, intermediates: Intermediates) -> tuple[str, ...]:
    """Return the mistakes where one number is the scale in every row."""
    public = intermediates.first_public_row()
    keep = float(public["keep_prob"]) if public else 0.5
    by_scale = {keep: "rescale-multiplied", 1 / (1 - keep): "rescale-drop-prob"}
    more = (id for value, id in by_scale.items() if close(value, constant))
    return ("keep-prob-hard-coded", *more)


def _laws(intermediates: Intermediates, layer: int, *, applied: bool) -> Laws:
    """Return the laws of the scale of A_l. If the mask is scaled, it is applied already."""
    keep = intermediates.per_row(lambda row: row["keep_prob"])
    laws = _scales(
        keep, float((intermediates.first_public_row() or intermediates.rows[0])["keep_prob"])
    )
    masks = [(row.got[f"D{layer}"], row["keep_prob"]) for row in intermediates.rows]
    largest = [(float(np.max(D)), 1 / keep_prob) for D, keep_prob in masks if D.any()]
    if not all(close(a, b) for a, b in largest) or not (keep < 1).any():
        return laws
    once, again = ("", np.ones(keep.shape)), ("rescale-wrong", 1 / keep)
    beside = ((name, law / keep) for name, law in (once, *_odd(keep), again))
    return (*beside,) if applied else (once, *laws)


def _scales(keep: Array, public: float) -> Laws:
    return (
        ("", 1 / keep),
        ("rescale-missing", np.ones(keep.shape)),
        *_odd(keep),
        ("keep-prob-hard-coded", np.full(keep.shape, 1 / public)),
    )


def _odd(keep: Array) -> Laws:
    """Return the laws of scales that use keep_prob in a wrong way."""
    return (
        ("rescale-multiplied", keep),
        ("rescale-drop-prob", np.where(keep < 1, 1 / (1 - keep), 1.0)),
        ("rescale-wrong", 1 / np.sqrt(keep)),
        ("rescale-wrong", 1 / keep**2),
    )


def _is_truncated(owns: list[Array], exact: list[Array]) -> bool:
    """Return True if activations are the right ones without their fractions."""
    nudged = [np.trunc(A + 1e-9 * np.sign(A)) for A in exact]
    truncated = [np.trunc(A) for A in exact]
    return all(
        bool(((own == low) | (own == high)).all())
        for own, low, high in zip(owns, truncated, nudged, strict=True)
    )
