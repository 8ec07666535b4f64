"""What a wrong mask says: its shape, its entries, the stream it was drawn from, the share that it keeps."""

import functools
from collections.abc import Callable, Iterator
from math import erf, log, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from grader.evidence import Array, Evidence, Row
from grader.model import Mistake

SEED = 1


def shape(row: Row, layer: int) -> tuple[int, int]:
    """Return the shape of a layer's activations."""
    return len(row.inputs[f"W{layer}"]), row["X"].shape[1]


def prescribed(row: Row, layer: int) -> Array:
    """Return the mask of a layer, drawn as prescribed."""
    random = np.random.RandomState(SEED)
    for number in range(1, layer + 1):
        drawn = random.random_sample(shape(row, number))
    kept: Array = (drawn < row["keep_prob"]).astype(np.float64)
    return kept


# ------------------------------------------------------------------ shape and entries


def masks(evidence: Evidence, layer: int) -> Iterator[Mistake]:
    """Yield the mistakes in D_l."""
    name = f"D{layer}"
    rows = tuple(row for row in evidence.rows if name in row.got)
    shared = _shape_id(rows, layer)
    if shared:
        yield _mistake(shared, layer)
    if not rows or any(row.got[name].ndim == 0 for row in rows) or shared == "mask-wrong-shape":
        return
    values = [row.got[name] for row in rows]
    if not all(np.isfinite(value).all() for value in values):
        return
    if all(_is_binary(value) for value in values):
        yield from _drawn(rows, layer)
    elif all(_is_binary(unscaled(value)) for value in values):
        yield _mistake("mask-scaled", layer)
        yield from _drawn(rows, layer)
    elif all(_is_noise(value) for value in values):
        yield from _raw(rows, layer)


def _mistake(id: str, layer: int, hint: str = "") -> Mistake:
    return Mistake(id, f"D{layer}", f"D{layer}", (), hint)


def _shape_id(rows: tuple[Row, ...], layer: int) -> str:
    """Return the mistake in the shape of a mask, or in what it has in common with itself."""
    wide = [row for row in rows if min(shape(row, layer)) > 1]
    own = [(row.got[f"D{layer}"], *shape(row, layer)) for row in wide]
    if all(
        D.shape == row.got[f"Z{layer}"].shape for row, (D, *_) in zip(wide, own, strict=True)
    ) and any(D.shape != (u, m) for D, u, m in own):
        return ""
    if not own or all(D.ndim == 0 for D, _, _ in own):
        return ""
    if all(D.shape in ((units, 1), (units,)) for D, units, _ in own):
        return "mask-shared-by-examples"
    if all(D.shape in ((1, m), (m,)) for D, _, m in own):
        return "mask-shared-by-units"
    if all(D.shape == (units, m) for D, units, m in own):
        return _in_common([D for D, _, _ in own])
    return "mask-wrong-shape"


def _in_common(values: list[Array]) -> str:
    """Return the mistake of masks whose columns, or rows, are all alike though not all entries are."""
    mixed = [D for D in values if np.ptp(D) > 0]
    if len(mixed) < 3:
        return ""
    if all((D == D[:, :1]).all() for D in mixed):
        return "mask-shared-by-examples"
    return "mask-shared-by-units" if all((D == D[:1]).all() for D in mixed) else ""


def _is_binary(D: Array) -> bool:
    return bool(((D == 0) | (np.abs(D - 1) < 1e-9)).all())


def unscaled(D: Array) -> Array:
    """Return a mask of zeros and one other, positive number as zeros and ones, all else as it is."""
    largest = float(np.max(D, initial=0.0))
    two = largest > 0 and bool(((D == 0) | (np.abs(D - largest) < 1e-9 * largest)).all())
    return D / largest if two else D


def _is_noise(D: Array) -> bool:
    return len(np.unique(D)) == D.size


def _raw(rows: tuple[Row, ...], layer: int) -> Iterator[Mistake]:
    """Yield the mistakes of numbers that were never compared."""
    yield _mistake("mask-raw", layer)
    values = [row.got[f"D{layer}"] for row in rows]
    for draw in FIRST if layer == 1 else SECOND:
        drawn = (draw.numbers(row, D.shape) for row, D in zip(rows, values, strict=True))
        if all(np.allclose(U, D) for U, D in zip(drawn, values, strict=True)):
            for id in draw.ids:
                yield _mistake(id, layer, draw.hint if id == "random-stream" else "")
            return
    normal = any((D < 0).any() or (D >= 1).any() for D in values)
    for id in ("mask-normal",) * normal + OTHER:
        yield _mistake(id, layer)


# ------------------------------------------------------------------ the stream


class Draw(NamedTuple):
    """One way to draw the numbers of a mask: how, and what mistake it is."""

    numbers: Callable[[Row, tuple[int, ...]], Array]
    ids: tuple[str, ...] = ()
    hint: str = ""


class Keep(NamedTuple):
    """One way to make a mask of numbers, and what mistake it is."""

    mask: Callable[[Array, float], NDArray[np.bool_]]
    ids: tuple[str, ...] = ()


UNIFORM, NORMAL = "random_sample", "standard_normal"


def _after(
    *before: tuple[str, str], kind: str = UNIFORM, seed: int | None = SEED
) -> Callable[[Row, tuple[int, ...]], Array]:
    """Return what draws numbers of a kind after others, from a seed (None: the stream of the call)."""

    def numbers(row: Row, size: tuple[int, ...]) -> Array:
        random = np.random.RandomState(row.seed if seed is None else seed)
        for how, what in before:
            getattr(random, how)(_size(row, what))
        drawn: Array = getattr(random, kind)(size)
        return drawn

    return numbers


def _size(row: Row, what: str) -> tuple[int, ...]:
    """Return the size of what was drawn before: X, a layer, or the student's own D1."""
    if what == "X":
        size: tuple[int, ...] = row["X"].shape
        return size
    return (
        row.got["D1"].shape if what == "own D1" and "D1" in row.got else shape(row, int(what[-1]))
    )


def _generator(row: Row, size: tuple[int, ...], layer: int) -> Array:
    random = np.random.default_rng(SEED)
    if layer == 2:
        random.random(shape(row, 1))
    return random.random(size)


OTHER = ("random-stream",)
FIRST = (
    Draw(_after()),
    Draw(_after((UNIFORM, "X"))),
    Draw(_after(kind=NORMAL), ("mask-normal",)),
    Draw(_after((UNIFORM, "X"), kind=NORMAL), ("mask-normal",)),
    Draw(_after(seed=None), OTHER, "random_stream__no_seed"),
    Draw(_after(kind=NORMAL, seed=None), ("mask-normal", *OTHER)),
    Draw(_after((UNIFORM, "layer 2")), OTHER, "random_stream__order"),
    Draw(functools.partial(_generator, layer=1), OTHER),
)
SECOND = (
    Draw(_after((UNIFORM, "own D1"))),
    Draw(_after((NORMAL, "own D1"))),
    Draw(_after((UNIFORM, "X"), (UNIFORM, "own D1"))),
    Draw(_after((UNIFORM, "X"), (NORMAL, "own D1"))),
    Draw(_after((UNIFORM, "own D1"), kind=NORMAL), ("mask-normal",)),
    Draw(_after((NORMAL, "own D1"), kind=NORMAL), ("mask-normal",)),
    Draw(_after((UNIFORM, "X"), (UNIFORM, "own D1"), kind=NORMAL), ("mask-normal",)),
    Draw(_after((UNIFORM, "X"), (NORMAL, "own D1"), kind=NORMAL), ("mask-normal",)),
    Draw(_after((UNIFORM, "own D1"), seed=None), OTHER, "random_stream__no_seed"),
    Draw(_after((NORMAL, "own D1"), seed=None), OTHER, "random_stream__no_seed"),
    Draw(_after((UNIFORM, "own D1"), kind=NORMAL, seed=None), ("mask-normal", *OTHER)),
    Draw(_after((NORMAL, "own D1"), kind=NORMAL, seed=None), ("mask-normal", *OTHER)),
    Draw(_after(), OTHER, "random_stream__reseeded"),
    Draw(_after(kind=NORMAL), ("mask-normal", *OTHER)),
    Draw(functools.partial(_generator, layer=2), OTHER),
)
"""Likely ones first; without an id where the numbers are as prescribed, given what was drawn before."""


def _keeps(public: float) -> tuple[Keep, ...]:
    return (
        Keep(lambda U, keep: U < keep),
        Keep(lambda U, keep: U > keep, ("mask-inverted",)),
        Keep(lambda U, keep: U < public, ("keep-prob-hard-coded",)),
        Keep(lambda U, keep: U < 0.5, ("keep-prob-hard-coded",)),
        Keep(lambda U, keep: U > 0.5, ("keep-prob-hard-coded",)),  # what rounding makes
        Keep(lambda U, keep: U > public, ("mask-inverted", "keep-prob-hard-coded")),
        Keep(lambda U, keep: U < 1 - keep, ("mask-inverted",)),
    )


def _drawn(rows: tuple[Row, ...], layer: int) -> Iterator[Mistake]:
    """Yield what the numbers say of which a mask was made: exactly if the stream is known."""
    public = next((row["keep_prob"] for row in rows if row.public), 0.5)
    for draw in FIRST if layer == 1 else SECOND:
        numbers = [draw.numbers(row, row.got[f"D{layer}"].shape) for row in rows]
        for keep in _keeps(public):
            if all(
                np.array_equal(keep.mask(U, row["keep_prob"]), row.got[f"D{layer}"] > 0)
                for U, row in zip(numbers, rows, strict=True)
            ):
                for id in (*draw.ids, *keep.ids):
                    yield _mistake(id, layer, draw.hint if id == "random-stream" else "")
                return
    yield from _by_share(rows, layer)


# ------------------------------------------------------------------ the share that is kept


def _normal_below(x: float) -> float:
    return (1 + erf(x / sqrt(2))) / 2


SHARES: tuple[tuple[tuple[str, ...], Callable[[float], float]], ...] = (
    (("keep-prob-hard-coded",), lambda keep: 0.7),
    (("keep-prob-hard-coded",), lambda keep: 0.5),
    ((), lambda keep: keep),
    (("mask-inverted",), lambda keep: 1 - keep),
    (("mask-normal",), _normal_below),
    (("mask-normal", "mask-inverted"), lambda keep: 1 - _normal_below(keep)),
)
CLEARLY = 6.0
"""How much likelier the best explanation must be than any other, as a logarithm."""


def _by_share(rows: tuple[Row, ...], layer: int) -> Iterator[Mistake]:
    """Yield what the share of units that are kept says, where the stream is not known."""
    counted = [(row.got[f"D{layer}"], float(row["keep_prob"])) for row in rows]
    counted = [(D, keep) for D, keep in counted if keep < 1]
    scored = sorted(
        ((_likelihood(counted, expected), ids, expected) for ids, expected in SHARES),
        key=lambda one: -one[0],
    )
    (best, ids, expected), (second, *_) = scored[0], scored[1]
    if best - second > CLEARLY and _is_plausible(counted, expected):
        yield from (_mistake(id, layer) for id in (*ids, "random-stream"))


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
