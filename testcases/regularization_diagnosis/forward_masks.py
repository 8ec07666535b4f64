"""Explain a wrong mask: its shape, its entries, its random numbers, the share that it keeps.

Right is D_l = U < keep_prob, where U are the next n_l * m numbers of `np.random.rand` after
`np.random.seed(1)`, D1 before D2. Since the stream is known, a mask shows exactly how its numbers were
drawn (`Draw`) and compared (`Keep`): the pair that computes every entry in every row is the
explanation. Only if no pair does, the share of kept units is compared (`forward_shares`).
"""

import functools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from grader.judging.intermediates import Array, CaseValues, Intermediates
from grader.model import Mistake

from .forward_shares import are_related, ids_by_share
from .lines import DRAWS

SEED = 1
"""The seed that the course prescribes for the masks."""


def shape(row: CaseValues, layer: int) -> tuple[int, int]:
    """Return the shape of a layer's activations and mask, (n_l, m)."""
    return len(row.inputs[f"W{layer}"]), row["X"].shape[1]


def prescribed(row: CaseValues, layer: int) -> Array:
    """Return the mask of a layer, drawn as prescribed: zeros and ones of shape (n_l, m)."""
    random = np.random.RandomState(SEED)
    for number in range(1, layer + 1):
        numbers = random.random_sample(shape(row, number))
    mask: Array = (numbers < row["keep_prob"]).astype(np.float64)
    return mask


# ------------------------------------------------------------------ shape and entries


def masks(intermediates: Intermediates, layer: int) -> Iterator[Mistake]:
    """Yield the mistakes in D_l: of its shape first, then of its entries.

    Entries are explained for masks of zeros and ones, of zeros and one other number (scaled), and of
    numbers that were never compared (raw).
    """
    name = f"D{layer}"
    rows = tuple(row for row in intermediates.rows if name in row.got)
    if _is_mask_of_other_layer(rows, layer):
        return  # the other layer's mask was used: only its shape is reported
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
    elif all(len(np.unique(D)) == D.size for D in values):  # random numbers
        yield from _raw(rows, layer)


FRACTION = "0.5"
"""Finds a line with any decimal number."""
_WHERE_DRAWN = {
    *("mask-normal", "mask-shared-by-examples", "mask-shared-by-units", "mask-wrong-shape"),
    "random-stream",
}
"""Mistakes located at the line that draws the mask."""


def _mistake(id: str, layer: int, hint: str = "") -> Mistake:
    reads = (f"D{3 - layer}", *DRAWS) if id in _WHERE_DRAWN else ()
    if id == "keep-prob-hard-coded":
        reads = (FRACTION, "randint", ".randint")
    if {id, hint} & {"mask-inverted", "random_stream__mirrored"}:  # the line of the comparison
        reads = ("keep_prob",)
    return Mistake(id, f"D{layer}", f"D{layer}", reads, hint)


def _shape_id(rows: tuple[CaseValues, ...], layer: int) -> str:
    """Return the mistake in the shape of a mask, or in rows or columns that are all alike."""
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


def _is_mask_of_other_layer(rows: tuple[CaseValues, ...], layer: int) -> bool:
    """Return True if the other layer's mask, or its inverse, is in the place of this one."""
    pairs = [(row.got[f"D{layer}"], row.got.get(f"D{3 - layer}", np.empty(0))) for row in rows]
    shapes = [shape(row, 3 - layer) for row in rows]
    if [D.shape for D, _ in pairs] != shapes or shapes == [shape(row, layer) for row in rows]:
        return False
    same = all(np.array_equal(D, second) for D, second in pairs)
    return same or all(np.array_equal(D, 1.0 - second) for D, second in pairs)


def _in_common(values: list[Array]) -> str:
    """Return the mistake if all columns, or all rows, of each mask are equal.

    Masks of one value are skipped.
    """
    mixed = [D for D in values if np.ptp(D) > 0]
    if len(mixed) < 3:
        return ""
    if all((D == D[:, :1]).all() for D in mixed):
        return "mask-shared-by-examples"
    return "mask-shared-by-units" if all((D == D[:1]).all() for D in mixed) else ""


def _is_binary(D: Array) -> bool:
    return bool(((D == 0) | (np.abs(D - 1) < 1e-9)).all())


def unscaled(D: Array) -> Array:
    """Return a mask of zeros and one positive number as zeros and ones, any other unchanged.

    >>> unscaled(np.array([[0.0, 1.25], [1.25, 0.0]])).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    largest = float(np.max(D, initial=0.0))
    two = largest > 0 and bool(((D == 0) | (np.abs(D - largest) < 1e-9 * largest)).all())
    return D / largest if two else D


def _raw(rows: tuple[CaseValues, ...], layer: int) -> Iterator[Mistake]:
    """Yield the mistakes of numbers that were never compared."""
    yield _mistake("mask-raw", layer)
    values = [row.got[f"D{layer}"] for row in rows]
    for draw in FIRST if layer == 1 else SECOND:
        numbers = (draw.numbers(row, D.shape) for row, D in zip(rows, values, strict=True))
        if all(_is_multiple(D, U) for U, D in zip(numbers, values, strict=True)):
            for id in draw.ids:
                yield _mistake(id, layer, draw.hint if id == "random-stream" else "")
            return
    normal = any((D < 0).any() or (D >= 1).any() for D in values)
    for id in ("mask-normal",) * normal + OTHER:
        yield _mistake(id, layer)


def _is_multiple(D: Array, U: Array) -> bool:
    """Return True if an array is another one times one number."""
    return np.allclose(D * U.sum(), U * D.sum())


# ------------------------------------------------------------------ the stream


class Draw(NamedTuple):
    """A way to draw the numbers of a mask, and its mistakes.

    `numbers` takes a row and the shape of the student's mask, and returns numbers of that shape. `hint`
    is the variant of `random-stream` with its own words, empty for the plain one.
    """

    numbers: Callable[[CaseValues, tuple[int, ...]], Array]
    ids: tuple[str, ...] = ()
    hint: str = ""


class Keep(NamedTuple):
    """A way to compute a mask from numbers, and its mistakes; `hint` as in `Draw`.

    `mask` takes the numbers U and keep_prob, and returns True for the units that stay, in U's shape.
    """

    mask: Callable[[Array, float], NDArray[np.bool_]]
    ids: tuple[str, ...] = ()
    hint: str = ""


_CACHED_NUMBERS = 10_000
"""The largest number of values of a draw that is kept for the next student."""

UNIFORM, NORMAL = "random_sample", "standard_normal"
"""Methods of `np.random.RandomState`; `rand` and `randn` draw the same numbers."""


def _after(
    *before: tuple[str, str], kind: str = UNIFORM, seed: int | None = SEED
) -> Callable[[CaseValues, tuple[int, ...]], Array]:
    """Return a function that draws numbers after others, from a seed (None: that of the call)."""

    def numbers(row: CaseValues, size: tuple[int, ...]) -> Array:
        draws = (*((earlier, _size(row, array)) for earlier, array in before), (kind, size))
        is_small = math.prod(size) <= _CACHED_NUMBERS
        draw = _last_draw if is_small else _last_draw.__wrapped__
        return draw(row.seed if seed is None else seed, draws)

    return numbers


@functools.lru_cache(maxsize=1024)
def _last_draw(seed: int, draws: tuple[tuple[str, tuple[int, ...]], ...]) -> Array:
    """Return the numbers of the last of several draws after a seed, each a method and a size.

    They are read-only and cached: the masks of a whole class have the same sizes.
    """
    random = np.random.RandomState(seed)
    *earlier, (kind, size) = draws
    for method, other_size in earlier:
        getattr(random, method)(other_size)
    U: Array = getattr(random, kind)(size)
    U.setflags(write=False)
    return U


def _size(row: CaseValues, array: str) -> tuple[int, ...]:
    """Return the size of an earlier draw: that of X, of a layer, or of the student's own D1."""
    if array == "X":
        size: tuple[int, ...] = row["X"].shape
        return size
    return (
        row.got["D1"].shape if array == "own D1" and "D1" in row.got else shape(row, int(array[-1]))
    )


def _generator(row: CaseValues, size: tuple[int, ...], layer: int) -> Array:
    random = np.random.default_rng(SEED)
    if layer == 2:
        random.random(shape(row, 1))
    return random.random(size)


OTHER = ("random-stream",)
"""The mistake of numbers other than the prescribed ones."""
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
    Draw(_after((UNIFORM, "layer 1"))),
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
"""Ways to draw D1 (`FIRST`) and D2 (`SECOND`), likely ones first.

A draw without ids is right, given the draws before it.
"""


def _keeps(public: float) -> tuple[Keep, ...]:
    return (
        Keep(lambda U, keep: U < keep),
        Keep(lambda U, keep: U > keep, ("mask-inverted",)),
        Keep(lambda U, keep: U < public, ("keep-prob-hard-coded",)),
        Keep(lambda U, keep: U < 0.5, ("keep-prob-hard-coded",)),
        Keep(lambda U, keep: U > 0.5, ("keep-prob-hard-coded",)),  # rounding
        Keep(lambda U, keep: U < 1, ("keep-prob-hard-coded",)),  # of normal ones
        Keep(lambda U, keep: U > public, ("mask-inverted", "keep-prob-hard-coded")),
        Keep(lambda U, keep: U < 1 - keep, ("mask-inverted",)),
        Keep(lambda U, keep: U > 1 - keep, OTHER, "random_stream__mirrored"),
        Keep(
            # np.random.binomial(1, keep) computes its mask so.
            lambda U, keep: U > 1 - keep if keep <= 0.5 else U <= keep,
            OTHER,
            "random_stream__binomial",
        ),
    )


def _drawn(rows: tuple[CaseValues, ...], layer: int) -> Iterator[Mistake]:
    """Yield the mistakes in how a mask was drawn.

    If the random stream is known they are exact, otherwise they follow from the share of kept units.
    """
    name = f"D{layer}"
    if all(row.got[name].all() for row in rows):
        if -sum(row.got[name].size * log(row["keep_prob"]) for row in rows) > UNLIKELY:
            yield _mistake("mask-all-ones", layer)
        return
    public = next((row["keep_prob"] for row in rows if row.public), 0.5)
    for draw in FIRST if layer == 1 else SECOND:
        numbers = [draw.numbers(row, row.got[f"D{layer}"].shape) for row in rows]
        keeps = [keep for keep in _keeps(public) if _makes(keep, numbers, rows, layer)]
        if keeps:
            has_two_reasons = keeps[0].hint and (draw.ids or len(keeps) > 1)
            hint = "" if has_two_reasons else keeps[0].hint or draw.hint
            for id in dict.fromkeys((*draw.ids, *keeps[0].ids)):
                yield _mistake(id, layer, hint if id == "random-stream" else "")
            return
    masks = [row.got[name] for row in rows]
    prescribed_draws = [
        _after(*BEFORE[layer])(row, D.shape) for D, row in zip(masks, rows, strict=True)
    ]
    computed = [row[f"Z{layer}"] for row in rows]
    sources = [prescribed_draws, *([computed] * (_shapes(computed) == _shapes(masks)))]
    if not any(are_related(masks, source) for source in sources):
        yield from (_mistake(id, layer) for id in ids_by_share(rows, layer))


def _shapes(arrays: Sequence[Array]) -> list[tuple[int, ...]]:
    return [array.shape for array in arrays]


BEFORE: Mapping[int, tuple[tuple[str, str], ...]] = {1: (), 2: ((UNIFORM, "own D1"),)}
"""The prescribed draws before a mask."""
UNLIKELY = 12.0
"""If -log(probability) is above this, the result is not chance."""


def _makes(keep: Keep, numbers: list[Array], rows: tuple[CaseValues, ...], layer: int) -> bool:
    """Return True if `keep` computes every entry of all masks from these numbers."""
    return all(
        np.array_equal(keep.mask(U, row["keep_prob"]), row.got[f"D{layer}"] > 0)
        for U, row in zip(numbers, rows, strict=True)
    )
