"""Explain a wrong pass with dropout, array by array, from the student's own earlier ones.

Z_l = W_l A_(l-1) + b_l follows from the activations before it, A_l = relu(Z_l) * D_l / keep_prob from
the student's own Z_l and D_l (inverted dropout, Srivastava et al. 2014, section 10), and D_l from the
random numbers, of which the prescribed stream is known. All are (n_l, m).
"""

import functools
from collections.abc import Iterator
from typing import Any

import numpy as np

from grader.judging.intermediates import Array, CaseValues, Intermediates, Rule
from grader.model import Mistake

from .activations import activations, relu, sigmoid
from .forward_masks import masks, prescribed

CACHE = ("Z1", "D1", "A1", "W1", "b1", "Z2", "D2", "A2", "W2", "b2", "Z3", "cache A3", "W3", "b3")

_LARGEST = 1e150
"""Least squares print an error of LAPACK for numbers whose squares overflow or underflow."""


def inputs(args: tuple[Any, ...]) -> dict[str, Any]:
    """Return the arguments X (n_x, m) and keep_prob, and the parameters, by name."""
    X, parameters, keep_prob = args
    return {"X": X, "keep_prob": keep_prob, **parameters}


# ------------------------------------------------------------------ what is right


def linear(row: CaseValues, layer: int, before: str) -> Array:
    """Return Z_l = W_l A_(l-1) + b_l, of shape (n_l, m); `before` is the name of A_(l-1)."""
    Z: Array = row.inputs[f"W{layer}"] @ row[before] + row.inputs[f"b{layer}"]
    return Z


def dropped_activations(row: CaseValues, layer: int) -> Array:
    """Return A_l = relu(Z_l) * D_l / keep_prob, of shape (n_l, m).

    The division keeps the expected activation.
    """
    A: Array = relu(row[f"Z{layer}"]) * row[f"D{layer}"] / row["keep_prob"]
    return A


def rules() -> dict[str, Rule]:
    """Return the rule of each array, in the order of the computation.

    `A3` is the first returned value, `cache A3` the copy in the cache.
    """
    rules_: dict[str, Rule] = {}
    for layer, before in ((1, "X"), (2, "A1"), (3, "A2")):
        rules_[f"Z{layer}"] = functools.partial(linear, layer=layer, before=before)
        if layer < 3:
            rules_[f"D{layer}"] = functools.partial(prescribed, layer=layer)
            rules_[f"A{layer}"] = functools.partial(dropped_activations, layer=layer)
    rules_["A3"] = lambda row: sigmoid(row["Z3"])
    rules_["cache A3"] = lambda row: row["A3"]
    for name in ("W1", "b1", "W2", "b2", "W3", "b3"):
        rules_[name] = functools.partial(argument, name=name)
    return rules_


def argument(row: CaseValues, name: str) -> Array:
    """Return an array of the parameters, which the cache repeats."""
    return np.asarray(row.inputs[name], dtype=np.float64)


# ------------------------------------------------------------------ Z and the output


def _linear_mistakes(intermediates: Intermediates, layer: int) -> Iterator[Mistake]:
    """Yield the mistakes in Z_l: inputs that were dropped, or activations before they were."""
    name = f"Z{layer}"
    if layer == 1:
        if _inputs_dropped(intermediates):
            yield Mistake("dropout-on-input", name)
        return
    before = f"Z{layer - 1}"
    weights = f"W{layer}"
    if all(
        np.allclose(row[name], row.inputs[weights] @ relu(row[before]) + row.inputs[f"b{layer}"])
        for row in intermediates.rows
    ):
        yield Mistake("mask-not-applied", name, f"A{layer - 1}", (f"D{layer - 1}",))


def _inputs_dropped(intermediates: Intermediates) -> bool:
    """Return True if Z1 comes from an X with some entries 0 and the others scaled by one factor."""
    with_zeros = 0
    for row in intermediates.rows:
        X, W1 = row["X"], row.inputs["W1"]
        if len(W1) < len(X):
            continue
        if not 1 / _LARGEST < np.max(np.abs(row["Z1"])) < _LARGEST:  # NaN is not, either
            return False
        X_used, *_ = np.linalg.lstsq(W1, row["Z1"] - row.inputs["b1"], rcond=None)
        if not np.allclose(W1 @ X_used + row.inputs["b1"], row["Z1"]):
            return False
        ratios = X_used / X
        scales = ratios[np.abs(ratios) > 1e-6]
        if scales.size and not np.allclose(scales, scales[0]):
            return False
        with_zeros += 0 < scales.size < ratios.size
    return with_zeros >= 3


def _output(intermediates: Intermediates, name: str) -> Iterator[Mistake]:
    """Yield the mistake in A3: some outputs are 0 and the others scaled by one factor."""
    dropped = 0
    for row in intermediates.rows:
        ratios = row.got[name] / sigmoid(row["Z3"])
        scales = ratios[ratios != 0]
        if scales.size and not np.allclose(scales, scales[0]):
            return
        dropped += scales.size < ratios.size
    if dropped >= 3:
        yield Mistake("dropout-on-output", name)


# ------------------------------------------------------------------ all mistakes


def explain(intermediates: Intermediates) -> Iterator[Mistake]:
    """Yield the mistakes of every array that does not follow from those before it."""
    mistakes: list[Mistake] = []
    for name in rules():
        if name in intermediates.wrong or intermediates.rows_of_wrong_shape(name):
            mistakes += _of_one(intermediates, name, int(name[-1]))
    yield from _streams_last(mistakes)


def _of_one(intermediates: Intermediates, name: str, layer: int) -> Iterator[Mistake]:
    fits = not intermediates.rows_of_wrong_shape(name)
    match name[0]:
        case "D":
            yield from masks(intermediates, layer)
        case "A" | "c" if layer == 3 and fits:
            yield from _output(intermediates, name)
        case "A" if layer < 3:
            yield from activations(intermediates, layer)
        case "Z" if fits:
            yield from _linear_mistakes(intermediates, layer)


def _streams_last(mistakes: list[Mistake]) -> Iterator[Mistake]:
    """Yield the mistakes, other random numbers last, and in other words if there are more mistakes."""
    streams = [mistake for mistake in mistakes if mistake.id == "random-stream"]
    first = [mistake for mistake in mistakes if mistake.id != "random-stream"]
    yield from first
    for stream in streams:
        hint = "random_stream__too" if first else stream.hint
        yield Mistake(stream.id, stream.quantity, stream.where, stream.reads, hint)
