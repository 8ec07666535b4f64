"""`grader verify` checks an assignment, `grader doctor` a machine. Both list the checks."""

from __future__ import annotations

import re
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest
from rich.console import Console

from grader import assignments, verify
from grader.cli import author, machine
from grader.errors import AssignmentError
from grader.model import Assignment, Function, Tier
from grader.model.proofs import Claim, Verification, mistake_label
from grader.sandbox import doctor
from grader.verify import mistakes, mutants, trivial
from grader.views import html
from grader.views.terminal import proofs
from tests.cli.conftest import Here
from tests.support.command_line import GOLDEN, on_a_terminal, plain, same_as_golden
from tests.support.html_reader import read


@pytest.fixture(scope="module")
def load() -> Assignment:
    return assignments.load("regularization")


@pytest.fixture(scope="module")
def verification(load: Assignment, any_tier: Tier) -> Verification:
    """Verify the assignment once for all tests, as this takes minutes."""
    return verify.verify(load, tier=any_tier)


@pytest.fixture
def verified(verification: Verification, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command line use this verification instead of computing another."""
    monkeypatch.setattr(author, "verify", lambda *_, **__: verification)


def rows(screen: str) -> list[list[str]]:
    """Return the cells of a table, with the lines of a cell joined."""
    table: list[list[str]] = []
    for line in screen.splitlines():
        if line.startswith("│"):
            cells = [cell.strip() for cell in line.strip("│").split("│")]
            if cells[1]:
                table.append(cells)
            else:
                table[-1] = [f"{a} {b}".strip() for a, b in zip(table[-1], cells, strict=True)]
    return table


def test_every_claim_of_our_assignment_holds(verification: Verification) -> None:
    assert [claim.name for claim in verification.claims if not claim.holds] == []
    details = {claim.name: claim.detail for claim in verification.claims}
    assert details["the points add up to 100"] == "100"
    assert details["published examples earn less than half of the points"] == "at most 20%"
    assert details["equal seeds give equal cases"] == "36 cases"
    assert details["another seed gives other random cases"] == "4 public cases stay the same"
    assert details["the reference reproduces the published values"].endswith(" published values")
    assert details["the reference earns all points"] == "100 of 100: passed"
    mutants = re.findall(r"\d+", details["mutants of the reference are caught"])
    total, caught, equivalent, of_equal_size = map(int, mutants)
    assert total == caught + equivalent + of_equal_size > 700 and equivalent < total / 20
    untouched = "the unchanged template earns 0 points, and no function counts as attempted"
    assert details[untouched] == "0 of 100: not_attempted"


def test_verify_as_recorded(here: Here, verified: None) -> None:
    outcome = here("verify")
    assert (outcome.status, outcome.err) == (0, "")
    assert same_as_golden("verify", outcome.out)


def test_verify_takes_the_name_of_an_assignment(here: Here, verified: None) -> None:
    outcome = here("verify", "regularization")
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out.startswith("Assignment regularization")
    assert "\x1b" not in outcome.out and " NO " not in outcome.out


@pytest.mark.usefixtures("verified")
def test_verify_fits_80_columns(
    here: Here, verification: Verification, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(proofs, "console_for", lambda: Console(file=sys.stdout, width=80))
    outcome = here("verify", "--report", tmp_path / "p.html")
    lines = outcome.out.splitlines()
    assert outcome.status == 0
    assert max(map(len, lines)) <= 80
    labels = [
        mistake_label(m.name) for matrix in verification.kill_matrices for m in matrix.mistakes
    ]
    assert [begin for line in lines if (begin := line.split(" ")[0]) in set(labels)] == labels
    assert re.fullmatch(r"(\d+) of \1 checks passed\.", lines[-1])
    assert (tmp_path / "p.html").read_text("utf-8") == html.proofs_page(verification)


def test_the_page_has_every_mistake_and_pair(verification: Verification) -> None:
    page = read(html.proofs_page(verification))
    mistakes = [m for matrix in verification.kill_matrices for m in matrix.mistakes]
    pairs = [pair for matrix in verification.pair_matrices for pair in matrix.pairs]
    assert len(mistakes) >= 100 and len(pairs) >= 700
    labels = [cell.text for cell in page.all("th") if cell.get("scope") == "row"]
    assert [m.name for m in mistakes if labels.count(mistake_label(m.name)) == 0] == []
    cells = Counter(cell.get("class") for cell in page.all("td") if not cell.get("title"))
    caught = sum(kill.caught for mistake in mistakes for kill in mistake.detections)
    failing = sum(len(mistake.failed_checks) for mistake in mistakes)
    assert cells["passed"] == caught + failing + sum(m.recognised for m in mistakes)
    assert sum(bool(cell.get("title")) for cell in page.all("td")) == 2 * len(pairs)


@pytest.mark.parametrize(
    ("place", "reason"),
    [("no/such/proofs.html", "No such file or directory"), (".", "Is a directory")],
)
def test_verify_tests_its_page_before_verifying(
    here: Here, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: str, reason: str
) -> None:
    def fail(*_: object, **__: object) -> NoReturn:
        raise AssertionError("The assignment was verified.")

    monkeypatch.setattr(author, "verify", fail)
    monkeypatch.chdir(tmp_path)
    outcome = here("verify", "--report", place)
    assert (outcome.status, outcome.out) == (3, "")
    assert outcome.err == f"grader: {place} cannot be written: {reason}.\n"
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def unsound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the known mistakes fail to run, and leave out the other slow claims."""

    def fail(*_: object, **__: object) -> NoReturn:
        raise AssignmentError("Known answers do not run.")

    monkeypatch.setattr(mistakes, "kill_matrices", fail)
    monkeypatch.setattr(mistakes, "pair_matrices", fail)
    monkeypatch.setattr(mutants, "observe", fail)
    monkeypatch.setattr(mistakes, "judge_right_solutions", lambda *_: [])
    monkeypatch.setattr(trivial, "notebooks", lambda *_: ())


def test_the_page_without_known_mistakes(here: Here, unsound: None, tmp_path: Path) -> None:
    outcome = here("verify", "--report", tmp_path / "proofs.html")
    assert outcome.status == 1
    assert outcome.out.count("Known answers do not run.") == 1 and "least:" not in outcome.out
    page = read((tmp_path / "proofs.html").read_text("utf-8"))
    assert "they could not be run" in page.text and not page.all("h3")


def test_verify_fails_if_points_do_not_add_up(
    here: Here, unsound: None, load: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *rest = load.functions
    cheaper = replace(first, checks=first.checks[:1])
    functions: tuple[Function, ...] = (cheaper, *rest)
    monkeypatch.setattr(assignments, "load", lambda name: replace(load, functions=functions))
    outcome = here("verify")
    assert outcome.status == 1
    verdicts = {name: holds for name, holds, _ in rows(outcome.out)}
    assert verdicts["the points add up to 100"] == "NO"
    assert verdicts["published examples earn less than half of the points"] == "NO"
    assert verdicts["equal seeds give equal cases"] == "yes"
    assert re.search(r"\n\d+ of \d+ checks passed\.\n$", outcome.out)


def test_doctor_passes_on_this_machine(tier: Tier, here: Here) -> None:
    """The optional checks differ from machine to machine, so they are not recorded."""
    outcome = here("doctor")
    verdicts = {name: holds for name, holds, _ in rows(outcome.out)}
    optional = {proof.name for proof in (*doctor._means(), *doctor._packages(), doctor._speed())}
    optional |= {"the full sandbox is available"}
    needed = [f"{name}: {holds}" for name, holds in verdicts.items() if name not in optional]
    assert same_as_golden("doctor", "\n".join(needed))
    assert (outcome.status, outcome.err) == (0, "")
    assert {verdicts[name] for name in optional & verdicts.keys()} <= {"yes", "no"}
    lacking = sum(verdicts.get(name) == "no" for name in optional)
    more = f" Optional checks not passed: {lacking}." if lacking else ""
    assert outcome.out.endswith(f"\n{len(needed)} of {len(needed)} checks passed.{more}\n")


def test_doctor_fits_80_columns(tier: Tier) -> None:
    outcome = on_a_terminal("doctor", env={"NO_COLOR": "1"})
    lines = plain(outcome.out).splitlines()
    assert outcome.status == 0
    assert max(map(len, lines)) <= 80
    by_name = {name: (holds, detail) for name, holds, detail in rows(plain(outcome.out))}
    holds, detail = by_name["bubblewrap is installed"]
    assert "…" not in detail
    assert holds == "no" or Path(detail.replace(" ", "")).name.startswith("bwrap")


def test_doctor_fails_with_a_remedy(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    proofs = [
        Claim("a box answers", True, "42"),
        Claim("memory is bounded", False, "2147483648. Do not grade others' [bold]work[/] here."),
    ]
    monkeypatch.setattr(machine, "examine", lambda: proofs)
    outcome = here("doctor")
    assert (outcome.status, outcome.err) == (1, "")
    assert rows(outcome.out) == [
        ["a box answers", "yes", "42"],
        ["memory is bounded", "NO", "2147483648. Do not grade others' [bold]work[/] here."],
    ]
    assert outcome.out.endswith("1 of 2 checks passed.\n")


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
        Claim("a box holds on this machine", box, "it does"),
        Claim("it is the full one", False, "it is light", required=False),
    ]
    monkeypatch.setattr(machine, "examine", lambda: proofs)
    outcome = here("doctor")
    assert (outcome.status, outcome.err) == (status, "")
    assert [holds for _, holds, _ in rows(outcome.out)] == [
        "no",
        "yes",
        "yes" if box else "NO",
        "no",
    ]
    assert outcome.out.endswith(f"{summary}\n")


def test_every_recording_is_used() -> None:
    tests = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    assert [path.stem for path in GOLDEN.iterdir() if f'"{path.stem}"' not in tests] == []
