"""Labelled submissions of the other assignments: their solved notebooks, each with one change.

`load_siblings()` returns all. A change replaces what matches a pattern in the cell of one function.
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import jupytext

from tests import ROOT
from tests.submissions.corpus import Cell, Labelled, notebook

ZEROS, RANDOM, HE = (f"initialize_parameters_{kind}" for kind in ("zeros", "random", "he"))
ONE, MANY = "gradient_check", "gradient_check_n"
SEED = "np.random.seed(3)\n"
LOOP = r"for l in range\(1, L\):\n"
SIZES = r"layers_dims(?=\[)|(?<=len\()layers_dims"

_MARKS = re.compile(r"^ *### (?:(?:BEGIN|END) SOLUTION|PLACEHOLDER.*)\n", re.MULTILINE)


class Change(NamedTuple):
    """A change of a solved notebook: the function and its status, diagnoses, pattern and text."""

    name: str
    function: str
    status: str
    diagnosis: str
    pattern: str
    text: str


CHANGES = {
    "initialization": (
        Change("no-seed", RANDOM, "failed", "seed-missing", re.escape(SEED), "\n"),
        Change("seed-in-loop", RANDOM, "partial", "seed-in-loop", LOOP, rf"\g<0>        {SEED}"),
        Change("other-seed", HE, "failed", "other-random-numbers", r"seed\(3", "seed(7"),
        Change("biases-drawn", HE, "failed", "biases-drawn", r"zeros\(", "random.normal(size="),
        Change("flat-biases", ZEROS, "failed", "biases-flat", r"\(\((.*), 1\)\)", r"(\1)"),
        Change("times-30", RANDOM, "failed", "wrong-scale", r"\* 10", "* 30"),
        Change("small", RANDOM, "failed", "scale-small", r"\* 10", "* 0.01"),
        Change("own-layer", HE, "failed", "size-of-own-layer", r" - 1\]\)\n", "])\n"),
        Change("xavier", HE, "failed", "scale-of-xavier", r"sqrt\(2", "sqrt(1"),
        Change("cube-root", HE, "failed", "repair-function", r"sqrt\(", "cbrt("),
        Change(
            "drawn-large",
            RANDOM,
            "failed",
            "biases-drawn",
            r"zeros\(\((.*)\)\)",
            r"random.randn(\1) * 10",
        ),
        Change(
            "drawn-scaled",
            HE,
            "failed",
            "biases-drawn",
            r"zeros\(\((.*)\)\)",
            r"random.randn(\1) * scale",
        ),
        Change("inputs", HE, "partial", "size-of-inputs", r"l - 1\]\)\n", "0])\n"),
        Change("inverted", HE, "failed", "size-inverted", r"2 / (.*)\)\n", r"\1 / 2)\n"),
        Change("round", ZEROS, "error", "repair-called", SIZES + r"\[(l.*?)\]", r"layers_dims(\1)"),
        Change("whole-list", HE, "error", "raises-error", r"(2 / .*)\[l - 1\]", r"\1"),
        Change(
            "seed-used", RANDOM, "error", "raises-error", r"random\.randn", "random.seed(3).randn"
        ),
        Change("index", HE, "error", "raises-error", r"(2 / )layers_dims\[(l - 1)\]", r"\1(\2)"),
        Change("misspelt-twice", RANDOM, "error", "name-error", SIZES + r"(?=\[)", "layer_dims"),
        Change("randint", RANDOM, "failed", "repair-function", "randn", "randint"),
        Change("square", HE, "failed", "wrong-scale", r"\* scale", "* scale**2 * 3"),
        Change("uniform", RANDOM, "failed", "drawn-uniformly", "randn", "rand"),
        Change(
            "transposed", ZEROS, "failed", "weights-transposed", r"l\](.*l) - 1\]", r"l - 1]\1]"
        ),
        Change("last-layer", ZEROS, "failed", "last-layer-missing", r"1, L\)", "1, L - 1)"),
        Change("two-sizes", ZEROS, "error", "repair-tuple", r"\((\(.* - 1\]\))\)", r"\1"),
        Change("fixed-sizes", ZEROS, "failed", "unused-parameter", SIZES, "[3, 2, 2]"),
        Change("right", ZEROS, "passed", "", r"np\.zeros\(\((.*), 1\)\)", r"[[0]] * \1"),
    ),
    "gradient_checking": (
        Change("squares", ONE, "partial", "norms-squared", r"np\.linalg\.norm", "np.square"),
        Change("all-numbers", MANY, "error", "raises-error", r"thetaplus\[i\] \+", "thetaplus +"),
        Change(
            "both-values", MANY, "error", "repair-unpacking", r"J_plus\[i\], _ =", "J_plus[i] ="
        ),
        Change(
            "dictionary",
            MANY,
            "error",
            "raises-error",
            r"grad - gradapprox",
            "gradients - gradapprox",
        ),
        Change("quotient", ONE, "failed", "not-divided", "numerator / ", "numerator - "),
        Change("sign", ONE, "partial", "sign-kept", r"np\.linalg\.norm\((.*-.*)\)", r"\1"),
        Change("thetas", ONE, "failed", "points-in-the-quotient", r"J_(\w+)(?=\)| -)", r"theta\1"),
        Change("brackets", ONE, "failed", "epsilon-multiplied", r"\((2 \* epsilon)\)", r"\1"),
        Change("x-left-out", ONE, "error", "repair-argument", r"\(x, thetaplus", "(thetaplus"),
        Change(
            "x-left-out-twice",
            ONE,
            "error",
            "repair-argument repair-argument",
            r"\(x, (?=\w+us)",
            "(",
        ),
        Change(
            "no-array",
            MANY,
            "error",
            "raises-error",
            r"theta\w+\[i\] (?=[+-])",
            "num_parameters[i] ",
        ),
        Change(
            "unfinished", MANY, "not_attempted", "not-attempted", r"(ator|ence) = .*", r"\1 = None"
        ),
        Change("by-distance", ONE, "passed", "", r"2 \* epsilon", "thetaplus - thetaminus"),
        Change("no-calls", ONE, "passed", "", r"forward_\w+\(x, (\w+)\)", r"x * \1"),
        Change("copy", MANY, "partial", "copy-missing", r"minus = np\.copy\((.*)\)", r"minus = \1"),
        Change(
            "again",
            MANY,
            "failed",
            "minus-from-shifted",
            r"minus = np\.copy\(.*",
            "minus = thetaplus",
        ),
        Change(
            "same",
            MANY,
            "failed",
            "minus-from-plus",
            r"dictionary\(thetaminus",
            "dictionary(thetaplus",
        ),
        Change(
            "exchanged",
            MANY,
            "failed",
            "points-exchanged",
            r"(J_\w+\[i\]) - (J_\w+\[i\])",
            r"\2 - \1",
        ),
        Change("old-numpy", MANY, "passed", "", r"plus\[i\] = theta", "plus[i][0] = theta"),
    ),
}


@cache
def load_siblings() -> tuple[Labelled, ...]:
    """Return all, by assignment."""
    return tuple(
        _labelled(assignment, change)
        for assignment, changes in CHANGES.items()
        for change in changes
    )


@cache
def solved(assignment: str) -> tuple[Cell, ...]:
    """Return the cells of a solved notebook, without the marks of its solutions."""
    document = jupytext.read(ROOT / "reference" / f"{assignment}_solved.py", fmt="py:percent")
    return tuple(
        Cell(_MARKS.sub("", cell.source), is_code=cell.cell_type == "code")
        for cell in document.cells
        if cell.cell_type != "raw"
    )


def _labelled(assignment: str, change: Change) -> Labelled:
    return Labelled(
        name=f"{assignment}-{change.name}",
        label=f"{change.text.strip()} for {change.pattern.strip()}",
        data=notebook(changed(solved(assignment), change)),
        statuses={change.function: frozenset({change.status})},
        diagnoses=tuple(frozenset({diagnosis}) for diagnosis in change.diagnosis.split()),
    )


def changed(cells: Sequence[Cell], change: Change) -> list[Cell]:
    """Return the cells with a change. Raises ValueError if the pattern does not match."""
    begin = f"def {change.function}("
    at = next(i for i, cell in enumerate(cells) if cell.is_code and begin in cell.source)
    source, count = re.subn(change.pattern, change.text, cells[at].source)
    if not count:
        raise ValueError(f"{change.pattern!r} does not match in {change.function}")
    return [*cells[:at], Cell(source), *cells[at + 1 :]]
