"""The words of the edit after which a function parses."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from grader.messages import gettext, join_sentences
from grader.messages.sanitize import one_line
from grader.model.diagnoses import REPAIR, diagnosis, in_line
from grader.model.findings import Diagnosis
from grader.notebook import syntax_edits
from grader.notebook.syntax_edits import SyntaxRepairs, TextEdit

_CERTAIN = 0.9
"""Edits that cost less are shown without a proof if no others are as likely."""
_LONGEST = 60


def likeliest(repairs: SyntaxRepairs) -> tuple[TextEdit, ...]:
    """Return the likeliest edits, none if others at another line or of another kind are as likely."""
    likely = {(e[-1].kind, e[-1].line) for e in repairs.series if e[-1].cost < _CERTAIN}
    return repairs.series[0] if len(likely) == 1 else ()


def diagnoses_of(
    edits: Sequence[TextEdit], first: int, cell: int, before: Diagnosis, *, is_right: bool
) -> tuple[Diagnosis, ...]:
    """Return a diagnosis for each edit; `before` is that of the syntax error itself.

    `first` is the line of the cell, from 0, at which the function begins. `is_right` is True if the
    function passes all tests after the edits.
    """
    worded = []
    for number, edit in enumerate(edits):
        line = first + edit.line
        words = diagnosis(
            REPAIR,
            edit.kind,
            named=before.id,
            at=line,
            text=one_line(edit.odd, limit=_LONGEST),
            line=in_line(line, cell),
        )
        proof = gettext("After this change, your function passes all tests.")
        # Python's message about a character is in English, and says no more.
        if number == 0 and edit.kind not in syntax_edits.CHARACTERS:
            words = dataclasses.replace(words, what=join_sentences(before.what, words.what))
        if is_right and number == len(edits) - 1:
            words = dataclasses.replace(words, why=join_sentences(words.why, proof))
        worded.append(words)
    return tuple(worded)
