"""What a wrong mask says: its shape, its entries, the stream it was drawn from, the share that it keeps."""

import functools
from collections.abc import Callable, Iterator, Mapping
from math import log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from grader.judging.intermediates import Array, CaseValues, Intermediates
from grader.model import Mistake

from .forward_shares import hang_together, ids_by_share

SEED = 1


def shape(row: CaseValues, layer: int) -> tuple[int, int]:
    """Return the shape of a layer's activations."""
    return len(row.inputs[f"W{layer}"]), row["X"].shape[1]


def prescribed(row: CaseValues, layer: int) -> Array:
    """Return the mask of a layer, drawn as prescribed."""
    random = np.random.RandomState(SEED)
    for number in range(1, layer + 1):
        drawn = random.random_sample(shape(row, number))
    kept: Array = (drawn < row["keep_prob"]).astype(np.float64)
    return kept


# ------------------------------------------------------------------ shape and entries


def masks(evidence: Intermediates, layer: int) -> Iterator[Mistake]:
    """Yield the mistakes in D_l."""
    name = f"D{layer}"
    rows = tuple(row for row in evidence.rows if name in row.got)
    if _is_other(rows, layer):
        return  # nothing was drawn for it: its shape is told
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


_GENERATORS = (
    *("rand", "randn", "random", "random_sample", "ranf", "uniform", "normal", "standard_normal"),
    *("binomial", "choice", "randint", "integers", "ones", "zeros"),
)
DRAWS = tuple(f"{dot}{name}" for name in _GENERATORS for dot in ("", "."))
"""By what the line is known that draws the numbers of a mask, and gives it its shape."""
FRACTION = "0.5"
"""By what the line is known in which any fraction is written."""
_WHERE_DRAWN = {
    *("mask-normal", "mask-shared-by-examples", "mask-shared-by-units", "mask-wrong-shape"),
    "random-stream",
}


def _mistake(id: str, layer: int, hint: str = "") -> Mistake:
    reads = (f"D{3 - layer}", *DRAWS) if id in _WHERE_DRAWN else ()
    if id == "keep-prob-hard-coded":
        reads = (FRACTION, "randint", ".randint")
    if {id, hint} & {"mask-inverted", "random_stream__mirrored"}:  # where it is compared
        reads = ("keep_prob",)
    return Mistake(id, f"D{layer}", f"D{layer}", reads, hint)


def _shape_id(rows: tuple[CaseValues, ...], layer: int) -> str:
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


def _is_other(rows: tuple[CaseValues, ...], layer: int) -> bool:
    """Say whether the other layer's mask, or what it leaves out, stands in the place of this one's."""
    masks = [(row.got[f"D{layer}"], row.got.get(f"D{3 - layer}", np.empty(0))) for row in rows]
    shapes = [shape(row, 3 - layer) for row in rows]
    if [D.shape for D, _ in masks] != shapes or shapes == [shape(row, layer) for row in rows]:
        return False
    same = all(np.array_equal(D, other) for D, other in masks)
    return same or all(np.array_equal(D, 1.0 - other) for D, other in masks)


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


def _raw(rows: tuple[CaseValues, ...], layer: int) -> Iterator[Mistake]:
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

    numbers: Callable[[CaseValues, tuple[int, ...]], Array]
    ids: tuple[str, ...] = ()
    hint: str = ""


class Keep(NamedTuple):
    """One way to make a mask of numbers, and what mistake it is."""

    mask: Callable[[Array, float], NDArray[np.bool_]]
    ids: tuple[str, ...] = ()
    hint: str = ""


UNIFORM, NORMAL = "random_sample", "standard_normal"


def _after(
    *before: tuple[str, str], kind: str = UNIFORM, seed: int | None = SEED
) -> Callable[[CaseValues, tuple[int, ...]], Array]:
    """Return what draws numbers of a kind after others, from a seed (None: the stream of the call)."""

    def numbers(row: CaseValues, size: tuple[int, ...]) -> Array:
        random = np.random.RandomState(row.seed if seed is None else seed)
        for how, what in before:
            getattr(random, how)(_size(row, what))
        drawn: Array = getattr(random, kind)(size)
        return drawn

    return numbers


def _size(row: CaseValues, what: str) -> tuple[int, ...]:
    """Return the size of what was drawn before: X, a layer, or the student's own D1."""
    if what == "X":
        size: tuple[int, ...] = row["X"].shape
        return size
    return (
        row.got["D1"].shape if what == "own D1" and "D1" in row.got else shape(row, int(what[-1]))
    )


def _generator(row: CaseValues, size: tuple[int, ...], layer: int) -> Array:
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
"""Likely ones first; without an id where the numbers are as prescribed, given what was drawn before."""


def _binomial(U: Array, keep: float) -> NDArray[np.bool_]:
    """Return what np.random.binomial(1, keep) makes of the numbers that it draws."""
    return U > 1 - keep if keep <= 0.5 else U <= keep


def _keeps(public: float) -> tuple[Keep, ...]:
    return (
        Keep(lambda U, keep: U < keep),
        Keep(lambda U, keep: U > keep, ("mask-inverted",)),
        Keep(lambda U, keep: U < public, ("keep-prob-hard-coded",)),
        Keep(lambda U, keep: U < 0.5, ("keep-prob-hard-coded",)),
        Keep(lambda U, keep: U > 0.5, ("keep-prob-hard-coded",)),  # what rounding makes
        Keep(lambda U, keep: U < 1, ("keep-prob-hard-coded",)),  # of normal ones
        Keep(lambda U, keep: U > public, ("mask-inverted", "keep-prob-hard-coded")),
        Keep(lambda U, keep: U < 1 - keep, ("mask-inverted",)),
        Keep(lambda U, keep: U > 1 - keep, OTHER, "random_stream__mirrored"),
        Keep(_binomial, OTHER, "random_stream__binomial"),
    )


def _drawn(rows: tuple[CaseValues, ...], layer: int) -> Iterator[Mistake]:
    """Yield what the numbers say of which a mask was made: exactly if the stream is known."""
    if all(row.got[f"D{layer}"].all() for row in rows):
        if _is_no_chance(rows, layer):
            yield _mistake("mask-all-ones", layer)
        return
    public = next((row["keep_prob"] for row in rows if row.public), 0.5)
    for draw in FIRST if layer == 1 else SECOND:
        numbers = [draw.numbers(row, row.got[f"D{layer}"].shape) for row in rows]
        made = [keep for keep in _keeps(public) if _makes(keep, numbers, rows, layer)]
        if made:
            hint = _stream_hint(draw, made)
            for id in dict.fromkeys((*draw.ids, *made[0].ids)):
                yield _mistake(id, layer, hint if id == "random-stream" else "")
            return
    prescribed_draws = [_after(*BEFORE[layer])(row, row.got[f"D{layer}"].shape) for row in rows]
    if not hang_together([row.got[f"D{layer}"] for row in rows], prescribed_draws):
        yield from (_mistake(id, layer) for id in ids_by_share(rows, layer))


BEFORE: Mapping[int, tuple[tuple[str, str], ...]] = {1: (), 2: ((UNIFORM, "own D1"),)}
"""What is drawn before a mask as prescribed."""
UNLIKELY = 12.0
"""How unlikely, as a logarithm, chance must be to make what is said to be no chance."""


def _is_no_chance(rows: tuple[CaseValues, ...], layer: int) -> bool:
    """Say whether masks are too large for chance to drop no unit anywhere."""
    return -sum(row.got[f"D{layer}"].size * log(row["keep_prob"]) for row in rows) > UNLIKELY


def _makes(keep: Keep, numbers: list[Array], rows: tuple[CaseValues, ...], layer: int) -> bool:
    """Say whether masks are made of numbers in one way, each of them in every entry."""
    return all(
        np.array_equal(keep.mask(U, row["keep_prob"]), row.got[f"D{layer}"] > 0)
        for U, row in zip(numbers, rows, strict=True)
    )


def _stream_hint(draw: Draw, made: list[Keep]) -> str:
    """Return the words for a stream that is not the prescribed one, none where there may be two reasons."""
    if made[0].hint and (draw.ids or len(made) > 1):
        return ""
    return made[0].hint or draw.hint
