"""Where an array is wrong, as pictures of its cells and as tables of its values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from grader.messages import gettext
from grader.model.findings import CheckResult, Finding, Grid

_RIGHT: Final = "0"
_MOST_DIFFS: Final = 6
_BITS: Final = {"0", "1"}

Rows = Sequence[Sequence[str]]
Marks = Sequence[Sequence[bool]]


@dataclass(frozen=True, slots=True)
class ArrayPicture:
    """A picture of `columns` by `rows` cells, with an SVG path for each kind of cell."""

    title: str
    about: str
    columns: int
    rows: int
    paths: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The values of an array, each with True if it is wrong; `signed` puts a sign before those."""

    caption: str
    rows: tuple[tuple[tuple[str, bool], ...], ...]
    signed: bool = False


@dataclass(frozen=True, slots=True)
class ArrayDiff:
    """The pictures and tables of one wrong quantity."""

    pictures: tuple[ArrayPicture, ...]
    tables: tuple[Table, ...]


def array_diffs(check: CheckResult) -> tuple[ArrayDiff, ...]:
    """Return the wrong arrays in public cases; those of hidden cases are never shown."""
    grids = ((f, f.grid) for f in check.findings if f.public and f.grid)
    sound = (_diff(finding, grid) for finding, grid in grids if _is_sound(grid))
    return tuple(islice(sound, _MOST_DIFFS))


def _is_sound(grid: Grid) -> bool:
    """Return True if the rows of a grid have equal lengths and `wrong` consists of digits."""
    wrong = [len(row) for row in grid.wrong]
    values = [[len(row.split()) for row in rows] for rows in (grid.got, grid.expected) if rows]
    digits = all(row.isascii() and row.isdigit() for row in grid.wrong)
    return digits and len({*wrong}) == 1 and values in ([], [wrong, wrong])


def _diff(finding: Finding, grid: Grid) -> ArrayDiff:
    quantity = finding.quantity
    got, expected = ([row.split() for row in rows] for rows in (grid.got, grid.expected))
    wrong = [[digit != _RIGHT for digit in row] for row in grid.wrong]
    if not got:
        shares = [[f"{int(digit) * 100 // 9}%" for digit in row] for row in grid.wrong]
        caption = gettext("{quantity}: share of wrong values in each cell", quantity=quantity)
        return ArrayDiff((_heat_map(finding, grid),), (Table(caption, _cells(shares, wrong)),))
    tables = (
        Table(
            gettext("{quantity}, yours (≠ marks wrong values)", quantity=quantity),
            _cells(got, wrong),
            signed=True,
        ),
        Table(gettext("{quantity}, expected", quantity=quantity), _cells(expected, wrong)),
    )
    if _BITS.issuperset(bit for row in (*got, *expected) for bit in row):
        own_title = gettext("{quantity}: your value", quantity=quantity)
        expected_title = gettext("{quantity}: expected value", quantity=quantity)
        pictures = (_bitmap(own_title, got, wrong), _bitmap(expected_title, expected, wrong))
        return ArrayDiff(pictures, tables)
    return ArrayDiff((_heat_map(finding, grid),), tables)


def _cells(texts: Rows, wrong: Marks) -> tuple[tuple[tuple[str, bool], ...], ...]:
    return tuple(tuple(zip(*rows, strict=True)) for rows in zip(texts, wrong, strict=True))


# ------------------------------------------------------------------ pictures


def _heat_map(finding: Finding, grid: Grid) -> ArrayPicture:
    """Return a picture in which a cell is darker if more of its values are wrong."""
    counts = {
        "size": " \N{MULTIPLICATION SIGN} ".join(map(str, grid.shape)),
        "mismatched": finding.mismatched,
        "total": finding.total,
    }
    if grid.got:
        about = gettext("{size} values. Dark cells are wrong: {mismatched} of {total}.", **counts)
    else:
        about = gettext(
            "{size} values, several in each cell. A darker cell has more wrong values. "
            "{mismatched} of {total} are wrong.",
            **counts,
        )
    title = gettext("Where {quantity} is wrong", quantity=finding.quantity)
    paths = tuple(_paths(grid.wrong, "share-"))
    return ArrayPicture(title, about, len(grid.wrong[0]), len(grid.wrong), paths)


def _bitmap(title: str, bits: Rows, wrong: Marks) -> ArrayPicture:
    """Return a picture in which ones are filled and wrong entries are crossed out."""
    about = gettext(
        "1 is filled and 0 is empty. A cross marks a wrong entry. Row by row: {rows}.",
        rows="; ".join(" ".join(row) for row in bits),
    )
    crosses = "".join(
        f"M{x + 0.2:g} {y + 0.2:g}l.5 .5m0 -.5l-.5 .5"
        for y, row in enumerate(wrong)
        for x, is_wrong in enumerate(row)
        if is_wrong
    )
    paths = (*_paths(bits, "bit-"), ("cross", crosses))
    return ArrayPicture(title, about, len(bits[0]), len(bits), paths)


def _paths(rows: Rows, kind: str) -> Iterator[tuple[str, str]]:
    """Yield a path through all cells of a kind, for each kind in `rows`."""
    squares: dict[str, list[str]] = {}
    for y, row in enumerate(rows):
        for x, value in enumerate(row):
            squares.setdefault(value, []).append(f"M{x} {y}h.9v.9h-.9z")
    for value in sorted(squares):
        yield f"{kind}{value}", "".join(squares[value])
