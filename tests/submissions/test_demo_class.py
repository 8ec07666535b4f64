"""The class of the demo has a student for every part of the pages."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from grader import intake
from tests.submissions.demo_class import CLASS, DUE, main

TEMPLATE = (
    Path(__file__).parents[2] / "student_template" / "regularization" / "Regularization.ipynb"
)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> intake.Intake:
    folder = tmp_path_factory.mktemp("demo")
    main(folder)
    return intake.search([folder])


def test_each_student_is_known_by_name(found: intake.Intake) -> None:
    names = [source.student and source.student.name for source in found.sources]

    assert {*names} == {student.name for student in CLASS}
    assert len(names) == len({*names}) == 30
    assert not found.passed_over and not found.warnings


def test_one_student_of_each_kind(found: intake.Intake) -> None:
    """One is late, one handed in a PDF, one the template, and two the same file."""
    hand_ins = [source.read() for source in found.sources]
    times = [datetime.fromisoformat(source.submitted_at or "") for source in found.sources]
    copies = Counter(hand_in.data for hand_in in hand_ins if not hand_in.problem)

    assert sum(time > DUE for time in times) == 1
    assert [h.id for h in hand_ins if h.data.startswith(b"%PDF")] == ["Omar_Sahin_300115"]
    assert copies[TEMPLATE.read_bytes()] == 1
    assert [count for count in copies.values() if count > 1] == [2]
