"""`grader verify` proves an assignment, `grader doctor` a machine; both say what they have seen."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from grader import assignment as assignments
from grader import doctor
from grader.model import Assignment, Function
from grader.result import Proof
from tests.cli.conftest import Here
from tests.cli.running import GOLDEN, on_a_terminal, plain, run, same_as_golden


@pytest.fixture(scope="module")
def load() -> Assignment:
    return assignments.load("regularization")


def rows(screen: str) -> list[list[str]]:
    """Return the cells of a table; what a cell says on several lines is put together."""
    found: list[list[str]] = []
    for line in screen.splitlines():
        if line.startswith("│"):
            cells = [cell.strip() for cell in line.strip("│").split("│")]
            if cells[1]:
                found.append(cells)
            else:
                found[-1] = [f"{a} {b}".strip() for a, b in zip(found[-1], cells, strict=True)]
    return found


def test_verify_proves_the_assignment_word_for_word_as_recorded(here: Here) -> None:
    seen = here("verify")
    assert (seen.status, seen.err) == (0, "")
    assert same_as_golden("verify", seen.out)


def test_verify_takes_the_name_of_an_assignment_and_is_quiet_on_standard_error() -> None:
    seen = run("verify", "regularization")
    assert (seen.status, seen.err) == (0, "")
    assert seen.out.startswith("The assignment regularization")
    assert "\x1b" not in seen.out and " NO " not in seen.out


def test_verify_says_1_where_points_do_not_add_up(
    here: Here, load: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *others = load.functions
    cheaper = replace(first, checks=first.checks[:1])
    functions: tuple[Function, ...] = (cheaper, *others)
    monkeypatch.setattr(assignments, "load", lambda name: replace(load, functions=functions))
    seen = here("verify")
    assert seen.status == 1
    verdicts = {name: holds for name, holds, _ in rows(seen.out)}
    assert verdicts["the points add up to 100"] == "NO"
    assert verdicts["published figures earn less than half"] == "NO"
    assert verdicts["equal seeds give equal cases"] == "yes"
    assert re.search(r"\n\d+ of \d+ hold\.\n$", seen.out)


def test_doctor_tries_what_is_recorded_and_this_machine_holds(here: Here) -> None:
    seen = here("doctor")
    titles = [f"{name}: {holds}" for name, holds, _ in rows(seen.out)]
    assert same_as_golden("doctor", "\n".join(titles))
    assert (seen.status, seen.err) == (0, "")
    assert f"{len(titles)} of {len(titles)} hold." in seen.out


def test_doctor_fits_80_columns_and_shows_whole_paths() -> None:
    seen = on_a_terminal("doctor", env={"NO_COLOR": "1"})
    lines = plain(seen.out).splitlines()
    assert seen.status == 0
    assert max(map(len, lines)) <= 80
    (found,) = [told for name, _, told in rows(plain(seen.out)) if name == "bubblewrap is there"]
    assert "…" not in found and Path(found.replace(" ", "")).name.startswith("bwrap")


def test_doctor_says_1_and_what_to_do_where_something_does_not_hold(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    proofs = [
        Proof("a box answers", True, "42"),
        Proof("memory is bounded", False, "2147483648. Do not grade others' [bold]work[/] here."),
    ]
    monkeypatch.setattr(doctor, "examine", lambda: proofs)
    seen = here("doctor")
    assert (seen.status, seen.err) == (1, "")
    assert rows(seen.out) == [
        ["a box answers", "yes", "42"],
        ["memory is bounded", "NO", "2147483648. Do not grade others' [bold]work[/] here."],
    ]
    assert seen.out.endswith("1 of 2 hold.\n")


def test_every_recorded_screen_belongs_to_a_test() -> None:
    tests = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    assert [path.stem for path in GOLDEN.iterdir() if f'"{path.stem}"' not in tests] == []
