"""The command `export`: a gradebook in the form of a platform."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from grader.batch import journal
from grader.batch.folder import make_folder
from grader.batch.report import translator_of
from grader.cli.console import say
from grader.cli.options import COURSE, load_assignment
from grader.errors import UsageError
from grader.files import append, write_whole
from grader.handout.autograder import autograder
from grader.model import Assignment
from grader.views.export import FORMATS, Export, Request
from grader.views.export.github import SUMMARY_BYTES

_FOLDER = "exports"
_WRITTEN = "written.json"
_AUTOGRADER = "gradescope-autograder"
_HELP = {name: form.help for name, form in FORMATS.items()} | {
    _AUTOGRADER: "zip for Gradescope, which then grades; instead of DIR it takes an assignment"
}
_FORMATS = "\n".join(f"  {name:<23}{text}" for name, text in _HELP.items())


@click.command("export", epilog=f"\b\nFormats:\n{_FORMATS}")
@click.argument("form", metavar="FORMAT", type=click.Choice([*_HELP]))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path), required=False)
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help=f"Write to this file or folder (default: DIR/{_FOLDER}/FORMAT).",
)
@click.option(
    "--gradebook",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The platform's own export. Its cells about students stay as they are.",
)
@click.option(
    "--column",
    metavar="TITLE",
    help="Title of the assignment's column in the platform's export (default: the assignment's).",
)
@click.option(
    "--zero-missing",
    is_flag=True,
    help="Write 0 for submissions that could not be graded and for students without one.",
)
@COURSE
def export_command(
    form: str, folder: Path | None, out: Path | None, course: Path | None, **options: Any
) -> None:
    """Write a gradebook in the form of a platform.

    Reads the gradebook in DIR and grades nothing.

    \b
    Example:  grader export canvas graded/ --gradebook Grades.csv --out upload.csv
              grader export gradescope-autograder regularization --out autograder.zip
    """
    _refuse_unused(form, options)
    if form == _AUTOGRADER:
        _write_autograder(load_assignment(str(folder) if folder else None, course), out)
    elif folder is None:
        raise UsageError(f"Give the folder of a gradebook: grader export {form} DIR.")
    elif form == "github":
        _write_github(_export(form, _request(folder, **options)), out)
    else:
        _write(form, folder, out, **options)


def _refuse_unused(form: str, options: Mapping[str, Any]) -> None:
    """Raise UsageError for an option that would change nothing in this format."""
    unused = [] if form in FORMATS and FORMATS[form].fills_table else ["gradebook", "column"]
    if form == _AUTOGRADER:
        unused.append("zero_missing")
    if names := [f"--{name.replace('_', '-')}" for name in unused if options[name]]:
        raise UsageError(f"{form} does not use {' and '.join(names)}. Leave the option out.")


def _write(form: str, folder: Path, out: Path | None, **options: Any) -> None:
    """Write a file or a folder and print its path, then sentences about missing grades and rows."""
    export = _export(form, _request(folder, **options))
    if out is None and not _is_writable(folder / _FOLDER):
        raise UsageError(f"{folder} cannot be written. Give a place for the export with --out.")
    target = out or folder / _FOLDER / FORMATS[form].target
    if FORMATS[form].is_file:
        _refuse_folder(target)
    gradebook = options["gradebook"]
    if gradebook and target.exists() and target.samefile(gradebook):
        raise UsageError(f"{target} is the platform's own export. Choose another file for --out.")
    if FORMATS[form].is_file:
        make_folder(target.parent)
        for file in export.files:
            write_whole(target, file.data)
    else:
        _write_folder(export, target, folder / _FOLDER / _WRITTEN)
    for note in export.notes:
        say(note)
    click.echo(target)


def _is_writable(folder: Path) -> bool:
    return os.access(folder if folder.exists() else folder.parent, os.W_OK)


def _refuse_folder(target: Path) -> None:
    if target.is_dir():
        raise UsageError(f"{target} is a folder. Give the name of a file with --out.")


def _write_autograder(assignment: Assignment, out: Path | None) -> None:
    """Write the zip of Gradescope's autograder and print its path."""
    target = out or Path(f"{assignment.name}-{_AUTOGRADER}.zip")
    _refuse_folder(target)
    content = autograder(assignment)
    make_folder(target.parent)
    write_whole(target, content)
    click.echo(target)


def _write_github(export: Export, out: Path | None) -> None:
    """Print the annotations; write the summary to a file, else add it to that of the job's step."""
    [summary] = export.files
    if out:
        _refuse_folder(out)
    step = os.environ.get("GITHUB_STEP_SUMMARY")
    if out:
        make_folder(out.parent)
        write_whole(out, summary.data)
    elif step and _size(Path(step)) + len(summary.data) > SUMMARY_BYTES:
        say("No summary is written: that of this step would be larger than GitHub takes.")
    elif step:
        append(Path(step), summary.data.decode())
    else:
        say("No summary is written: there is neither --out nor GITHUB_STEP_SUMMARY.")
    click.echo(export.printed.encode(), nl=False)  # bytes: these commands are for the log


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _request(
    folder: Path,
    gradebook: Path | None,
    column: str | None,
    *,
    zero_missing: bool,
) -> Request:
    """Read the gradebook in a folder and the platform's own. Raises UsageError, DiskError."""
    with journal.for_reading(folder) as book:
        translator = translator_of(book)
        results = tuple(book.counted())
    text = _read(gradebook) if gradebook else None
    return Request(results, translator, text, column, zero_missing=zero_missing)


def _read(gradebook: Path) -> str:
    try:
        return gradebook.read_bytes().decode()
    except OSError as error:
        raise UsageError(f"{gradebook} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{gradebook} is not in UTF-8. Use the file as the platform wrote it, not one that a "
            "spreadsheet program saved."
        ) from error


def _export(name: str, request: Request) -> Export:
    try:
        return FORMATS[name].write(request)
    except ValueError as error:
        raise UsageError(str(error)) from error


# ------------------------------------------------------------------ files


def _write_folder(export: Export, target: Path, record: Path) -> None:
    """Write the files into a folder, and remove those of an earlier export that are no longer in it.

    The record in the gradebook lists the files of each folder that was written, unless nothing can be
    written there. Raises UsageError if the folder has files that no export wrote, and DiskError.
    """
    written = _written(record)
    key = str(target.resolve())
    if target.exists() and key not in written and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(
            f"{target} is neither an empty folder nor an earlier export. Choose another for --out."
        )
    earlier = written.setdefault(key, [])
    make_folder(target)
    keeps_record = _is_writable(record.parent)
    if keeps_record:
        make_folder(record.parent)
        write_whole(record, json.dumps(written))
    names = []
    for file in export.files:
        path = target / file.name
        make_folder(path.parent)
        write_whole(path, file.data)
        names.append(file.name)
    for name in {*earlier} - {*names}:
        path = target / name
        if path.resolve().is_relative_to(target.resolve()):
            with suppress(OSError):  # the folder of a file may have other files
                path.unlink()
                path.parent.rmdir()
    if keeps_record:
        write_whole(record, json.dumps({**written, key: names}))


def _written(record: Path) -> dict[str, list[str]]:
    """Return the folders that exports wrote, with the files of each; nothing if that is damaged."""
    with suppress(OSError, ValueError, AttributeError):
        return {
            str(key): [*map(str, names)] for key, names in json.loads(record.read_bytes()).items()
        }
    return {}
