"""The process that reads notebooks: its limits, its replacement, and equal readings."""

from __future__ import annotations

import json
import os

import pytest

from grader import assignments, grading
from grader.assignments import notebooks
from grader.grading import Settings
from grader.model import Cell
from grader.model.allowance import Allowance
from grader.model.result import Status
from grader.model.submission import Submission
from grader.notebook import NotANotebook, read, reader
from grader.notebook.reader import NotebookReading, ReaderError, ReadingLimit, ReadingRequest
from grader.notebook.slicing import slices
from tests.submissions import malformed
from tests.submissions.corpus import read_all

FUNCTIONS = (("f", ("x",)),)
RIGHT = "def f(x):\n    return x\n"
QUADRATIC = 'x = f"' + "{a}" * 90_000 + '"'
"""Python 3.11 takes quadratic time for the expressions of an f-string."""


@pytest.fixture(autouse=True)
def _no_readers() -> None:
    """End the readers of earlier tests; a test that graded in threads leaves several."""
    reader.close_readers()


def test_labelled_submissions_are_read_like_in_this_process() -> None:
    assignment = assignments.load(assignments.names()[0])
    for labelled in read_all()[::7]:
        document = read(labelled.data)

        reading = notebooks.read_submission(assignment, labelled.data)

        assert reading == NotebookReading(document, notebooks.slices_of(assignment, document)), (
            labelled.name
        )


def test_repaired_notebook_is_sliced_again() -> None:
    """The notes of the repair, which are messages, do not cross the socket."""
    assignment = assignments.load(assignments.names()[0])
    data = malformed.source_is_null(read_all()[0].data)
    document = notebooks.read_submission(assignment, data).notebook

    again = notebooks.slices_with_remainder(assignment, document)

    assert document.notes
    assert [s.cells for s in again] == [s.cells for s in notebooks.slices_of(assignment, document)]


def test_reader_stays_until_it_is_killed() -> None:
    first = reader.read_with_limits(notebook(RIGHT), ReadingRequest(FUNCTIONS))
    (before,) = reader._idle
    second = reader.read_with_limits(notebook(RIGHT), ReadingRequest(FUNCTIONS))

    assert first == second
    assert reader._idle == [before]


def test_notebook_that_takes_too_long_costs_its_reader_and_no_other_notebook() -> None:
    reader.start_reader()
    (before,) = reader._idle

    with pytest.raises(ReadingLimit, match=r"^The notebook took too long to read\.$"):
        reader.read_with_limits(notebook(QUADRATIC), ReadingRequest(FUNCTIONS, seconds=0.3))

    assert reader._idle == []
    after = reader.read_with_limits(notebook(RIGHT), ReadingRequest(FUNCTIONS))
    assert after.slices == slices(after.notebook, FUNCTIONS)
    assert reader._idle != [before]


def test_repair_of_text_that_takes_too_long_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each edit of a line of escaped quotes is compiled, hundreds of times."""
    monkeypatch.setattr(reader, "SECONDS_AGAIN", 0.05)
    cells = (Cell(1, "def f(x):\n    x = = '" + "\\'" * 4_500 + "\n    return x\n"),)
    request = ReadingRequest(FUNCTIONS, cells=cells, faults=(("f", 1),))

    with pytest.raises(ReadingLimit):
        reader.read_with_limits(b"", request)


def test_requests_of_a_submission_share_one_allowance() -> None:
    allowance, request = Allowance(0.1), ReadingRequest(FUNCTIONS)
    many = notebook(*[f"x{number} = 1" for number in range(200)], RIGHT)

    reader.read_with_limits(many, request, allowance)
    left = allowance.left
    with pytest.raises(ReadingLimit):
        reader.read_with_limits(notebook(QUADRATIC), request, allowance)

    assert 0 < left < 0.1
    assert allowance.left == 0
    with pytest.raises(ReadingLimit):
        reader.read_with_limits(many, request, allowance)


def test_loading_ipython_is_not_time_of_the_notebook() -> None:
    """It takes longer than the allowance of this test."""
    allowance = Allowance(0.05)

    reading = reader.read_with_limits(
        notebook("x = !ls\n", RIGHT), ReadingRequest(FUNCTIONS), allowance
    )

    assert reading.slices[0].is_defined
    assert allowance.left


def test_reader_that_was_killed_from_outside_is_replaced() -> None:
    reader.start_reader()
    os.kill(reader._idle[-1].pid, 9)

    assert reader.read_with_limits(notebook(RIGHT), ReadingRequest(FUNCTIONS)).slices[0].is_defined


def test_other_file_is_refused_with_a_message_that_can_be_translated() -> None:
    with pytest.raises(NotANotebook) as caught:
        reader.read_with_limits(b"%PDF-1.4", ReadingRequest())

    assert getattr(caught.value.args[0], "id", "").startswith("This file is {what}")


def test_failure_of_the_reader_is_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    reader.close_readers()
    monkeypatch.setattr(reader, "read", lambda data: 1 // 0)

    with pytest.raises(ReaderError, match="failed with ZeroDivisionError"):
        reader.read_with_limits(b"{}", ReadingRequest())
    reader.close_readers()


def test_submission_that_takes_too_long_to_read_is_a_timeout() -> None:
    assignment = assignments.load(assignments.names()[0])

    settings = Settings(seed=1, timeout=0.3)
    result = grading.grade(Submission("a", notebook(QUADRATIC)), assignment, settings)

    assert (result.status, result.score) == (Status.TIMEOUT, 0)
    assert result.message == "The notebook took too long to read."


def notebook(*sources: str) -> bytes:
    cell: dict[str, object] = {
        "cell_type": "code",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }
    cells = [{**cell, "source": source} for source in sources]
    tree = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}
    return json.dumps(tree).encode()
