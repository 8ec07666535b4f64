"""Explain wrong gradients of weights and biases: by which factors they are off.

dW_l = a * dZ_l A_(l-1)^T + b * p(W_l). The right gradient has a = 1 / m, b = lambd / m and p(W) = W.
a and b are solved for in every row, and the law that they follow from row to row names the mistake.
"""

import itertools
from collections.abc import Callable, Iterator

import numpy as np

from grader.diagnosis.fitting import (
    FEWEST_MEASURED,
    TOLERANCE,
    close,
    factors_of,
    first_fit,
    is_count,
    is_simple,
    share,
    shares,
)
from grader.judging.intermediates import Array, CaseValues, Intermediates
from grader.model import Mistake

from .chain import BEFORE, data, examples, summed

FEWEST_EXAMPLES = 2.5
"""Any number in the place of m is larger. A smaller one is a wrong factor."""
MULTIPLIED = "grad-l2-multiplied-by-m"
SUMMED = "grad_l2_not_derived__summed"
FLOORED = "grad_l2_term_missing__integer_division"
NOT_AVERAGED, IGNORED = "grad-l2-not-averaged", "grad-l2-lambda-ignored"


def _sizes(intermediates: Intermediates) -> list[tuple[tuple[str, ...], Array]]:
    """Return the laws in the place of 1 / m, first that of m itself."""
    sizes: tuple[tuple[str, Callable[[CaseValues], float]], ...] = (
        ("", examples),
        ("none", lambda row: 1.0),
        ("m-wrong-axis", lambda row: row["X"].shape[0]),
        ("m-wrong-axis", lambda row: row["Y"].shape[0]),
        ("m-wrong-axis", lambda row: row["Y"].size),
        ("m-wrong-axis", lambda row: row["X"].size),
        ("m-wrong-axis", lambda row: row["W1"].shape[0]),
    )
    return [((name,) if name else (), 1 / intermediates.per_row(size)) for name, size in sizes]


def _data_ids(intermediates: Intermediates, factors: Array) -> tuple[str, ...] | None:
    """Return the mistakes in the factor of the data's part, or None for an odd one."""
    match = first_fit(factors, _sizes(intermediates))
    if match is None:
        return None
    name, constant = match
    if constant == 0:
        return ("grad-data-term-missing",)
    if name == ("none",):
        hard_coded = ("m-hard-coded",) if is_count(1 / constant) else None
        return ("grad-data-not-averaged",) if close(constant, 1) else hard_coded
    return name if close(constant, 1) else None


def _l2_ids(intermediates: Intermediates, factors: Array, layer: int) -> tuple[str, ...] | None:
    """Return the mistakes in the factor of the L2 term, or None for an odd one."""
    match = first_fit(factors, _l2_laws(intermediates, layer))
    if match is None:
        return None
    form, constant = match
    if constant == 0:
        return ("grad-l2-term-missing",)
    public = intermediates.first_public_row() or intermediates.rows[0]
    tables: list[dict[float, tuple[str, ...]]] = [
        {1.0: (), 0.5: ("grad-l2-halved",), 2.0: ("grad-l2-doubled",)},
        {1.0: (), -1.0: ("grad-l2-subtracted",)},
    ]
    if IGNORED in form:
        tables.append({1.0: (IGNORED,), public["lambd"]: ("lambda-hard-coded",)})
    if NOT_AVERAGED in form:
        tables.append({1.0: (NOT_AVERAGED,), 1 / examples(public): ("m-hard-coded",)})
        tables[-1][examples(public)] = ("m-hard-coded", MULTIPLIED)
    factor_ids = factors_of(constant, *tables)
    if factor_ids is None:
        factor_ids = _fixed_number(form, constant)
    rest = (id for id in form if id not in (IGNORED, NOT_AVERAGED))
    return (*factor_ids, *rest)


def _fixed_number(form: tuple[str, ...], constant: float) -> tuple[str, ...]:
    """Return the mistake where a fixed number is in the place of lambd or of m."""
    ignored, not_averaged = IGNORED in form, NOT_AVERAGED in form
    if ignored and not not_averaged:
        return (IGNORED if is_simple(constant) else "lambda-hard-coded",)
    if not_averaged and not ignored and is_count(1 / constant) and 1 / constant > FEWEST_EXAMPLES:
        return ("m-hard-coded",)
    return (*form, "grad-l2-wrong-factor") if ignored or not_averaged else ("grad-l2-wrong-factor",)


def _l2_laws(intermediates: Intermediates, layer: int) -> Iterator[tuple[tuple[str, ...], Array]]:
    """Yield the laws of the factor in front of the L2 term, by the mistakes of each."""
    lambd = intermediates.per_row(lambda row: row["lambd"])
    weights = intermediates.per_row(lambda row: 1 / row[f"W{layer}"].size)
    norms = intermediates.per_row(lambda row: 1 / float(np.linalg.norm(row[f"W{layer}"])))
    (_, m), (_, constant), *sizes = _sizes(intermediates)
    places = [
        ((), m),
        ((NOT_AVERAGED,), constant),
        (("grad-l2-divided-by-size",), weights),
        (("grad-l2-divided-by-size",), weights * m),
        (("grad-l2-divided-by-size",), weights / m),
        (("grad-l2-divided-by-size", MULTIPLIED), weights / m**2),
        ((MULTIPLIED,), 1 / m),
        ((NOT_AVERAGED, MULTIPLIED), 1 / m**2),
        (("grad-l2-not-derived",), norms * m),
        *sizes,
        *(((*ids, MULTIPLIED), 1 / size) for ids, size in sizes),
    ]
    for ids, place in places:
        yield ids, lambd * place
    for ids, place in places:
        yield (IGNORED, *ids), place


PENALTIES: tuple[tuple[str, str, Callable[[Array], Array]], ...] = (
    ("", "", lambda W: W),
    ("grad-l1-instead-of-l2", "", np.sign),
    ("grad-l2-not-derived", "", np.square),
    ("grad-l2-not-derived", "", lambda W: np.full(W.shape, np.sum(W * W) / 2)),
    ("grad-l2-not-derived", "", lambda W: np.full(W.shape, np.sum(np.abs(W)))),
    ("grad-l2-not-derived", SUMMED, lambda W: np.full(W.shape, np.sum(W))),
)
"""The term in the place of W, the mistake that it is, and its variant if that has its own words."""


def weights(intermediates: Intermediates, layer: int) -> Iterator[Mistake]:
    """Yield the mistakes in dW_l of the function with an L2 term, (n_l, n_(l-1)).

    Those of the first array in the place of A_(l-1) and the first penalty whose factors follow a law.
    """
    name, reads = f"dW{layer}", ("lambd", f"W{layer}", f"dZ{layer}")
    for (source_id, source), (id, hint, penalty) in itertools.product(_sources(layer), PENALTIES):
        factors = _both(intermediates, layer, source, penalty)
        first = None if factors is None else _data_ids(intermediates, factors[0])
        if (
            factors is not None
            and first is not None
            and not id
            and _is_floored(intermediates, factors[1])
        ):
            yield from (Mistake(i, name, name, reads) for i in (source_id, *first) if i)
            yield Mistake("grad-l2-term-missing", name, name, reads, FLOORED)
            return
        l2 = None if factors is None or first is None else _l2_ids(intermediates, factors[1], layer)
        if first is not None and l2 is not None:
            form = () if "grad-l2-term-missing" in l2 else (id,)
            if "m-hard-coded" in first and "grad-l2-wrong-factor" in l2:
                l2 = tuple(i for i in l2 if i != NOT_AVERAGED)  # it may be divided by that m
            if id == "grad-l2-not-derived":  # its factor is our own choice
                l2 = tuple(i for i in l2 if i not in ("grad-l2-halved", "grad-l2-doubled"))
            ids = dict.fromkeys(filter(None, (source_id, *first, *l2, *form)))
            yield from (Mistake(i, name, name, reads, hint if i == id else "") for i in ids)
            return


def _is_floored(intermediates: Intermediates, factors: Array) -> bool:
    """Return True if the factor of the L2 term is lambd // m, and not 0 in every row."""
    floored = np.floor(intermediates.per_row(lambda row: row["lambd"] / examples(row)))
    present = np.isfinite(factors)
    near = np.abs(factors - floored)[present] <= TOLERANCE
    return bool(present.sum() >= FEWEST_MEASURED and near.all() and floored[present].any())


def _sources(layer: int) -> Iterator[tuple[str, str]]:
    """Yield the arrays that dZ_l may be multiplied by, and the mistake of each."""
    yield "", BEFORE[layer]
    if layer > 1:
        yield "cache-order", f"Z{layer - 1}"


def _both(
    intermediates: Intermediates, layer: int, source: str, penalty: Callable[[Array], Array]
) -> tuple[Array, Array] | None:
    """Return the factors, each of shape (rows,), by which dW_l is a sum of two parts, or None."""
    pairs = []
    for row in intermediates.rows:
        from_data = row[f"dZ{layer}"] @ row[source].T
        pair = shares(row[f"dW{layer}"], from_data, penalty(row[f"W{layer}"]))
        if pair is None:
            return None
        pairs.append(pair)
    first, second = np.array(pairs, dtype=float).T
    return first, second


def averages(intermediates: Intermediates, name: str, layer: int) -> Iterator[Mistake]:
    """Yield the mistakes in an average over examples: in db_l, and in dW_l without an L2 term.

    `name` is db_l or dW_l.
    """
    public = intermediates.first_public_row() or intermediates.rows[0]
    fixed = (("m-hard-coded",), np.full(len(intermediates.rows), 1 / examples(public)))
    for ids, sizes in (*_sizes(intermediates), fixed):
        rest = [
            _rest(row, name, size, layer)
            for row, size in zip(intermediates.rows, sizes, strict=True)
        ]
        if not any(part.any() for part in rest):
            names = ("grad-data-not-averaged",) if ids == ("none",) else ids
            yield from (Mistake(id, name, name, (f"dZ{layer}",)) for id in names)
            return
        if name.startswith("db") and "lambd" in intermediates.rows[0].inputs:
            biases = zip(rest, intermediates.rows, strict=True)
            factors = [share(part, row[f"b{layer}"]) for part, row in biases]
            if (
                None not in factors
                and _l2_ids(intermediates, np.array(factors, float), layer) is not None
            ):
                yield Mistake("grad-l2-on-biases", name, name, (f"b{layer}",))
                return


def _rest(row: CaseValues, name: str, size: float, layer: int) -> Array:
    """Return a gradient without the sum over examples times a size; rounding counts as 0."""
    own = row[name]
    total = summed(row, layer) if name.startswith("db") else data(row, layer)
    rest: Array = own - size * total
    return np.where(np.abs(rest) <= 1e-8 * np.max(np.abs(own)), 0.0, rest)
