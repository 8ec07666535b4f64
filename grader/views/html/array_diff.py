"""Where an array differs, as pictures of cells and the tables behind them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from grader.model.result import CheckResult, Finding, Grid
from grader.views.html.render import say

_NONE: Final = "0"
_MOST: Final = 6
_BITS: Final = {"0", "1"}

Rows = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of `columns` by `rows` cells: a path for each kind of cell, and what it shows."""

    title: Markup
    about: Markup
    columns: int
    rows: int
    paths: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the values of an array and whether each is wrong, which a sign may say too."""

    caption: Markup
    rows: tuple[tuple[tuple[str, bool], ...], ...]
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A quantity that differs: its pictures and its tables."""

    finding: Finding
    pictures: tuple[Picture, ...]
    tables: tuple[Table, ...]


def figures(check: CheckResult) -> tuple[Figure, ...]:
    """Return the figures of a check: of public cases only, whatever the result says of others."""
    found = ((f, f.grid) for f in check.findings if f.public and f.grid)
    made = (_figure(finding, grid) for finding, grid in found if _sound(grid))
    return tuple(figure for figure, _ in zip(made, range(_MOST), strict=False))


def _sound(grid: Grid) -> bool:
    """Say whether the rows of a grid fit together."""
    wrong = _lengths(grid.wrong)
    values = [_lengths([row.split() for row in rows]) for rows in (grid.got, grid.expected) if rows]
    digits = all(row.isascii() and row.isdigit() for row in grid.wrong)
    return digits and len({*wrong}) == 1 and values in ([], [wrong, wrong])


def _lengths(rows: Sequence[Sequence[str]]) -> list[int]:
    return [len(row) for row in rows]


def _figure(finding: Finding, grid: Grid) -> Figure:
    got, expected = ([row.split() for row in rows] for rows in (grid.got, grid.expected))
    wrong = [[digit != _NONE for digit in row] for row in grid.wrong]
    if not got:
        shares = [[f"{int(digit) * 100 // 9}%" for digit in row] for row in grid.wrong]
        table = Table(say("grid.shares", quantity=finding.quantity), _cells(shares, wrong))
        return Figure(finding, (_heat(finding, grid),), (table,))
    tables = (
        Table(say("grid.got", quantity=finding.quantity), _cells(got, wrong), signed=True),
        Table(say("grid.expected", quantity=finding.quantity), _cells(expected, wrong)),
    )
    if _BITS.issuperset(bit for row in (*got, *expected) for bit in row):
        pictures = (
            _mask(say("grid.mask.got", quantity=finding.quantity), got, wrong),
            _mask(say("grid.mask.expected", quantity=finding.quantity), expected, wrong),
        )
        return Figure(finding, pictures, tables)
    return Figure(finding, (_heat(finding, grid),), tables)


def _cells(
    texts: Rows, wrong: Sequence[Sequence[bool]]
) -> tuple[tuple[tuple[str, bool], ...], ...]:
    return tuple(tuple(zip(*rows, strict=True)) for rows in zip(texts, wrong, strict=True))


# ------------------------------------------------------------------ pictures


def _heat(finding: Finding, grid: Grid) -> Picture:
    """Return a picture in which a cell is the darker, the more of it is wrong."""
    size = say("grid.by").join(map(str, grid.shape))
    about = say(
        "grid.map.values" if grid.got else "grid.map.parts",
        size=size,
        mismatched=finding.mismatched,
        total=finding.total,
    )
    return _picture(say("grid.map", quantity=finding.quantity), about, grid.wrong, "share-")


def _mask(title: Markup, bits: Rows, wrong: Sequence[Sequence[bool]]) -> Picture:
    """Return a picture in which kept units are filled, and those that are wrong are crossed out."""
    about = say("grid.mask.about", rows="; ".join(" ".join(row) for row in bits))
    picture = _picture(title, about, bits, "bit-")
    crossed = "".join(
        f"M{x + 0.2:g} {y + 0.2:g}l.5 .5m0 -.5l-.5 .5"
        for y, row in enumerate(wrong)
        for x, off in enumerate(row)
        if off
    )
    paths = (*picture.paths, ("cross", crossed))
    return Picture(picture.title, picture.about, picture.columns, picture.rows, paths)


def _picture(title: Markup, about: Markup, rows: Sequence[Sequence[str]], kind: str) -> Picture:
    paths = tuple(_paths(rows, kind))
    return Picture(title, about, len(rows[0]), len(rows), paths)


def _paths(rows: Sequence[Sequence[str]], kind: str) -> Iterator[tuple[str, str]]:
    """Yield a path through all cells of a kind, for each kind there is."""
    places: dict[str, list[str]] = {}
    for y, row in enumerate(rows):
        for x, value in enumerate(row):
            places.setdefault(value, []).append(f"M{x} {y}h.9v.9h-.9z")
    for value in sorted(places):
        yield f"{kind}{value}", "".join(places[value])
