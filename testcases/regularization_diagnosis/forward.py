"""What a wrong pass with dropout says, each array held against the student's own earlier ones.

Z_l follows from the activations before it, A_l = relu(Z_l) * D_l / keep_prob from the student's own
Z_l and D_l, and D_l from the random numbers, of which the prescribed stream is known.
"""

import functools
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from grader.judging.intermediates import Array, CaseValues, Intermediates, Rule
from grader.model import Mistake, Raised

from .activations import activations, relu, sigmoid
from .forward_masks import DRAWS, masks, prescribed

CACHE = ("Z1", "D1", "A1", "W1", "b1", "Z2", "D2", "A2", "W2", "b2", "Z3", "cache A3", "W3", "b3")


def inputs(args: tuple[Any, ...]) -> dict[str, Any]:
    """Return the arguments and the parameters by name."""
    X, parameters, keep_prob = args
    return {"X": X, "keep_prob": keep_prob, **parameters}


# ------------------------------------------------------------------ what is right


def _linear(row: CaseValues, layer: int, before: str) -> Array:
    Z: Array = row.inputs[f"W{layer}"] @ row[before] + row.inputs[f"b{layer}"]
    return Z


def _activations(row: CaseValues, layer: int) -> Array:
    A: Array = relu(row[f"Z{layer}"]) * row[f"D{layer}"] / row["keep_prob"]
    return A


def rules() -> dict[str, Rule]:
    """Return how each array is made, in the order in which they are."""
    made: dict[str, Rule] = {}
    for layer, before in ((1, "X"), (2, "A1"), (3, "A2")):
        made[f"Z{layer}"] = functools.partial(_linear, layer=layer, before=before)
        if layer < 3:
            made[f"D{layer}"] = functools.partial(prescribed, layer=layer)
            made[f"A{layer}"] = functools.partial(_activations, layer=layer)
    made["A3"] = lambda row: sigmoid(row["Z3"])
    made["cache A3"] = lambda row: row["A3"]
    for name in ("W1", "b1", "W2", "b2", "W3", "b3"):
        made[name] = functools.partial(_handed_on, name=name)
    return made


def _handed_on(row: CaseValues, name: str) -> Array:
    return np.asarray(row.inputs[name], dtype=np.float64)


# ------------------------------------------------------------------ Z and the output


def _linear_mistakes(evidence: Intermediates, layer: int) -> Iterator[Mistake]:
    """Yield the mistakes in Z_l: inputs that were dropped, or activations before they were."""
    name = f"Z{layer}"
    if layer == 1:
        if _inputs_dropped(evidence):
            yield Mistake("dropout-on-input", name)
        return
    before = f"Z{layer - 1}"
    weights = f"W{layer}"
    if all(
        np.allclose(row[name], row.inputs[weights] @ relu(row[before]) + row.inputs[f"b{layer}"])
        for row in evidence.rows
    ):
        yield Mistake("mask-not-applied", name, f"A{layer - 1}", (f"D{layer - 1}",))


def _inputs_dropped(evidence: Intermediates) -> bool:
    """Say whether Z1 belongs to an X of which some entries are zero and the others scaled alike."""
    told = 0
    for row in evidence.rows:
        X, W1 = row["X"], row.inputs["W1"]
        if len(W1) < len(X):
            continue
        found, *_ = np.linalg.lstsq(W1, row["Z1"] - row.inputs["b1"], rcond=None)
        if not np.allclose(W1 @ found + row.inputs["b1"], row["Z1"]):
            return False
        ratios = found / X
        kept = ratios[np.abs(ratios) > 1e-6]
        if kept.size and not np.allclose(kept, kept[0]):
            return False
        told += 0 < kept.size < ratios.size
    return told >= 3


def _output(evidence: Intermediates, name: str) -> Iterator[Mistake]:
    """Yield the mistake in A3: some outputs are zero and the others scaled alike."""
    dropped = 0
    for row in evidence.rows:
        ratios = row.got[name] / sigmoid(row["Z3"])
        kept = ratios[ratios != 0]
        if kept.size and not np.allclose(kept, kept[0]):
            return
        dropped += kept.size < ratios.size
    if dropped >= 3:
        yield Mistake("dropout-on-output", name)


# ------------------------------------------------------------------ the whole


def explain(evidence: Intermediates) -> Iterator[Mistake]:
    """Yield the mistakes of every array that does not follow from those before it."""
    found: list[Mistake] = []
    for name in rules():
        if name in evidence.wrong or evidence.misfits(name):
            found += _of_one(evidence, name, int(name[-1]))
    yield from _in_words(found)


def _of_one(evidence: Intermediates, name: str, layer: int) -> Iterator[Mistake]:
    fits = not evidence.misfits(name)
    match name[0]:
        case "D":
            yield from masks(evidence, layer)
        case "A" | "c" if layer == 3 and fits:
            yield from _output(evidence, name)
        case "A" if layer < 3:
            yield from activations(evidence, layer)
        case "Z" if fits:
            yield from _linear_mistakes(evidence, layer)


_MASK = re.compile(
    r"\b(D[12])\b"
    r"|[*@]\s*(D)\b|\b(D)(?:\.T)?\s*[*@]|(?:dot|matmul|multiply)\([^()]*\b(D)\b"
)
"""The mask of a layer, or that of any where it is multiplied with something."""
_LAYERS = re.compile(r"\b[AZ]([12])\b")
_ONE_AXIS = re.compile(r"\(\d+,\)")
_BENT = re.compile(r"\.T\b|@|\b(?:dot|matmul|transpose|reshape)\b")
"""What is wrong in the line itself, whatever shape the mask was drawn in."""
_MISFITS = ("could not be broadcast", "not aligned", "core dimension", "non-broadcastable")


def stopped(error: Raised, line: str) -> Iterator[Mistake]:
    """Yield the mistake of a mask that does not fit the activations it is to be multiplied with."""
    mask = _MASK.search(line)
    if mask and error.kind == "ValueError" and any(text in error.message for text in _MISFITS):
        name = str(mask[mask.lastindex or 0])
        layers = _LAYERS.findall(line)
        if name[1:] and layers and name[1:] not in layers:
            return  # the mask of another layer: it may well be right, and this line is not
        shared = bool(_ONE_AXIS.search(error.message))
        id = "mask-shared-by-examples" if shared else "mask-wrong-shape"
        made, reads = (f"A{name[1:]}", (name,)) if _BENT.search(line) else (name, _drawn(name))
        yield Mistake(id, made, name, reads)


def _drawn(mask: str) -> tuple[str, ...]:
    """Return by what the line is known that makes a mask: the draws, or the other layer's mask."""
    return (*(name for name in ("D1", "D2") if name != mask), *DRAWS)


def _in_words(found: list[Mistake]) -> Iterator[Mistake]:
    """Yield the mistakes; that the stream is another one is said last, and in its own words beside others."""
    streams = [mistake for mistake in found if mistake.id == "random-stream"]
    others = [mistake for mistake in found if mistake.id != "random-stream"]
    yield from others
    for stream in streams:
        hint = "random_stream__too" if others else stream.hint
        yield Mistake(stream.id, stream.quantity, stream.where, stream.reads, hint)
