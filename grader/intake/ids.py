"""Make IDs: safe in a path, a URL, a shell and a spreadsheet, and unique in a batch."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

MAX_CHARACTERS = 120
MAX_UTF8_BYTES = 200
"""File systems allow 255 bytes; this leaves room for a number and an ending."""

_NAMELESS = "submission"
_INVISIBLE_LETTERS = "\u115f\u1160\u3164\uffa0"
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """The name of a student, and the folders that contain the student, outermost first.

    `depth` is the number of innermost folders that are part of the ID.
    """

    above: tuple[str, ...]
    label: str
    depth: int = 0

    @property
    def name(self) -> str:
        """The ID of the `depth` innermost folders and the label."""
        return safe("-".join([*self.above[len(self.above) - self.depth :], self.label]))


def unique(places: Sequence[Place], taken: Collection[str] = ()) -> list[str]:
    """Return an ID for each place, all different even if case and Unicode composition are ignored.

    No ID is among the `taken` ones. Equal names get more of their parent folders in front. Of names
    that are still equal all but the first get a number.
    """
    reserved = {_fold(name) for name in taken}
    deeper = list(places)
    while growing := _distinguishable(deeper, reserved):
        for index in growing:
            deeper[index] = dataclasses.replace(deeper[index], depth=deeper[index].depth + 1)
    names = [place.name for place in deeper]
    used = {*reserved, *map(_fold, names)}
    for group, is_taken in _groups(names, reserved):
        numbers = itertools.count(2)
        for index in group if is_taken else group[1:]:
            candidates = (safe(f"{names[index]}-{number}") for number in numbers)
            names[index] = next(name for name in candidates if _fold(name) not in used)
            used.add(_fold(names[index]))
    return names


def safe(name: str) -> str:
    """Return a name of letters, marks and digits of any script, `_`, `-` and `.`, not empty.

    A long name is cut, and gets a digest at its end.

    >>> safe("Zoë's copy (1)")
    'Zoë_s_copy__1_'
    """
    plain = ""
    for character in unicodedata.normalize("NFC", name):
        kind = unicodedata.category(character)
        is_word = kind[0] in "LM" or kind == "Nd"
        is_safe = character in "_-." or (is_word and character not in _INVISIBLE_LETTERS)
        plain += character if is_safe else "_"
    plain = re.sub(r"\.{2,}", ".", plain)
    plain = plain.lstrip("-.").rstrip(".")
    if not plain.strip("_-."):
        return _NAMELESS
    if unicodedata.category(plain[0]).startswith("M") or _RESERVED.match(plain):
        plain = "_" + plain
    if _fits(plain, reserve=0):
        return plain
    digest = hashlib.sha256(plain.encode()).hexdigest()[:8]
    lengths = range(min(len(plain), MAX_CHARACTERS), 0, -1)
    head = next(plain[:length] for length in lengths if _fits(plain[:length], reserve=9))
    return f"{head}-{digest}"


def _fits(name: str, *, reserve: int) -> bool:
    return len(name) <= MAX_CHARACTERS - reserve and len(name.encode()) <= MAX_UTF8_BYTES - reserve


def _fold(name: str) -> str:
    return unicodedata.normalize("NFC", name.casefold())


def _groups(names: Iterable[str], reserved: Collection[str]) -> list[tuple[list[int], bool]]:
    """Return the positions of equal names that occur more than once or are reserved, and which it is."""
    positions: defaultdict[str, list[int]] = defaultdict(list)
    for index, name in enumerate(names):
        positions[_fold(name)].append(index)
    return [
        (group, name in reserved)
        for name, group in positions.items()
        if len(group) > 1 or name in reserved
    ]


def _distinguishable(places: list[Place], reserved: Collection[str]) -> list[int]:
    """Return the indices of equal names with a further folder whose full paths are not all equal."""
    growing: list[int] = []
    for group, is_taken in _groups([place.name for place in places], reserved):
        full = {
            _fold(dataclasses.replace(places[i], depth=len(places[i].above)).name) for i in group
        }
        if len(full) > 1 or is_taken:
            growing += [i for i in group if places[i].depth < len(places[i].above)]
    return growing
