"""What the author of an assignment reads: what was proven, and what every known mistake did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.model.proofs import (
    Kill,
    KillMatrix,
    Mistaken,
    Naming,
    Pair,
    PairMatrix,
    Proven,
    counted,
    off_by,
    tolerances,
)
from grader.views.html.render import render, say

_MARKS = {
    Naming.BOTH: ("B", "passed"),
    Naming.LIKE: ("L", "passed"),
    Naming.ONE: ("O", "partial"),
    Naming.BESIDE: ("A", "failed"),
    Naming.UNEXPLAINED: ("N", "failed"),
    Naming.OTHERWISE: ("W", "failed"),
    Naming.ALONE: ("S", "unasked"),
}
"""For each way in which a pair is named: its letter and the colour that goes with it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a matrix: what stands in it, the colour that goes with it, and what a letter means."""

    text: str
    tone: str
    about: str = ""


_NOTHING = Cell("-", "unasked")
_FAILS = Cell(say("kills.fails"), "passed")


@dataclass(frozen=True, slots=True)
class KillRow:
    """A known mistake: a cell for each case and each check, the smallest and the largest margin."""

    mistake: Mistaken
    cases: tuple[Cell, ...]
    checks: tuple[Cell, ...]
    least: str
    largest: str


@dataclass(frozen=True, slots=True)
class PairRow:
    """A known mistake, and a cell for each other one made with it; None where that is itself."""

    name: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class Legend:
    """A letter of the pair matrix, what it means, and how many pairs have it."""

    cell: Cell
    count: int


@dataclass(frozen=True, slots=True)
class PairView:
    """The pair matrix of a function, its letters, and the pairs of which not both are named."""

    rows: tuple[PairRow, ...]
    legends: tuple[Legend, ...]
    others: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class FunctionView:
    """A function whose mistakes are known: where they are caught, and pairs of them if there are two."""

    anchor: str
    matrix: KillMatrix
    rows: tuple[KillRow, ...]
    pairs: PairView | None


def proofs_page(proven: Proven) -> str:
    """Return the self-contained page of what was proven of an assignment."""
    views = tuple(_function_view(proven, i) for i in range(len(proven.kills)))
    held = sum(proof.holds for proof in proven.proofs)
    return render("proofs.html.j2", proven=proven, functions=views, held=held)


def _function_view(proven: Proven, position: int) -> FunctionView:
    matrix = proven.kills[position]
    pairs = {pairs.function: _pair_view(pairs) for pairs in proven.pairs}
    return FunctionView(
        anchor=f"function-{position + 1}",
        matrix=matrix,
        rows=tuple(_kill_row(mistake, len(matrix.checks)) for mistake in matrix.mistakes),
        pairs=pairs.get(matrix.function),
    )


# ------------------------------------------------------------------ one mistake


def _kill_row(mistake: Mistaken, checks: int) -> KillRow:
    nearest = mistake.nearest
    return KillRow(
        mistake,
        cases=tuple(map(_case_cell, mistake.kills)),
        checks=tuple(_FAILS if at in mistake.checks else _NOTHING for at in range(checks)),
        least=off_by(nearest) if nearest else _NOTHING.text,
        largest=tolerances(mistake.margin),
    )


def _case_cell(kill: Kill) -> Cell:
    return Cell(off_by(kill), "passed") if kill.caught else _NOTHING


# ------------------------------------------------------------------ two mistakes


def _pair_view(matrix: PairMatrix) -> PairView:
    by_names = {frozenset(pair.names): pair for pair in matrix.pairs}
    count = counted(matrix.pairs)
    return PairView(
        rows=tuple(PairRow(one, _pair_cells(one, matrix.names, by_names)) for one in matrix.names),
        legends=tuple(Legend(_pair_cell(naming), count[naming]) for naming in Naming),
        others=tuple(p for p in matrix.pairs if p.naming not in (Naming.BOTH, Naming.ALONE)),
    )


def _pair_cells(
    one: str, names: Sequence[str], by_names: dict[frozenset[str], Pair]
) -> tuple[Cell | None, ...]:
    found = (by_names.get(frozenset((one, other))) for other in names)
    return tuple(_pair_cell(pair.naming) if pair else None for pair in found)


def _pair_cell(naming: Naming) -> Cell:
    letter, tone = _MARKS[naming]
    return Cell(letter, tone, say(f"naming.{naming.name.lower()}"))
