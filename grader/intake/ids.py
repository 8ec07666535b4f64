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
"""File systems allow 255 bytes; this leaves room for a number and an ending."""

_NAMELESS = "submission"
_INVISIBLE_LETTERS = "\u115f\u1160\u3164\uffa0"
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """The folders of a submission, outermost first, and its stem, which may be empty.

    `depth` is the number of innermost folders that are part of its name.
    """

    folders: tuple[str, ...]
    depth: int = 0
    stem: str = ""

    def name(self, depth: int) -> str:
        """Return the ID of the `depth` innermost folders and the stem."""
        folders = self.folders[len(self.folders) - depth :]
        return safe("-".join([*folders, *([self.stem] if self.stem else [])]))


def unique(places: Sequence[Place]) -> list[str]:
    """Return an ID for each place, all different even if case and Unicode composition are ignored.

    Equal names get more of their parent folders in front. Of names that are still equal
    all but the first get a number.
    """
    deeper = list(places)
    while growing := _distinguishable(deeper):
        for index in growing:
            deeper[index] = dataclasses.replace(deeper[index], depth=deeper[index].depth + 1)
    names = [place.name(place.depth) for place in deeper]
    used = {_fold(name) for name in names}
    for group in _groups(names):
        numbers = itertools.count(2)
        for index in group[1:]:
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


def _groups(names: Iterable[str]) -> list[list[int]]:
    """Return the positions of equal names, for names that occur more than once."""
    positions: defaultdict[str, list[int]] = defaultdict(list)
    for index, name in enumerate(names):
        positions[_fold(name)].append(index)
    return [group for group in positions.values() if len(group) > 1]


def _distinguishable(places: list[Place]) -> list[int]:
    """Return the indices of equal names with a further folder whose full paths are not all equal."""
    growing: list[int] = []
    for group in _groups(place.name(place.depth) for place in places):
        if len({_fold(places[i].name(len(places[i].folders))) for i in group}) > 1:
            growing += [i for i in group if places[i].depth < len(places[i].folders)]
    return growing
