"""The commands for a gradebook that `grader batch` has written: `report`."""

from __future__ import annotations

from pathlib import Path

import click

from grader.batch.report import remake
from grader.cli.options import TAGS
from grader.messages import catalog
from grader.views import terminal


@click.command("report")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--lang",
    metavar="TAG",
    help=f"Language of the feedback: {TAGS} (default: the language of the last run).",
)
def report_command(folder: Path, lang: str | None) -> None:
    """Make the pages and tables of a gradebook again.

    Reads the gradebook in DIR and grades nothing.

    \b
    Example:  grader report graded/ --lang zh-Hans
    """
    results = remake(folder, catalog.resolve(lang) if lang is not None else None)
    terminal.show_class(results, folder)
