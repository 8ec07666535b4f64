"""A notebook that was run as a whole: cells that did not finish, trainings with wrong results."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.padding import Padding

from grader.messages import Translator, gettext
from grader.model.run_report import CellReport, RunReport, TrainingReport
from grader.views.presentation import TRAINING_LABELS
from grader.views.terminal.console import plain_text


def show_notebook_run(console: Console, run: RunReport, translator: Translator) -> None:
    """Print how the whole notebook ran."""

    def show(message: str, indent: int) -> None:
        text = plain_text(translator(message))
        console.print(Padding(text, (0, 0, 0, indent), expand=False))

    console.print()
    console.print(plain_text(translator(gettext("The whole notebook")), "bold"))
    for message in _run_messages(run):
        show(message, 2)
    for training in run.trainings:
        label = TRAINING_LABELS[training.status]
        show(gettext("Training {about}: {label}.", about=training.about, label=label), 2)
        for message in _training_messages(training):
            show(message, 4)


def _run_messages(run: RunReport) -> Iterator[str]:
    yield gettext(
        "{ran} of {total} code cells ran, in {seconds} s.",
        ran=run.ran,
        total=run.total,
        seconds=f"{run.seconds:g}",
    )
    if run.message:
        yield run.message
    if run.steps is not None:
        yield gettext("In this rehearsal each training ran only {steps} steps.", steps=run.steps)
    yield from map(_cell_message, run.cells)


def _cell_message(cell: CellReport) -> str:
    if not cell.line:
        return gettext("Code cell {cell}: {message}", cell=cell.number, message=cell.message)
    return gettext(
        "Code cell {cell}, line {line}: {message}",
        cell=cell.number,
        line=cell.line,
        message=cell.message,
    )


def _training_messages(training: TrainingReport) -> Iterator[str]:
    if training.status == "missing":
        yield training.message
    for figure in training.figures:
        if not figure.right:
            yield gettext(
                "{name}: {got}, expected {expected}.",
                name=figure.name,
                got=figure.got or gettext("not shown"),
                expected=figure.expected,
            )
