"""A notebook that was run as a whole: cells that did not finish, trainings with wrong results."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.console import Console
from rich.padding import Padding

from grader.messages import Translator, gettext
from grader.model.run_report import RunReport, TrainingReport
from grader.views.presentation import TRAINING_LABELS, cell_name
from grader.views.terminal.console import plain_text

_INDENT: Final = 2


def show_notebook_run(console: Console, run: RunReport, translator: Translator) -> None:
    """Print how the whole notebook ran."""
    console.print()
    console.print(plain_text(translator(gettext("The whole notebook")), "bold"))
    for message in _run_messages(run):
        console.print(Padding(plain_text(translator(message)), (0, 0, 0, _INDENT), expand=False))
    for training in run.trainings:
        for level, message in enumerate(_training_messages(training)):
            indent = _INDENT if level == 0 else 2 * _INDENT
            text = plain_text(translator(message))
            console.print(Padding(text, (0, 0, 0, indent), expand=False))


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
        yield gettext(
            "In this rehearsal each training ran only {iterations} iterations.",
            iterations=run.steps,
        )
    for cell in run.cells:
        place = cell_name(cell.number, cell.begins, cell.line)
        yield gettext("In {place}: {message}", place=place, message=cell.message)


def _training_messages(training: TrainingReport) -> Iterator[str]:
    """Yield the status of a training, then its wrong results."""
    label = TRAINING_LABELS[training.status]
    yield gettext("Training {about}: {label}.", about=training.about, label=label)
    if training.status == "missing":
        yield training.message
    for measure in training.figures:
        if not measure.right:
            yield gettext(
                "{name}: {got}, expected {expected}.",
                name=measure.name,
                got=measure.got or gettext("not shown"),
                expected=measure.expected,
            )
