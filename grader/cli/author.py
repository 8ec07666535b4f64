"""The commands for the author of an assignment: `verify` and `release`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from grader.cli.console import ExitStatus
from grader.cli.options import (
    ASSIGNMENT,
    COURSE,
    LANG,
    REPORT,
    choose_tier,
    load_assignment,
)
from grader.files import require_writable, write_whole
from grader.handout.release import release
from grader.messages import catalog
from grader.verify import verify
from grader.views import html, terminal


@click.command("verify")
@click.argument("name", metavar="[ASSIGNMENT]", required=False)
@COURSE
@REPORT
def verify_command(name: str | None, course: Path | None, report: Path | None) -> None:
    """Verify an assignment before a class is graded.

    Verifies points, test cases, reference, template, known mistakes, and mutants of the reference.
    For each known mistake, prints the test cases and the grading checks that catch it, the smallest
    error that is caught, and the diagnosis. The report page also has the error in each test case,
    and every pair of mistakes.

    \b
    Example:  grader verify regularization --report proofs.html
    """
    assignment = load_assignment(name, course)
    if report:
        require_writable(report)
    with terminal.show_spinner(f"Verifying {assignment.name} (about half a minute)"):
        verification = verify(assignment, tier=choose_tier(assignment))
    if report:
        write_whole(report, html.proofs_page(verification))
    claims = verification.claims
    terminal.show_proofs(f"Assignment {assignment.name}", claims, verification.kill_matrices)
    holds = all(claim.holds for claim in claims)
    sys.exit(ExitStatus.OK if holds else ExitStatus.LESS)


@click.command("release")
@click.argument("folder", type=click.Path(path_type=Path))
@ASSIGNMENT
@COURSE
@LANG
def release_command(folder: Path, assignment: str | None, course: Path | None, lang: str) -> None:
    """Write the FOLDER for students.

    It contains the notebook, its files, and tests on the published examples.

    \b
    Example:  grader release handout/
    """
    loaded, language = load_assignment(assignment, course), catalog.resolve(lang)
    tier = choose_tier(loaded)
    for file in release(loaded, folder, tier=tier, language=language):
        click.echo(file)
