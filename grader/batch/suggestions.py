"""Suggest the ID that a person meant who gave another text: a number, a name, a part of it, a slip."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence

from grader.messages import or_list
from grader.model.submission import Student

_MOST = 3


def did_you_mean(text: str, ids: Mapping[str, Sequence[Student]]) -> str:
    """Return " Did you mean ada_1040?", with at most three IDs, or "" if none is likely.

    `ids` has the students that download and roster name for each ID. The words of the text can be those
    of the ID, or of the student's number, name or e-mail address. A number that no student has is not
    compared with other numbers, because a similar number is another student's.
    """
    words = _words(text)
    likely = [name for name, students in ids.items() if words and words <= _all(name, students)]
    if words and not likely:
        likely = [name for name in ids if name.casefold().startswith(text.casefold())]
    if not likely and not text.strip().isdigit():
        likely = difflib.get_close_matches(text, ids, 1)
    likely = sorted(likely, key=lambda name: (name.casefold() != text.casefold(), name))[:_MOST]
    if not likely:
        return ""
    return f" Did you mean {or_list(likely)}?"


def _all(name: str, students: Sequence[Student]) -> set[str]:
    texts = [text for s in students for text in (s.id, s.name, s.email) if text]
    return set().union(*map(_words, [name, *texts]))


def _words(text: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", text.casefold()))
