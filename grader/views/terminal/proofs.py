"""Claims and kill matrices as text: the screens of `grader verify` and `grader doctor`."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.model.proofs import Claim, KillMatrix, MistakeRow, mistake_label
from grader.views.terminal.console import console_for, plain_text

_LEGEND = (
    "cases: # catches the mistake, P is a public case that catches it, . does not "
    "catch it. checks: # fails, . passes. points: what the mistake costs. least: the smallest error "
    "that is caught, in units of the tolerance, or the reason if it has no size."
)

_LONGEST_LABEL = 40
_MOST_FAILURES = 10


def show_proofs(title: str, claims: Sequence[Claim], matrices: Sequence[KillMatrix] = ()) -> None:
    """Print the claims, the kill matrices, and the number of claims that hold."""
    console = console_for()
    table = Table(title=plain_text(title), title_justify="left")
    table.add_column("check")
    table.add_column("passed")
    table.add_column("details", overflow="fold")
    for claim in claims:
        table.add_row(plain_text(claim.name), _passed(claim), plain_text(claim.detail))
    console.print(table)
    for claim in claims:
        if claim.failures:
            console.print()
            console.print(plain_text(f"{claim.name}: {len(claim.failures)} failures"))
            _print_failures(console, claim.failures)
    for matrix in matrices:
        console.print()
        console.print(_kill_table(matrix))
        console.print(plain_text(matrix.costs))
    if matrices:
        console.print()
        console.print(plain_text(_LEGEND))
    required = [claim.holds for claim in claims if claim.required and claim.examined]
    optional = sum(not claim.holds and not claim.required for claim in claims)
    summary = f"{sum(required)} of {len(required)} checks passed."
    console.print(summary + (f" Optional checks not passed: {optional}." if optional else ""))


def _passed(claim: Claim) -> Text:
    if not claim.examined:
        return Text("-")
    failed = Text("NO", style="bold red") if claim.required else Text("no", style="yellow")
    return Text("yes", style="green") if claim.holds else failed


def _print_failures(console: Console, failures: Sequence[str]) -> None:
    """Print a line for each of the first failures. A long line is not broken, so that it can be copied."""
    for failure in failures[:_MOST_FAILURES]:
        console.print(Text("  ") + plain_text(failure), soft_wrap=True)
    if len(failures) > _MOST_FAILURES:
        more = len(failures) - _MOST_FAILURES
        console.print(f"  {more} more are on the page that --report FILE writes")


def _kill_table(matrix: KillMatrix) -> Table:
    """Return a row for each known mistake, with a character for each case and each check."""
    title = plain_text(f"Known mistakes in {matrix.function}")
    table = Table(title=title, title_justify="left", box=None)
    table.pad_edge = False
    labels = [mistake_label(mistake.name) for mistake in matrix.mistakes]
    no_wrap = max(map(len, labels)) <= _LONGEST_LABEL
    table.add_column("mistake", overflow="fold", no_wrap=no_wrap)
    table.add_column("cases", overflow="fold")
    table.add_column("checks", overflow="fold")
    table.add_column("points", justify="right", no_wrap=True)
    table.add_column("least", justify="right", no_wrap=True)
    table.add_column("recognised as", overflow="fold")
    for label, mistake in zip(labels, matrix.mistakes, strict=True):
        smallest = mistake.smallest
        marks = (
            ("P" if case.public else "#") if detection.caught else "."
            for case, detection in zip(matrix.cases, mistake.detections, strict=True)
        )
        table.add_row(
            plain_text(label),
            Text("".join(marks), style="green" if mistake.caught else "bold red"),
            "".join(
                "#" if at in mistake.failed_checks else "." for at in range(len(matrix.checks))
            ),
            f"{matrix.cost(mistake):g}",
            plain_text(smallest.error_text if smallest else "-"),
            _diagnoses(mistake),
        )
    return table


def _diagnoses(mistake: MistakeRow) -> Text:
    if mistake.recognised:
        return plain_text(", ".join(("itself", *mistake.recognised_as[1:])))
    return plain_text(", ".join(mistake.recognised_as) or "not recognised", "bold red")
