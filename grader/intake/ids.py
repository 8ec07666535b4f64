"""Make IDs: safe in a path, a URL, a shell and a spreadsheet, and unique in a batch."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MAX_CHARACTERS = 120
MAX_UTF8_BYTES = 200
"""File systems allow 255; `report.html` and a number must not be what breaks it."""

_NAMELESS = "submission"
_INVISIBLE_LETTERS = "\u115f\u1160\u3164\uffa0"
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a submission was found: its folders, outermost first, and a stem to put behind them.

    `shown` counts the innermost folders that are part of its name.
    """

    folders: tuple[str, ...]
    shown: int = 0
    stem: str = ""

    def name(self, shown: int) -> str:
        """Return the ID made from that many folders and the stem."""
        folders = self.folders[len(self.folders) - shown :]
        return safe("-".join([*folders, *([self.stem] if self.stem else [])]))


def unique(places: Sequence[Place]) -> list[str]:
    """Return one ID a place, pairwise different even where case or composition does not count.

    Namesakes get more of their parent folders in front; what is still the same gets a number, in
    the order given.
    """
    named = list(places)
    while growing := _tellable_apart(named):
        for index in growing:
            named[index] = dataclasses.replace(named[index], shown=named[index].shown + 1)
    return _numbered([place.name(place.shown) for place in named])


def safe(name: str) -> str:
    """Return a name of letters, marks and digits of any script, `_`, `-` and `.`; never empty."""
    composed = unicodedata.normalize("NFC", name)
    plain = re.sub(r"\.{2,}", ".", "".join(c if _is_safe(c) else "_" for c in composed))
    plain = plain.lstrip("-.").rstrip(".")
    if not plain.strip("_-."):
        return _NAMELESS
    if unicodedata.category(plain[0]).startswith("M") or _RESERVED.match(plain):
        plain = "_" + plain
    return _fitted(plain)


def _is_safe(character: str) -> bool:
    kind = unicodedata.category(character)
    return character in "_-." or (
        (kind[0] in "LM" or kind == "Nd") and character not in _INVISIBLE_LETTERS
    )


def _fitted(name: str) -> str:
    if _fits(name, reserve=0):
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    lengths = range(min(len(name), MAX_CHARACTERS), 0, -1)
    head = next(name[:length] for length in lengths if _fits(name[:length], reserve=9))
    return f"{head}-{digest}"


def _fits(name: str, *, reserve: int) -> bool:
    return len(name) <= MAX_CHARACTERS - reserve and len(name.encode()) <= MAX_UTF8_BYTES - reserve


def _fold(name: str) -> str:
    return unicodedata.normalize("NFC", name.casefold())


def _groups(names: Iterable[str]) -> list[list[int]]:
    """Return the positions of equal names, for names that occur more than once."""
    positions: defaultdict[str, list[int]] = defaultdict(list)
    for index, name in enumerate(names):
        positions[_fold(name)].append(index)
    return [group for group in positions.values() if len(group) > 1]


def _tellable_apart(places: list[Place]) -> list[int]:
    """Return namesakes that can show one more folder and whose full paths are not all the same."""
    growing: list[int] = []
    for group in _groups(place.name(place.shown) for place in places):
        if len({_fold(places[i].name(len(places[i].folders))) for i in group}) > 1:
            growing += [i for i in group if places[i].shown < len(places[i].folders)]
    return growing


def _numbered(names: list[str]) -> list[str]:
    taken = {_fold(name) for name in names}
    for group in _groups(names):
        numbers = itertools.count(2)
        for index in group[1:]:
            names[index] = _first_free(names[index], numbers, taken)
            taken.add(_fold(names[index]))
    return names


def _first_free(name: str, numbers: Iterable[int], taken: set[str]) -> str:
    candidates = (safe(f"{name}-{number}") for number in numbers)
    return next(candidate for candidate in candidates if _fold(candidate) not in taken)
