"""`grader verify` proves an assignment, `grader doctor` a machine; both say what they have seen."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest

from grader import assignments, verify
from grader.cli import author, machine
from grader.errors import AssignmentError
from grader.model import Assignment, Function, Tier
from grader.model.proofs import Claim, Verification, mistake_label
from grader.sandbox import doctor
from grader.verify import mistakes, mutants
from grader.views import html
from tests.cli.conftest import Here
from tests.support.command_line import GOLDEN, on_a_terminal, plain, same_as_golden
from tests.support.html_reader import read


@pytest.fixture(scope="module")
def load() -> Assignment:
    return assignments.load("regularization")


@pytest.fixture(scope="module")
def proven(load: Assignment, any_tier: Tier) -> Verification:
    """Return what proves the assignment, made once: it takes its time."""
    return verify.verify(load, tier=any_tier)


@pytest.fixture
def known(proven: Verification, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have what is proven be known already."""
    monkeypatch.setattr(author, "verify", lambda *_, **__: proven)


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


def test_every_claim_of_our_assignment_holds(proven: Verification) -> None:
    assert [claim.name for claim in proven.claims if not claim.holds] == []
    details = {claim.name: claim.detail for claim in proven.claims}
    assert details["the points add up to 100"] == "100"
    assert details["published examples earn less than half of the points"] == "at most 20%"
    assert details["equal seeds give equal cases"] == "36 cases"
    assert details["another seed gives other random cases"] == "4 public cases stay the same"
    assert details["the reference reproduces the published values"].endswith(" published values")
    assert details["the reference earns all points"] == "100 of 100: passed"
    untouched = "the unchanged template earns 0 points, and no function counts as attempted"
    assert details[untouched] == "0 of 100: not_attempted"


def test_verify_as_recorded(here: Here, known: None) -> None:
    seen = here("verify")
    assert (seen.status, seen.err) == (0, "")
    assert same_as_golden("verify", seen.out)


def test_verify_takes_the_name_of_an_assignment(here: Here, known: None) -> None:
    seen = here("verify", "regularization")
    assert (seen.status, seen.err) == (0, "")
    assert seen.out.startswith("Assignment regularization")
    assert "\x1b" not in seen.out and " NO " not in seen.out


def test_verify_fits_80_columns(proven: Verification, tmp_path: Path) -> None:
    seen = on_a_terminal("verify", "--report", tmp_path / "p.html", env={"NO_COLOR": "1"})
    lines = plain(seen.out).splitlines()
    assert seen.status == 0
    assert max(map(len, lines)) <= 80
    named = [mistake_label(m.name) for matrix in proven.kill_matrices for m in matrix.mistakes]
    assert [begin for line in lines if (begin := line.split(" ")[0]) in set(named)] == named
    assert re.fullmatch(r"(\d+) of \1 checks passed\.", lines[-1])
    assert (tmp_path / "p.html").read_text("utf-8") == html.proofs_page(proven)


def test_the_page_has_every_mistake_and_pair(
    proven: Verification,
) -> None:
    page = read(html.proofs_page(proven))
    mistakes = [m for matrix in proven.kill_matrices for m in matrix.mistakes]
    pairs = [pair for matrix in proven.pair_matrices for pair in matrix.pairs]
    assert len(mistakes) >= 100 and len(pairs) >= 700
    named = [cell.text for cell in page.all("th") if cell.get("scope") == "row"]
    assert [m.name for m in mistakes if named.count(mistake_label(m.name)) == 0] == []
    told = Counter(cell.get("class") for cell in page.all("td") if not cell.get("title"))
    caught = sum(kill.caught for mistake in mistakes for kill in mistake.detections)
    failing = sum(len(mistake.failed_checks) for mistake in mistakes)
    assert told["passed"] == caught + failing + sum(m.recognised for m in mistakes)
    assert sum(bool(cell.get("title")) for cell in page.all("td")) == 2 * len(pairs)


@pytest.mark.parametrize(
    ("place", "reason"),
    [("no/such/proofs.html", "No such file or directory"), (".", "Is a directory")],
)
def test_verify_tests_its_page_before_verifying(
    here: Here, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: str, reason: str
) -> None:
    def proven(*_: object, **__: object) -> NoReturn:
        raise AssertionError("It was proven.")

    monkeypatch.setattr(author, "verify", proven)
    monkeypatch.chdir(tmp_path)
    seen = here("verify", "--report", place)
    assert (seen.status, seen.out) == (3, "")
    assert seen.err == f"grader: {place} cannot be written: {reason}.\n"
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def unproven(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no known mistake run, which takes most of the time of a proof."""

    def unsound(*_: object, **__: object) -> NoReturn:
        raise AssignmentError("Known answers do not run.")

    monkeypatch.setattr(mistakes, "kill_matrices", unsound)
    monkeypatch.setattr(mistakes, "pair_matrices", unsound)
    monkeypatch.setattr(mutants, "examine", unsound)


def test_the_page_without_known_mistakes(here: Here, unproven: None, tmp_path: Path) -> None:
    seen = here("verify", "--report", tmp_path / "proofs.html")
    assert seen.status == 1
    assert seen.out.count("Known answers do not run.") == 4 and "least:" not in seen.out
    page = read((tmp_path / "proofs.html").read_text("utf-8"))
    assert "they could not be run" in page.text and not page.all("h3")


def test_verify_fails_if_points_do_not_add_up(
    here: Here, unproven: None, load: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *others = load.functions
    cheaper = replace(first, checks=first.checks[:1])
    functions: tuple[Function, ...] = (cheaper, *others)
    monkeypatch.setattr(assignments, "load", lambda name: replace(load, functions=functions))
    seen = here("verify")
    assert seen.status == 1
    verdicts = {name: holds for name, holds, _ in rows(seen.out)}
    assert verdicts["the points add up to 100"] == "NO"
    assert verdicts["published examples earn less than half of the points"] == "NO"
    assert verdicts["equal seeds give equal cases"] == "yes"
    assert re.search(r"\n\d+ of \d+ checks passed\.\n$", seen.out)


def test_doctor_passes_on_this_machine(tier: Tier, here: Here) -> None:
    """What would be good to have differs from machine to machine, and so is not recorded."""
    seen = here("doctor")
    told = {name: holds for name, holds, _ in rows(seen.out)}
    good_to_have = {proof.name for proof in doctor._means()} | {"the full sandbox is available"}
    needed = [f"{name}: {holds}" for name, holds in told.items() if name not in good_to_have]
    assert same_as_golden("doctor", "\n".join(needed))
    assert (seen.status, seen.err) == (0, "")
    assert {told[name] for name in good_to_have & told.keys()} <= {"yes", "no"}
    lacking = sum(told.get(name) == "no" for name in good_to_have)
    more = f" Optional checks not passed: {lacking}." if lacking else ""
    assert seen.out.endswith(f"\n{len(needed)} of {len(needed)} checks passed.{more}\n")


def test_doctor_fits_80_columns(tier: Tier) -> None:
    seen = on_a_terminal("doctor", env={"NO_COLOR": "1"})
    lines = plain(seen.out).splitlines()
    assert seen.status == 0
    assert max(map(len, lines)) <= 80
    by_name = {name: (holds, told) for name, holds, told in rows(plain(seen.out))}
    holds, found = by_name["bubblewrap is installed"]
    assert "…" not in found
    assert holds == "no" or Path(found.replace(" ", "")).name.startswith("bwrap")


def test_doctor_fails_with_a_remedy(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    proofs = [
        Claim("a box answers", True, "42"),
        Claim("memory is bounded", False, "2147483648. Do not grade others' [bold]work[/] here."),
    ]
    monkeypatch.setattr(machine, "examine", lambda: proofs)
    seen = here("doctor")
    assert (seen.status, seen.err) == (1, "")
    assert rows(seen.out) == [
        ["a box answers", "yes", "42"],
        ["memory is bounded", "NO", "2147483648. Do not grade others' [bold]work[/] here."],
    ]
    assert seen.out.endswith("1 of 2 checks passed.\n")


@pytest.mark.parametrize(
    ("box", "status", "summary"),
    [
        (True, 0, "1 of 1 checks passed. Optional checks not passed: 2."),
        (False, 1, "0 of 1 checks passed. Optional checks not passed: 2."),
    ],
)
def test_optional_checks_of_doctor_may_fail(
    here: Here, monkeypatch: pytest.MonkeyPatch, *, box: bool, status: int, summary: str
) -> None:
    proofs = [
        Claim("bubblewrap is there", False, "it is not", required=False),
        Claim("the kernel has Landlock", True, "version 7", required=False),
        Claim("a box holds on this machine", box, "seen"),
        Claim("it is the full one", False, "it is light", required=False),
    ]
    monkeypatch.setattr(machine, "examine", lambda: proofs)
    seen = here("doctor")
    assert (seen.status, seen.err) == (status, "")
    assert [holds for _, holds, _ in rows(seen.out)] == ["no", "yes", "yes" if box else "NO", "no"]
    assert seen.out.endswith(f"{summary}\n")


def test_every_recording_belongs_to_a_test() -> None:
    tests = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    assert [path.stem for path in GOLDEN.iterdir() if f'"{path.stem}"' not in tests] == []
