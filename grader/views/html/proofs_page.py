"""The page of `grader verify` for the author of an assignment: claims, kill matrices and pairs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from grader.messages import UNTRANSLATED
from grader.model.proofs import (
    KillMatrix,
    MistakePair,
    MistakeRow,
    PairMatrix,
    Recognition,
    Verification,
    format_tolerances,
)
from grader.views.html.render import render

_MARKS = {
    Recognition.BOTH: ("B", "passed"),
    Recognition.AS_EQUAL_PAIR: ("L", "passed"),
    Recognition.ONE: ("O", "partial"),
    Recognition.ONE_AND_WRONG: ("A", "failed"),
    Recognition.NONE: ("N", "failed"),
    Recognition.WRONG: ("W", "failed"),
    Recognition.UNDECIDABLE: ("S", "untested"),
}
"""The letter and the colour of each recognition."""


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """A table cell: its text, its colour, and a tooltip."""

    text: str
    tone: str
    about: str = ""


_NOTHING = MatrixCell("-", "untested")
_FAILS = MatrixCell("fails", "passed")


@dataclass(frozen=True, slots=True)
class KillRow:
    """A row of the kill matrix: a cell for each case and check, points, smallest and largest error."""

    mistake: MistakeRow
    cases: tuple[MatrixCell, ...]
    checks: tuple[MatrixCell, ...]
    cost: float
    least: str
    largest: str


@dataclass(frozen=True, slots=True)
class PairRow:
    """A row of the pair matrix; the cell on the diagonal is None."""

    name: str
    cells: tuple[MatrixCell | None, ...]


@dataclass(frozen=True, slots=True)
class Legend:
    """A letter of the pair matrix, its meaning, and the number of pairs."""

    cell: MatrixCell
    count: int


@dataclass(frozen=True, slots=True)
class PairView:
    """The pair matrix of a function, its legend, and the pairs that are not fully recognised."""

    rows: tuple[PairRow, ...]
    legends: tuple[Legend, ...]
    others: tuple[MistakePair, ...]


@dataclass(frozen=True, slots=True)
class FunctionProofs:
    """The matrices of a function; `pairs` is None if it has fewer than two mistakes."""

    anchor: str
    matrix: KillMatrix
    rows: tuple[KillRow, ...]
    pairs: PairView | None


def proofs_page(verification: Verification) -> str:
    """Return the verification as a self-contained HTML page."""
    pairs = {matrix.function: _pair_view(matrix) for matrix in verification.pair_matrices}
    views = tuple(
        FunctionProofs(
            anchor=f"function-{number}",
            matrix=matrix,
            rows=tuple(_kill_row(mistake, matrix) for mistake in matrix.mistakes),
            pairs=pairs.get(matrix.function),
        )
        for number, matrix in enumerate(verification.kill_matrices, start=1)
    )
    examined = [claim.holds for claim in verification.claims if claim.examined]
    return render(
        "proofs.html.j2",
        UNTRANSLATED,
        verification=verification,
        functions=views,
        passed=sum(examined),
        examined=len(examined),
    )


def _kill_row(mistake: MistakeRow, matrix: KillMatrix) -> KillRow:
    smallest = mistake.smallest
    return KillRow(
        mistake,
        cases=tuple(
            MatrixCell(detection.error_text, "passed") if detection.caught else _NOTHING
            for detection in mistake.detections
        ),
        checks=tuple(
            _FAILS if at in mistake.failed_checks else _NOTHING for at in range(len(matrix.checks))
        ),
        cost=matrix.cost(mistake),
        least=smallest.error_text if smallest else _NOTHING.text,
        largest=format_tolerances(mistake.margin),
    )


def _pair_view(matrix: PairMatrix) -> PairView:
    cells = {recognition: MatrixCell(*mark, recognition) for recognition, mark in _MARKS.items()}
    by_names = {frozenset(pair.names): cells[pair.recognition] for pair in matrix.pairs}
    counts = Counter(pair.recognition for pair in matrix.pairs)
    complete = (Recognition.BOTH, Recognition.UNDECIDABLE)
    return PairView(
        rows=tuple(
            PairRow(name, tuple(by_names.get(frozenset((name, column))) for column in matrix.names))
            for name in matrix.names
        ),
        legends=tuple(Legend(cell, counts[recognition]) for recognition, cell in cells.items()),
        others=tuple(pair for pair in matrix.pairs if pair.recognition not in complete),
    )
