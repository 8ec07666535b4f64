"""Explain a wrong cost: it is linear in the cross-entropy and in one number per weight matrix.

cost = a * cross_entropy + factor(lambd, m) * (c1 s(W1) + c2 s(W2) + c3 s(W3) + ...). The right cost has
a = c1 = c2 = c3 = 1, s(W) = sum of W^2 and factor = lambd / (2 m). For every factor and every statistic
s that students use by mistake, a and c are solved for over all rows by least squares. The first pair
that leaves no residual is the one in the student's code; a and c show further mistakes, such as a
missing layer (c1 = 0).
"""

from collections.abc import Iterator, Mapping

import numpy as np

from grader.diagnosis.fitting import TOLERANCE, close, factors_of, is_count, is_simple
from grader.judging.intermediates import Array, CaseValues, Intermediates
from grader.model import Mistake

from .readings import ALL_BIASES, BIASES, LINE, OUTPUT, WEIGHTS, Reading, cross_entropy, fitting, m

FEWEST_ROWS = 4
MISSING = "l2-term-missing"
DROPPED = "l2_term_missing__fraction_dropped"
_NOTHING: tuple[str, ...] = ()
FEWEST_EXAMPLES = 2.5
"""A number in the place of m that is smaller than this is a wrong factor."""
FEW = 3
"""The most mistakes that one reading may have, unless every reading has more."""


def _named(reading: Reading, coefficients: Array, row: CaseValues) -> tuple[Mistake, ...] | None:
    """Return the mistakes of a reading with its coefficients, or None for odd coefficients."""
    entropy = float(coefficients[0])
    parts = dict(zip(reading.names, coefficients[1:].tolist(), strict=True))
    scaled = [c for name, c in parts.items() if c and not name.startswith("loose")]
    scale, front = 1.0, _NOTHING
    if scaled:
        unit = _unit(reading, scaled, row)
        if unit is None:
            return None
        scale, front = unit
        if "l2-not-squared" in reading.ids:
            front = tuple(id for id in front if id != "l2-not-halved")  # the 2 may come from W * 2
        if len(scaled) == 1 and len(scaled) < sum(map(bool, parts.values())):
            front = tuple(id for id in front if id != "l2-not-halved")  # or the layer counts twice
    first = _entropy_ids(reading, entropy, front)
    if first is None:
        return None
    if not any(parts.values()):
        front = (MISSING,)
    rest = _shares(parts, scale)
    ids = (Mistake(id, "cost", reads=LINE) for id in (*first, *front))
    return None if rest is None else (*ids, *rest)


def _entropy_ids(reading: Reading, share: float, front: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the mistakes in the part of the cross-entropy, or None for an odd one."""
    if abs(share) < 1e-6:
        return ("cross-entropy-missing",) if reading.entropy == "entropy" else None
    if reading.entropy == "total" and "m-hard-coded" in front and is_count(1 / share):
        return ()
    doubled = ("cross-entropy-doubled",) if close(share, 2) else ()
    if not doubled and not close(share, 1):
        return None
    if reading.entropy == "resized":
        return doubled if "m-wrong-axis" in front else None
    return doubled if reading.entropy == "entropy" else ("cross-entropy-not-averaged", *doubled)


def _unit(
    reading: Reading, shares: list[float], row: CaseValues
) -> tuple[float, tuple[str, ...]] | None:
    """Return the unit in which shares are whole numbers, and the mistakes in the factor in front."""
    candidates = []
    units = dict.fromkeys(shares)
    if len(shares) == 1 and set(WEIGHTS) <= set(reading.names):
        units[shares[0] / len(WEIGHTS)] = None  # a loop that adds the same matrix in every pass
    for unit in units:
        counts = [share / unit for share in shares]
        if all(abs(c - round(c)) < 1e-6 and 1 <= round(c) <= 3 for c in counts):
            ids = _front_ids(reading, unit, row)
            repeated = any(round(c) > 1 for c in counts)
            candidates.append((len(ids) + repeated, unit, ids))
    return min(candidates)[1:] if candidates else None


def _front_ids(reading: Reading, unit: float, row: CaseValues) -> tuple[str, ...]:
    """Return the mistakes of a factor: of its form, and of the constant that it is off by."""
    tables: list[dict[float, tuple[str, ...]]] = [
        {1.0: (), 2.0: ("l2-not-halved",)},
        {1.0: (), -1.0: ("l2-subtracted",)},
    ]
    ids = [id for id in reading.ids if id not in ("l2-lambda-ignored", "l2-not-averaged")]
    if "l2-lambda-ignored" in reading.ids:
        tables.append({1.0: ("l2-lambda-ignored",), row["lambd"]: ("lambda-hard-coded",)})
    if "l2-not-averaged" in reading.ids:
        tables.append({1.0: ("l2-not-averaged",), 1 / m(row): ("m-hard-coded",)})
        tables[-1][m(row)] = ("m-hard-coded", "l2-multiplied-by-m")
    factors = factors_of(unit, *tables)
    if factors is None:
        factors = _fixed_number(reading.ids, unit)
    return (*factors, *ids)


def _fixed_number(ids: tuple[str, ...], unit: float) -> tuple[str, ...]:
    """Return the mistakes where a fixed number is in the place of m, of lambd, or of 1/2."""
    sign = () if unit > 0 else ("l2-subtracted",)
    ignored, not_averaged = "l2-lambda-ignored" in ids, "l2-not-averaged" in ids
    if ignored and not_averaged:
        return ("l2-lambda-ignored", "l2-not-averaged", "l2-wrong-factor", *sign)
    if ignored:
        return ("l2-lambda-ignored" if is_simple(unit) else "lambda-hard-coded", *sign)
    if not_averaged:
        if is_count(1 / abs(unit)) and 1 / abs(unit) > FEWEST_EXAMPLES:
            return ("m-hard-coded", *sign)
        return ("l2-not-averaged", "l2-wrong-factor", *sign)
    return ("l2-wrong-factor", *sign)


def _shares(parts: Mapping[str, float], unit: float) -> tuple[Mistake, ...] | None:
    """Return the mistakes in the shares of single arrays, or None for unlikely shares."""
    mistakes = []
    weights = any(parts.get(name) for name in ("all", *WEIGHTS, *BIASES, ALL_BIASES))
    for name, share in parts.items():
        loose = parts.get(f"loose {name}", 0.0)
        if loose and (share or not close(abs(loose), 1)):
            return None
        if share and name.startswith("loose"):
            mistakes.append(("l2-factor-misplaced", name.removeprefix("loose ")))
        elif share and name in (*BIASES, ALL_BIASES, *OUTPUT):
            mistakes.append(("l2-on-activations" if name in OUTPUT else "l2-on-biases", name))
        elif name in WEIGHTS and round(share / unit) > 1:
            mistakes.append(("l2-layer-repeated", name))
        elif name in WEIGHTS and not share and not loose and weights:
            mistakes.append(("l2-layer-missing", name))
    return tuple(Mistake(id, "cost", name, LINE) for id, name in mistakes)


# ------------------------------------------------------------------ rounding


def _is_rounded(rows: tuple[CaseValues, ...], cost: Array) -> bool:
    """Return True if the penalty, or m times it, is a whole number in every row, but not the same.

    Real weights give no whole numbers. Rounding does, with any other mistake.
    """
    penalty = cost - np.array([cross_entropy(row) for row in rows])
    for scale in (1.0, np.array([m(row) for row in rows])):
        rounded = np.round(penalty * scale)
        if np.ptp(rounded) and (np.abs(penalty * scale - rounded) <= TOLERANCE).all():
            return bool(np.ptp(penalty) > TOLERANCE)
    return False


# ------------------------------------------------------------------ all mistakes


def explain(intermediates: Intermediates) -> Iterator[Mistake]:
    """Yield the mistakes of the first reading without a residual, if possible one of few mistakes.

    Yields nothing if the cost is right, or if fewer than `FEWEST_ROWS` rows have a finite one.
    """
    rows = intermediates.finite("cost").rows
    if "cost" not in intermediates.wrong or len(rows) < FEWEST_ROWS:
        return
    cost = np.array([float(row.got["cost"]) for row in rows])
    if _is_rounded(rows, cost):
        yield Mistake(MISSING, "cost", reads=LINE, hint=DROPPED)
        return
    published = next((row for row in rows if row.public), rows[0])
    many: tuple[Mistake, ...] = ()
    for reading, coefficients in fitting(rows, cost):
        mistakes = _named(reading, coefficients, published) or ()
        if mistakes and len({mistake.id for mistake in mistakes}) <= FEW:
            yield from mistakes
            return
        many = many or mistakes
    yield from many
