"""The question after an unknown ID."""

from __future__ import annotations

import pytest

from grader.batch.suggestions import did_you_mean
from grader.model.submission import Student

ADA = Student("77", "Lovelace, Ada", "ada@example.org")
IDS = {"ada_1040": [ADA], "bob_1041": [Student()], "Boole": [], "1042": [], "b-1": [], "b-2": []}


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("1040", " Did you mean ada_1040?"),
        ("77", " Did you mean ada_1040?"),
        ("Ada Lovelace", " Did you mean ada_1040?"),
        ("ADA@example.org", " Did you mean ada_1040?"),
        ("boole", " Did you mean Boole?"),
        ("BO", " Did you mean Boole or bob_1041?"),
        ("b", " Did you mean b-1 or b-2?"),
        ("", ""),
        ("bob_1042", " Did you mean bob_1041?"),
        ("104", " Did you mean 1042?"),
        ("1043", ""),
        ("zeno", ""),
    ],
)
def test_unknown_id_suggests_who_may_be_meant(text: str, question: str) -> None:
    """A similar number is another student."""
    assert did_you_mean(text, IDS) == question
