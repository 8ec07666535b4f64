"""Rules about students that the download, the roster and the exports share."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

_PARTICIPANT: Final = re.compile(r"(\D+?)(\d+)")
_LETTERS: Final = re.compile(r"[^\W\d_]")
_SHORTEST_WORD: Final = 5
_OTHER_WORDS: Final = {"student"}


def participant_number(cell: str) -> str:
    """Return the number in a cell such as "Participant 12", or "" if there is none."""
    match = _PARTICIPANT.fullmatch(cell.strip())
    return match[2] if match else ""


def is_participants(cells: Sequence[str]) -> bool:
    """Return True for the participants of Moodle's worksheet: one word, and behind it a number.

    The word is in the language of the site. English has a space behind it, others do not:
    "Participant 12", "Teilnehmer/in12", "参与者12". Student numbers such as "s1234567" are no participants.
    """
    filled = [cell.strip() for cell in cells if cell.strip()]
    words = [match[1] for cell in filled if (match := _PARTICIPANT.fullmatch(cell))]
    if len({*words}) != 1 or 2 * len(words) <= len(filled):
        return False
    word = words[0]
    letters = len(_LETTERS.findall(word))
    if " " in word.strip(" ") or word.endswith(" "):
        return letters > 0
    shortest = _SHORTEST_WORD if word.isascii() else 2
    return letters >= shortest and word.casefold() not in _OTHER_WORDS


def names_differ(first: str | None, second: str | None) -> bool | None:
    """Return True if two names share no word, also without the spaces between them.

    Return None if they cannot be compared: one is unknown, or in another script.
    """
    words, others = _words(first or ""), _words(second or "")
    whole, other_whole = "".join(words), "".join(others)
    if not whole or not other_whole or whole.isascii() != other_whole.isascii():
        return None
    return not any(w in other_whole for w in words) and not any(w in whole for w in others)


def _words(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", name.casefold())
    return re.findall(r"[^\W_]+", "".join(c for c in plain if not unicodedata.combining(c)))
