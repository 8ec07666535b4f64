"""A class of every kind in one run: all have a result, and each that is honest has its label.

Its labels are next to a submission; see `tests/submissions`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.submissions import FUNCTIONS, Labelled
from tests.support.command_line import Outcome, breaches, gradings, labelled, rows, run

MIX = {
    "right": 4,
    "wrong": 5,
    "missing": 3,
    "error": 3,
    "malformed": 3,
    "exiting": 6,
    "hanging": 2,
}
STUDENTS = sum(MIX.values())
TIMEOUT_SECONDS = 16
HANGING = ("hostile-sleeps", "hostile-ignores-signals")
EXITING = (
    "hostile-exit-at-once",
    "hostile-exit-politely",
    "hostile-exit-while-imported",
    "hostile-kills-itself",
    "hostile-segfault",
    "hostile-aborts",
)


def kind_of(submission: Labelled) -> str:
    """Return the kind of a labelled submission, or nothing for attacks of other kinds."""
    if submission.name in HANGING:
        return "hanging"
    if submission.name in EXITING:
        return "exiting"
    if any("missing" in statuses for statuses in submission.statuses.values()):
        return "missing"
    kind = submission.name.partition("-")[0]
    return "" if submission.hostile else kind


@pytest.fixture(scope="module")
def course() -> dict[str, Labelled]:
    """Return submissions by name, of each kind some that are far apart in the order of the names."""
    by_name = {}
    for kind, count in MIX.items():
        ones = [submission for submission in labelled().values() if kind_of(submission) == kind]
        for submission in ones[:: len(ones) // count][:count]:
            by_name[submission.name] = submission
    assert len(by_name) == len({submission.data for submission in by_name.values()}) == STUDENTS
    return by_name


@pytest.fixture(scope="module")
def graded(
    course: dict[str, Labelled], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Outcome]:
    folder = tmp_path_factory.mktemp("course")
    for name, submission in course.items():
        (folder / "inbox" / name).mkdir(parents=True)
        (folder / "inbox" / name / "Regularization.ipynb").write_bytes(submission.data)
    outcome = run(
        *("batch", folder / "inbox", "--out", folder / "out", "--workers", 2),
        *("--timeout", TIMEOUT_SECONDS),
    )
    return folder / "out", outcome


def test_every_submission_has_a_result(
    course: dict[str, Labelled], graded: tuple[Path, Outcome]
) -> None:
    out, outcome = graded
    assert outcome.status == 0
    assert outcome.err.splitlines()[-1] == f"graded {STUDENTS} of {STUDENTS}"
    assert rows(out).keys() == course.keys()
    assert gradings(out) == dict.fromkeys(course, 1)
    for name in course:
        result = json.loads((out / "submissions" / name / "result.json").read_bytes())
        assert breaches(result, name) == [], name


def test_each_submission_gets_its_own_result(
    course: dict[str, Labelled], graded: tuple[Path, Outcome]
) -> None:
    """Also next to submissions that hang or exit."""
    out, _ = graded
    wrong = {}
    for name, submission in course.items():
        result = json.loads((out / "submissions" / name / "result.json").read_bytes())
        if differences := list(_differences(submission, result)):
            wrong[name] = differences
    assert wrong == {}


def _differences(submission: Labelled, result: dict) -> Iterator[str]:
    if result["status"] not in submission.status:
        yield f"status {result['status']}"
    if submission.score is not None and result["score"] != submission.score:
        yield f"score {result['score']}"
    for function in result["functions"]:
        if function["status"] not in submission.statuses.get(
            function["name"], {function["status"]}
        ):
            yield f"{function['name']} {function['status']}"


def test_the_mix_holds_what_its_names_say(course: dict[str, Labelled]) -> None:
    kinds = [kind_of(submission) for submission in course.values()]
    assert {kind: kinds.count(kind) for kind in MIX} == MIX
    hanging = [submission for submission in course.values() if kind_of(submission) == "hanging"]
    assert all(
        any("timeout" in submission.statuses[name] for name in FUNCTIONS) for submission in hanging
    )
