"""A large class of every kind in one run: all have a result, and each that is honest has its label.

Its labels are next to a submission; see `tests/submissions`.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.submissions import FUNCTIONS, Labelled
from tests.support.command_line import Outcome, breaches, gradings, labelled, rows, run

MIX = {
    "right": 28,
    "wrong": 30,
    "missing": 10,
    "error": 10,
    "malformed": 14,
    "exiting": 6,
    "hanging": 2,
}
TIMEOUT_SECONDS = 24
HANGING = (
    "hostile-sleeps",
    "hostile-endless-loop",
    "hostile-endless-needed-cell",
    "hostile-ignores-signals",
)
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


def chosen() -> Iterator[tuple[str, Labelled, bytes]]:
    """Yield 100 submissions with names and bytes of their own."""
    for kind, count in MIX.items():
        ones = [submission for submission in labelled().values() if kind_of(submission) == kind]
        for number, submission in enumerate(itertools.islice(itertools.cycle(ones), count)):
            copy = number // len(ones)
            yield (
                f"{submission.name}.{copy}",
                submission,
                distinct(submission.data, copy) if copy else submission.data,
            )


def distinct(data: bytes, copy: int) -> bytes:
    """Return a notebook with one more cell, in which a comment stands."""
    document = json.loads(data)
    (cell, *_) = [cell for cell in document["cells"] if cell["cell_type"] == "code"]
    document["cells"].append({**cell, "source": [f"# handed in {copy + 1} times"]})
    return json.dumps(document).encode()


@pytest.fixture(scope="module")
def course() -> dict[str, tuple[Labelled, bytes]]:
    by_name = {name: (submission, data) for name, submission, data in chosen()}
    assert len(by_name) == len({data for _, data in by_name.values()}) == 100
    return by_name


@pytest.fixture(scope="module")
def graded(
    course: dict[str, tuple[Labelled, bytes]], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Outcome]:
    folder = tmp_path_factory.mktemp("course")
    for name, (_, data) in course.items():
        (folder / "inbox" / name).mkdir(parents=True)
        (folder / "inbox" / name / "Regularization.ipynb").write_bytes(data)
    outcome = run(
        *("batch", folder / "inbox", "--out", folder / "out", "--workers", 2),
        *("--timeout", TIMEOUT_SECONDS),
    )
    return folder / "out", outcome


def test_every_submission_has_a_result(
    course: dict[str, tuple[Labelled, bytes]], graded: tuple[Path, Outcome]
) -> None:
    out, outcome = graded
    assert outcome.status == 0
    assert outcome.err.splitlines()[-1] == "graded 100 of 100"
    assert rows(out).keys() == course.keys()
    assert gradings(out) == dict.fromkeys(course, 1)
    for name in course:
        result = json.loads((out / "submissions" / name / "result.json").read_bytes())
        assert breaches(result, name) == [], name


def test_each_submission_gets_its_own_result(
    course: dict[str, tuple[Labelled, bytes]], graded: tuple[Path, Outcome]
) -> None:
    """Also next to submissions that hang or exit."""
    out, _ = graded
    wrong = {}
    for name, (submission, _) in course.items():
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


def test_the_mix_holds_what_its_names_say(course: dict[str, tuple[Labelled, bytes]]) -> None:
    kinds = [kind_of(submission) for submission, _ in course.values()]
    assert {kind: kinds.count(kind) for kind in MIX} == MIX
    hanging = [submission for submission, _ in course.values() if kind_of(submission) == "hanging"]
    assert all(
        any("timeout" in submission.statuses[name] for name in FUNCTIONS) for submission in hanging
    )
