"""Read a CSV file without changing a byte of its cells, and write cells that no spreadsheet calculates.

The `csv` module loses the quotes of a cell, so the rows here keep the cells as they are in the
file. `value` returns the text of a cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from grader.messages.sanitize import strip_controls

BOM: Final = "\ufeff"
_DELIMITERS: Final = (",", ";", "\t")
_FORMULA: Final = re.compile(r"[\s'\"]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r]")
"""The start of a formula in a spreadsheet, also after quotes or spaces, and in full-width characters."""


@dataclass(frozen=True, slots=True)
class CsvTable:
    """The rows of a CSV file: their cells as they are in the file, and the end of each line."""

    rows: tuple[tuple[str, ...], ...]
    ends: tuple[str, ...]
    delimiter: str
    bom: str = ""

    def with_rows(self, rows: Iterable[Iterable[str]]) -> str:
        """Return the text of other rows, with the delimiter and the ends of the lines of this file."""
        lines = (self.delimiter.join(row) + end for row, end in zip(rows, self.ends, strict=True))
        return self.bom + "".join(lines)


def parse(text: str) -> CsvTable:
    """Return the cells of a CSV file. Raises ValueError, with a sentence, if it is not valid.

    The delimiter is the most frequent one in the first line, outside quotes.
    """
    bom = BOM if text.startswith(BOM) else ""
    body = text.removeprefix(BOM)
    head = re.sub(r'"[^"]*"', "", body).partition("\n")[0]
    delimiter = max(_DELIMITERS, key=head.count)
    rows: list[tuple[str, ...]] = []
    ends: list[str] = []
    row: list[str] = []
    for cell, end in _cells(body, delimiter):
        row.append(cell)
        if end != delimiter:
            rows.append(tuple(row))
            ends.append(end)
            row = []
    return CsvTable(tuple(rows), tuple(ends), delimiter, bom)


def _cells(text: str, delimiter: str) -> Iterator[tuple[str, str]]:
    """Yield each cell with the text behind it: the delimiter, the end of a line, or nothing."""
    pattern = re.compile(
        rf'("[^"]*(?:""[^"]*)*"|[^"{delimiter}\r\n][^{delimiter}\r\n]*|)({delimiter}|\r\n|\r|\n|\Z)'
    )
    place = 0
    while place < len(text) or text[place - 1 : place] == delimiter:
        match = pattern.match(text, place)
        if match is None:
            line = text.count("\n", 0, place) + 1
            raise ValueError(
                f"Line {line} of the gradebook is not valid CSV: a quote is not closed."
            )
        yield match[1], match[2]
        place = match.end()
        if not match[2]:
            return


def value(cell: str) -> str:
    """Return the text of a cell, without the quotes around it."""
    return cell[1:-1].replace('""', '"') if cell.startswith('"') else cell


def own(text: str, delimiter: str = ",") -> str:
    """Return a cell with text of ours or of a student, which a spreadsheet shows and never calculates."""
    plain = strip_controls(text)
    if _FORMULA.match(plain):
        plain = "'" + plain
    if re.search(rf'[{delimiter}"\r\n\t]', plain):
        return '"' + plain.replace('"', '""') + '"'
    return plain


def lines(rows: Iterable[Iterable[str]]) -> str:
    """Return a CSV file of own cells, with a byte-order mark where Excel needs one to read it."""
    text = "".join(",".join(own(cell) for cell in row) + "\r\n" for row in rows)
    return text if text.isascii() else BOM + text
