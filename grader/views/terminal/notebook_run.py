"""A notebook that was run whole, on the screen: how far it came, what stopped, which trainings differ."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.padding import Padding

from grader.messages import Translator, gettext
from grader.model.run_report import CellReport, Figure, RunReport, TrainingReport
from grader.views.terminal.screen import on_screen

_WORDS = {
    "right": gettext("right"),
    "wrong": gettext("not right yet"),
    "missing": gettext("not trained"),
}


def show_rundown(console: Console, told: RunReport, say: Translator) -> None:
    """Print how the whole notebook went."""
    console.print()
    console.print(on_screen(say(gettext("The whole notebook")), "bold"))
    for line in _lines(told):
        console.print(Padding(on_screen(say(line)), (0, 0, 0, 2), expand=False))
    for training in told.trainings:
        _show_training(console, training, say)


def _lines(told: RunReport) -> Iterator[str]:
    counts = {"ran": told.ran, "total": told.total, "seconds": f"{told.seconds:g}"}
    yield gettext("{ran} of {total} code cells ran, in {seconds} s.", **counts)
    if told.message:
        yield told.message
    if told.steps is not None:
        yield gettext("In this rehearsal each training ran only {steps} steps.", steps=told.steps)
    yield from map(_cell, told.cells)


def _cell(cell: CellReport) -> str:
    told = {"cell": cell.number, "line": cell.line, "message": cell.message}
    if not cell.line:
        return gettext("Code cell {cell}: {message}", cell=cell.number, message=cell.message)
    return gettext("Code cell {cell}, line {line}: {message}", **told)


def _show_training(console: Console, training: TrainingReport, say: Translator) -> None:
    line = gettext("Training {about}: {word}.", about=training.about, word=_WORDS[training.status])
    why = [training.message] if training.status == "missing" else []
    differing = [_differs(figure) for figure in training.figures if not figure.right]
    console.print(Padding(on_screen(say(line)), (0, 0, 0, 2), expand=False))
    for more in (*why, *differing):
        console.print(Padding(on_screen(say(more)), (0, 0, 0, 4), expand=False))


def _differs(figure: Figure) -> str:
    got = figure.got or gettext("not shown")
    told = {"name": figure.name, "got": got, "expected": figure.expected}
    return gettext("{name}: {got}, expected {expected}.", **told)
