"""A large class of every kind in one run: all have a result, and each that is honest has its label.

What a labelled submission must get is stated beside it; see `tests/submissions`.
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
    "right": 56,
    "wrong": 60,
    "missing": 20,
    "error": 20,
    "malformed": 28,
    "exiting": 12,
    "hanging": 4,
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


def kind_of(one: Labelled) -> str:
    """Return the kind of a labelled submission, or nothing for attacks of other kinds."""
    if one.name in HANGING:
        return "hanging"
    if one.name in EXITING:
        return "exiting"
    if any("missing" in statuses for statuses in one.statuses.values()):
        return "missing"
    kind = one.name.partition("-")[0]
    return "" if one.hostile else kind


def chosen() -> Iterator[tuple[str, Labelled, bytes]]:
    """Yield 200 submissions with names and bytes of their own."""
    for kind, count in MIX.items():
        ones = [one for one in labelled().values() if kind_of(one) == kind]
        for number, one in enumerate(itertools.islice(itertools.cycle(ones), count)):
            copy = number // len(ones)
            yield f"{one.name}.{copy}", one, distinct(one.data, copy) if copy else one.data


def distinct(data: bytes, copy: int) -> bytes:
    """Return a notebook with one more cell, in which a comment stands."""
    document = json.loads(data)
    (cell, *_) = [cell for cell in document["cells"] if cell["cell_type"] == "code"]
    document["cells"].append({**cell, "source": [f"# handed in {copy + 1} times"]})
    return json.dumps(document).encode()


@pytest.fixture(scope="module")
def course() -> dict[str, tuple[Labelled, bytes]]:
    found = {name: (one, data) for name, one, data in chosen()}
    assert len(found) == len({data for _, data in found.values()}) == 200
    return found


@pytest.fixture(scope="module")
def graded(
    course: dict[str, tuple[Labelled, bytes]], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Outcome]:
    folder = tmp_path_factory.mktemp("course")
    for name, (_, data) in course.items():
        (folder / "inbox" / name).mkdir(parents=True)
        (folder / "inbox" / name / "Regularization.ipynb").write_bytes(data)
    seen = run(
        *("batch", folder / "inbox", "--out", folder / "out", "--workers", 2),
        *("--timeout", TIMEOUT_SECONDS),
    )
    return folder / "out", seen


def test_every_submission_has_a_result(
    course: dict[str, tuple[Labelled, bytes]], graded: tuple[Path, Outcome]
) -> None:
    out, seen = graded
    assert seen.status == 0
    assert seen.err.splitlines()[-1] == "graded 200 of 200"
    assert rows(out).keys() == course.keys()
    assert gradings(out) == dict.fromkeys(course, 1)
    for name in course:
        result = json.loads((out / "submissions" / name / "result.json").read_bytes())
        assert breaches(result, name) == [], name


def test_every_one_has_its_label_and_whoever_hangs_or_exits_costs_nobody_a_point(
    course: dict[str, tuple[Labelled, bytes]], graded: tuple[Path, Outcome]
) -> None:
    out, _ = graded
    wrong = {}
    for name, (one, _) in course.items():
        result = json.loads((out / "submissions" / name / "result.json").read_bytes())
        if differences := list(_differences(one, result)):
            wrong[name] = differences
    assert wrong == {}


def _differences(one: Labelled, result: dict) -> Iterator[str]:
    if result["status"] not in one.status:
        yield f"status {result['status']}"
    if one.score is not None and result["score"] != one.score:
        yield f"score {result['score']}"
    for function in result["functions"]:
        if function["status"] not in one.statuses.get(function["name"], {function["status"]}):
            yield f"{function['name']} {function['status']}"


def test_the_mix_holds_what_its_names_say(course: dict[str, tuple[Labelled, bytes]]) -> None:
    kinds = [kind_of(one) for one, _ in course.values()]
    assert {kind: kinds.count(kind) for kind in MIX} == MIX
    hanging = [one for one, _ in course.values() if kind_of(one) == "hanging"]
    assert all(any("timeout" in one.statuses[name] for name in FUNCTIONS) for one in hanging)
