"""Compare published figures with the values of the reference, to as many decimals as they have."""

from __future__ import annotations

import re

import numpy as np

from grader import assignments
from grader.judging.compare import numbers
from grader.model import Assignment, Value

RTOL = 1e-9
"""Relative tolerance for figures of full precision, and for those of few decimals."""

_FEW_DECIMALS, _FULL_PRECISION = 4, 15
_ROUNDING = 1e-12
_LINE = "\n"


def fault(assignment: Assignment, quantity: str, published: Value, value: Value) -> str:
    """Return a sentence about the first published figure that the reference does not give, or "".

    Figures are compared to their decimals, of an array to the most that one has, if these are at least 4
    and the figures are rounded. All others may differ by `RTOL` of the value.
    """
    if value is None:
        path = assignments.place(assignment.files.testcases)
        return f"{path}: {quantity} is published, but the reference does not return it"
    want, got = numbers(published), numbers(value)
    if want is None or got is None or want.shape != got.shape:
        path = assignments.place(assignment.files.testcases)
        return f"{path}: {quantity} is {_form(want)}, the reference gives {_form(got)}"
    decimals = max(map(_decimals, want.ravel().tolist()), default=0)
    digits = max(map(_digits, want.ravel().tolist()), default=0)
    is_rounded = decimals >= _FEW_DECIMALS and digits < _FULL_PRECISION
    allowed = 0.5 * 10.0**-decimals * (1 + RTOL) if is_rounded else 0.0
    wrong = ~(np.abs(want - got) <= np.maximum(allowed, RTOL * np.abs(got) + _ROUNDING))
    if not wrong.any():
        return ""
    index = tuple(map(int, np.argwhere(wrong)[0]))
    figure = float(want[index])
    rule = (
        f"the figure has {decimals} decimals and is compared to {decimals}"
        if is_rounded
        else f"they may differ by {RTOL:g} of the value"
    )
    at = f"{list(index)} of " if index else ""
    return (
        f"{_place(assignment, figure)}: {at}{quantity} is {figure!r}, the reference gives "
        f"{float(got[index])!r}: {rule}"
    )


def _place(assignment: Assignment, figure: float) -> str:
    """Return the file of the test cases that has a published figure, and its line if there is one only."""
    path = assignment.files.testcases
    forms = "|".join(re.escape(form) for form in sorted({repr(figure), f"{figure:g}"}))
    for file in (path, *sorted(path.parent.glob(f"{path.stem}_*.json"))):
        text = file.read_text("utf-8")
        matches = [*re.finditer(rf"(?<![\w.])(?:{forms})(?![\w.])", text)]
        if len(matches) == 1:
            line = text[: matches[0].start()].count(_LINE) + 1
            return f"{assignments.place(file)}, line {line}"
    return assignments.place(path)


def _form(array: np.ndarray | None) -> str:
    return (
        "not numeric" if array is None else f"of shape {array.shape}" if array.shape else "a number"
    )


def _decimals(figure: float) -> int:
    """Return the number of decimals of a figure as Python prints it: 0.25 has two."""
    mantissa, _, exponent = repr(figure).partition("e")
    fraction = mantissa.partition(".")[2].rstrip("0")
    return max(0, len(fraction) - int(exponent or 0))


def _digits(figure: float) -> int:
    """Return the number of significant digits of a figure as Python prints it."""
    return len(repr(figure).partition("e")[0].replace(".", "").lstrip("-0"))
