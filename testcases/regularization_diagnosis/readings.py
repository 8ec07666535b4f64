"""Ways to read a cost: the factors in front of the sum, and the statistics that are summed.

A reading is one formula that a student may have written, right or wrong, with unknown coefficients.
Each of its terms is a column of shape (rows,), and the cost of every row must be the sum of the
columns times the coefficients. There are thousands of readings, so all readings of one form are
solved at once, as an array of shape (readings, rows, columns).
"""

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from grader.judging.compare import agree
from grader.judging.intermediates import Array, CaseValues

WEIGHTS = ("W1", "W2", "W3")
BIASES = ("b1", "b2", "b3")
ALL_BIASES = "b1, b2 and b3"
OUTPUT = ("A3",)
LINE = ("lambd", *WEIGHTS)
"""Names to look for in the line of the penalty."""

Statistic = Callable[[Array], float]
"""Takes a weight matrix and returns what is summed over layers; right is the sum of its squares."""


def inputs(args: tuple[Any, ...]) -> dict[str, Any]:
    """Return the arguments A3 and Y (n_y, m), lambd and the parameters by name."""
    A3, Y, parameters, lambd = args
    return {"A3": A3, "Y": Y, "lambd": lambd, **parameters}


def cross_entropy(row: CaseValues) -> float:
    """Return the cross-entropy, -1 / m * sum of Y log A3 + (1 - Y) log(1 - A3).

    As in the course, terms that are no number (A3 is exactly 0 or 1) are left out.
    """
    A3, Y = row["A3"], row["Y"]
    return float(np.nansum(-np.log(A3) * Y - np.log(1 - A3) * (1 - Y))) / m(row)


def m(row: CaseValues) -> float:
    """Return the number of examples, the columns of Y."""
    return float(row["Y"].shape[1])


def right_cost(row: CaseValues) -> Array:
    """Return the cost with its L2 penalty, a 0-d array.

    It is the cross-entropy + lambd / (2 m) * the sum of all squared weights, without biases.
    """
    squares = sum(float(np.sum(np.square(row[name]))) for name in WEIGHTS)
    return np.array(cross_entropy(row) + row["lambd"] / (2 * m(row)) * squares)


# ------------------------------------------------------------------ factors and statistics


class Factor(NamedTuple):
    """A factor in front of the sum: its value in a row without lambd, and its mistakes, joined by `+`."""

    per: Callable[[CaseValues], float]
    id: str = ""


FACTORS = (
    Factor(lambda row: 1 / (2 * m(row))),
    Factor(lambda row: 1 / 2, "l2-not-averaged"),
    Factor(lambda row: m(row) / 2, "l2-multiplied-by-m"),
    Factor(lambda row: m(row) ** 2 / 2, "l2-not-averaged+l2-multiplied-by-m"),
    Factor(lambda row: 1 / (2 * row["Y"].shape[0]), "m-wrong-axis"),
    Factor(lambda row: 1 / (2 * row["Y"].size), "m-wrong-axis"),
    Factor(lambda row: 1 / (2 * row["W1"].shape[0]), "m-wrong-axis"),
    Factor(lambda row: 1 / (2 * row["W1"].shape[1]), "m-wrong-axis"),
    Factor(lambda row: row["Y"].shape[0] / 2, "m-wrong-axis+l2-multiplied-by-m"),
)
"""All with the right 1/2. If it is missing, all coefficients are doubled."""

STATISTICS: tuple[tuple[Statistic, str], ...] = (
    (lambda W: float(np.sum(W * W)), ""),
    (lambda W: float(np.sqrt(np.sum(W * W))), "l2-not-squared"),
    (lambda W: float(np.sum(W)), "l2-not-squared"),
    (lambda W: float(np.sum(W)) ** 2, "l2-square-of-sum"),
    (lambda W: float(np.mean(W * W)), "l2-mean-instead-of-sum"),
    (lambda W: float(np.sum(np.abs(W))), "l1-instead-of-l2"),
    (lambda W: float(np.sum(W @ W.T)), "l2-matrix-product"),
    (lambda W: float(np.sum(W.T @ W)), "l2-matrix-product"),
    (lambda W: float(np.linalg.norm(W, 2)), "l2-not-squared"),
    (
        lambda W: float(np.sqrt(np.sum(W * W))) / W.size,
        "l2-not-squared+l2-mean-instead-of-sum",
    ),
    (lambda W: float(np.sum(W)) ** 2 / W.size, "l2-square-of-sum+l2-mean-instead-of-sum"),
)
"""The sums that students write for a matrix, the right one first, and the mistakes of each."""

KINDS = tuple(kind for _, kind in STATISTICS)

Joint = Callable[[tuple[Array, ...]], float]
"""Takes all weight matrices and returns one number."""

JOINT: tuple[tuple[Joint, str], ...] = (
    (lambda Ws: float(np.sqrt(sum(np.sum(W * W) for W in Ws))), "l2-not-squared"),
    (lambda Ws: float(sum(np.sum(W) for W in Ws)) ** 2, "l2-square-of-sum"),
    (lambda Ws: float(sum(np.linalg.norm(W) for W in Ws)) ** 2, "l2-square-of-sum"),
    (
        lambda Ws: float(sum(np.sum(W * W) for W in Ws)) / sum(W.size for W in Ws),
        "l2-mean-instead-of-sum",
    ),
)
"""Statistics of the three matrices together, which no sum over layers gives."""


class Reading(NamedTuple):
    """One way to read a cost: the terms of the sum, and the mistakes that they are.

    `entropy` is the first term: the cross-entropy averaged (`entropy`), not averaged (`total`), or
    divided by the same wrong size as the penalty (`resized`). `names` are those of the other terms:
    an array, `all` for a joint statistic, or `loose W1` for a sum without the factor in front.
    """

    entropy: str
    names: tuple[str, ...]
    ids: tuple[str, ...]


class Readings(NamedTuple):
    """Many readings of one form, and the values of their terms, of shape (readings, rows, columns)."""

    readings: list[Reading]
    columns: Array


# ------------------------------------------------------------------ in front of the sum

STRENGTHS: tuple[tuple[str, Callable[[float], float]], ...] = (
    ("", lambda lambd: lambd),
    ("l2-lambda-ignored", lambda lambd: 1.0),
    ("l2-divided-by-lambda", lambda lambd: 1 / lambd if lambd else 0.0),
)
"""The mistake of each use of lambd in the factor, and its value."""


class Fronts(NamedTuple):
    """Factors in front of the sum, the sizes in the place of 1 / m, and the mistakes of each.

    `values` and `sizes` have the shape (fronts, rows).
    """

    values: Array
    sizes: Array
    ids: list[tuple[str, ...]]


def _fronts(rows: tuple[CaseValues, ...]) -> Fronts:
    values, sizes, ids = [], [], []
    for strength_id, strength in STRENGTHS:
        for factor, factor_id in FACTORS:
            per = np.array([factor(row) for row in rows])
            values.append(per * np.array([strength(row["lambd"]) for row in rows]))
            sizes.append(2 * per)
            ids.append(_split(f"{factor_id}+{strength_id}"))
    return Fronts(np.array(values), np.array(sizes), ids)


@functools.cache
def _split(ids: str) -> tuple[str, ...]:
    return tuple(filter(None, ids.split("+")))


# ------------------------------------------------------------------ all readings


class _Form(NamedTuple):
    """Readings with their normal equations: `unit` columns, and `products` of these with each other.

    `usable` is True for readings without a column of zeros.
    """

    readings: list[Reading]
    columns: Array
    unit: Array
    products: Array
    usable: NDArray[np.bool_]


def _form(readings: Readings) -> _Form:
    columns = readings.columns
    norms = np.linalg.norm(columns, axis=1, keepdims=True)
    unit = columns / np.where(norms > 0, norms, 1.0)
    ridge = 1e-13 * np.eye(columns.shape[2])
    products = np.swapaxes(unit, 1, 2) @ unit + ridge
    return _Form(readings.readings, columns, unit, products, (norms[:, 0] > 0).all(axis=1))


class _Rows:
    """Rows of values. They are equal if their cases are: a reading takes only arguments of a call."""

    def __init__(self, rows: tuple[CaseValues, ...]) -> None:
        self.rows = rows
        self._cases = tuple(id(row.case) for row in rows)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Rows) and self._cases == other._cases

    def __hash__(self) -> int:
        return hash(self._cases)


@functools.lru_cache(maxsize=4)
def _forms(rows: _Rows) -> tuple[_Form, ...]:
    """Return all readings that have fewer columns than rows, prepared once for all functions."""
    return tuple(
        _form(readings)
        for readings in _families(rows.rows)
        if readings.columns.shape[1] > readings.columns.shape[2]
    )


def _families(rows: tuple[CaseValues, ...]) -> Iterator[Readings]:
    """Yield all readings, the likely ones first."""
    fronts = _fronts(rows)
    sums = _Sums(rows)
    weights = sums.of(WEIGHTS)
    joint = np.array([[[of(tuple(r[n] for n in WEIGHTS))] for r in rows] for of, _ in JOINT])
    for entropy in ("entropy", "resized", "total"):
        yield _family(rows, fronts, (entropy, *WEIGHTS), weights)
    yield _family(rows, fronts, ("entropy", "all"), joint, kinds=[id for _, id in JOINT])
    for entropy in ("entropy", "total"):
        yield _family(rows, fronts, (entropy, *WEIGHTS, *BIASES), sums.of(WEIGHTS + BIASES))
        yield _family(rows, fronts, (entropy, *WEIGHTS, *OUTPUT), sums.of(WEIGHTS + OUTPUT))
    loose = [_loose_family(rows, fronts, weights, entropy) for entropy in ("entropy", "total")]
    yield from loose
    yield _beside(loose[0], fronts, np.sum(sums.of(BIASES), axis=-1, keepdims=True))


class _Sums:
    """Every statistic of the arrays in some rows, computed once for each array."""

    def __init__(self, rows: tuple[CaseValues, ...]) -> None:
        self._rows = rows
        self._cache: dict[str, Array] = {}

    def of(self, names: tuple[str, ...]) -> Array:
        """Return the statistics of some arrays, of shape (statistics, rows, names)."""
        return np.stack([self._one(name) for name in names], axis=-1)

    def _one(self, name: str) -> Array:
        if name not in self._cache:
            arrays = [np.asarray(row[name], dtype=np.float64) for row in self._rows]
            self._cache[name] = np.array([[of(W) for W in arrays] for of, _ in STATISTICS])
        return self._cache[name]


def _entropies(rows: tuple[CaseValues, ...], fronts: Fronts, kind: str) -> Array:
    entropy = np.array([cross_entropy(row) for row in rows])
    if kind == "entropy":
        return np.broadcast_to(entropy, fronts.values.shape)
    total = entropy * np.array([m(row) for row in rows])
    summed: Array = total * (fronts.sizes if kind == "resized" else np.ones(fronts.sizes.shape))
    return summed


def _family(
    rows: tuple[CaseValues, ...],
    fronts: Fronts,
    names: tuple[str, ...],
    sums: Array,
    *,
    kinds: Sequence[str] = KINDS,
) -> Readings:
    """Return the readings for every statistic and every front."""
    scaled = sums[:, None] * fronts.values[None, :, :, None]
    first = np.broadcast_to(
        _entropies(rows, fronts, names[0])[None, ..., None], scaled[..., :1].shape
    )
    columns = np.concatenate([first, scaled], axis=-1)
    readings = [
        Reading(names[0], names[1:], (*ids, *_split(kind))) for kind in kinds for ids in fronts.ids
    ]
    return Readings(readings, columns.reshape(-1, *columns.shape[2:]))


def _loose_family(
    rows: tuple[CaseValues, ...], fronts: Fronts, sums: Array, entropy: str
) -> Readings:
    """Return the readings in which each sum may have its factor or not."""
    names = (*WEIGHTS, *(f"loose {name}" for name in WEIGHTS))
    scaled = _family(rows, fronts, (entropy, *WEIGHTS), sums)
    loose = np.repeat(sums, len(fronts.ids), axis=0)
    readings = [reading._replace(names=names) for reading in scaled.readings]
    return Readings(readings, np.concatenate([scaled.columns, loose], axis=-1))


def _beside(loose: Readings, fronts: Fronts, biases: Array) -> Readings:
    """Return readings with all biases in one further sum: with three, there are too few rows to solve."""
    scaled = biases[:, None] * fronts.values[None, :, :, None]
    columns = np.concatenate([loose.columns, scaled.reshape(-1, *scaled.shape[2:])], axis=-1)
    readings = [reading._replace(names=(*reading.names, ALL_BIASES)) for reading in loose.readings]
    return Readings(readings, columns)


# ------------------------------------------------------------------ solving


def fitting(rows: tuple[CaseValues, ...], cost: Array) -> Iterator[tuple[Reading, Array]]:
    """Yield the readings that leave no residual, with their coefficients.

    `cost` has the shape (rows,), the coefficients have (columns,). A form with as many columns as rows
    or more is skipped, because it would fit any cost. First all readings of a form are solved roughly at
    once, then those that come near are solved one by one, to a relative error of 1e-7.
    """
    for form in _forms(_Rows(rows)):
        for index in np.flatnonzero(_nearly(form, cost)):
            coefficients = _solved(form.columns[index], cost)
            if coefficients is not None:
                yield form.readings[index], coefficients


def _nearly(form: _Form, cost: Array) -> NDArray[np.bool_]:
    """Return for each reading whether it may fit, by the normal equations: fast, to a few digits."""
    turned = np.swapaxes(form.unit, 1, 2)
    solutions = np.linalg.solve(form.products, (turned @ cost)[..., None])
    gap = np.abs((form.unit @ solutions)[..., 0] - cost)
    near: NDArray[np.bool_] = (gap <= 1e-3 * np.max(np.abs(cost))).all(axis=1)
    may_fit: NDArray[np.bool_] = near & form.usable
    return may_fit


def _solved(columns: Array, cost: Array) -> Array | None:
    """Return the coefficients that explain the cost in every row, or None."""
    largest = np.max(np.abs(cost))
    if largest and not 1e-150 < largest < 1e150:  # NaN is not, either
        return None
    norms = np.linalg.norm(columns, axis=0)
    unit = columns / norms
    solution, _, rank, _ = np.linalg.lstsq(unit, cost, rcond=1e-9)
    if rank < columns.shape[1] or not agree(cost, unit @ solution, rtol=1e-7, atol=1e-9):
        return None
    small = np.abs(solution) < 1e-6 * np.max(np.abs(solution))
    return np.where(small, 0.0, solution / norms)
