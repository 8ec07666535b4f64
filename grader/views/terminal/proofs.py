"""What was proven of an assignment or of this machine, as text."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from grader.model.proofs import KillMatrix, Mistaken, Proof, label, off_by
from grader.views.terminal.screen import on_screen, screen

_KILLS_LEGEND = (
    "cases: # catches the mistake, P is a public case that catches it, . does not "
    "catch it. checks: # fails, . passes. least: the smallest error that is caught, "
    "in units of the tolerance, or the reason if it has no size."
)

_LONGEST_LABEL = 40


def show_proofs(title: str, proofs: Sequence[Proof], kills: Sequence[KillMatrix] = ()) -> None:
    """Print what holds and what does not, and what to do about it; where known mistakes are caught."""
    console = screen()
    table = Table(title=on_screen(title), title_justify="left")
    table.add_column("check")
    table.add_column("passed")
    table.add_column("details", overflow="fold")
    for proof in proofs:
        table.add_row(on_screen(proof.name), _verdict(proof), on_screen(proof.detail))
    console.print(table)
    for matrix in kills:
        console.print()
        console.print(_kills(matrix))
    if kills:
        console.print()
        console.print(on_screen(_KILLS_LEGEND))
    needed = [proof for proof in proofs if proof.needed]
    held = sum(proof.holds for proof in needed)
    told = f"{held} of {len(needed)} checks passed."
    lacking = sum(not proof.holds and not proof.needed for proof in proofs)
    console.print(told + (f" Optional checks not passed: {lacking}." if lacking else ""))


def _verdict(proof: Proof) -> Text:
    if proof.holds:
        return Text("yes", style="green")
    return Text("NO", style="bold red") if proof.needed else Text("no", style="yellow")


def _kills(matrix: KillMatrix) -> Table:
    """Return a row for each known mistake, a character for each case and each check."""
    table = Table(
        title=on_screen(f"Known mistakes in {matrix.function}"), title_justify="left", box=None
    )
    table.pad_edge = False
    longest = max(len(label(mistake.name)) for mistake in matrix.mistakes)
    table.add_column("mistake", overflow="fold", no_wrap=longest <= _LONGEST_LABEL)
    table.add_column("cases", overflow="fold")
    table.add_column("checks", overflow="fold")
    table.add_column("least", justify="right", no_wrap=True)
    table.add_column("recognised as", overflow="fold")
    for mistake in matrix.mistakes:
        cases, checks = _caught_in(matrix, mistake), _failing(matrix, mistake)
        least = on_screen(off_by(mistake.nearest) if mistake.nearest else "-")
        table.add_row(on_screen(label(mistake.name)), cases, checks, least, _named_as(mistake))
    return table


def _caught_in(matrix: KillMatrix, mistake: Mistaken) -> Text:
    marks = ("P" if column.public else "#" for column in matrix.columns)
    caught = zip(marks, mistake.kills, strict=True)
    shown = "".join(mark if kill.caught else "." for mark, kill in caught)
    return Text(shown, style="green" if mistake.caught else "bold red")


def _failing(matrix: KillMatrix, mistake: Mistaken) -> str:
    return "".join("#" if at in mistake.checks else "." for at in range(len(matrix.checks)))


def _named_as(mistake: Mistaken) -> Text:
    if mistake.right:
        return on_screen(", ".join(("itself", *mistake.named[1:])))
    return on_screen(", ".join(mistake.named) or "not recognised", "bold red")
