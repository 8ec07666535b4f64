"""The commands for a gradebook that `grader batch` has written: `report`, `adjust`, `diff`, `forget`."""

from __future__ import annotations

import contextlib
import getpass
import re
import subprocess
from pathlib import Path
from typing import Any

import click

from grader.batch import adjusting, changes, history, journal, week
from grader.batch.folder import without_files
from grader.batch.report import remake
from grader.cli.console import say
from grader.cli.options import TAGS
from grader.cli.policy import (
    policy_change,
    policy_options,
    say_not_counted,
    students_of,
    time_of,
    zone_in,
)
from grader.errors import UsageError
from grader.messages import catalog
from grader.model.result import Adjustment, AdjustmentKind
from grader.views import terminal

_GIT_SECONDS = 5
_OF_A_CHANGE = ("why", "due", "comment")
_NEGATIVE = re.compile(r"-(\d|\.\d|inf|nan)[\w.+-]*", re.IGNORECASE)
FOLDER = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
BY = click.option(
    "--by", metavar="NAME", help="Who changes it (default: git's user.name, or USER)."
)


@click.command("report")
@FOLDER
@click.option(
    "--lang",
    metavar="TAG",
    help=f"Language of the feedback: {TAGS} (default: the language of the last run).",
)
@policy_options
def report_command(folder: Path, lang: str | None, roster: Path | None, **policy: Any) -> None:
    """Make the pages and tables of a gradebook again.

    Reads the gradebook in DIR and grades nothing. --due, --late-penalty and --without change which
    points count, from now on. --roster adds a row for each student who submitted nothing. If DIR was
    written by 'grader batch --assignment auto', this makes all of its gradebooks again.

    \b
    Example:  grader report graded/ --lang zh-Hans
              grader report graded/ --late-penalty none
    """
    language = catalog.resolve(lang) if lang is not None else None
    books = week.folders(folder)
    for book in books or [folder]:
        change = policy_change(**policy, zone=zone_in(book))
        remade = remake(book, language, change, students_of(roster, book))
        terminal.show_class(remade.rows, book)
        for note in remade.roster_notes:
            say(note)
        say_not_counted(remade)
    if books:
        click.echo(f"All assignments: {week.write_page(folder, books, language)}")


# ------------------------------------------------------------------ changes by a person


class _WithNumbers(click.Command):
    """Reads a negative number as an argument and not as an option, so that it gets a clear sentence."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments; a negative number becomes the last one."""
        number = next((n for n, text in enumerate(args) if _NEGATIVE.fullmatch(text)), None)
        if number is not None and "--" not in args and not args[number - 1].startswith("--"):
            args = [*args[:number], *args[number + 1 :], "--", args[number]]
        return super().parse_args(ctx, args)


@click.command("adjust", cls=_WithNumbers)
@FOLDER
@click.argument("submission", metavar="[ID]", required=False)
@click.argument("function", metavar="[FUNCTION]", required=False)
@click.argument("points", metavar="[POINTS]", required=False, type=float)
@click.option("--why", metavar="TEXT", help="The reason, which the student sees.")
@click.option("--due", metavar="TIME", help="Grant an extension until this time.")
@click.option("--comment", metavar="TEXT", help="Say something to the student.")
@click.option("--list", "listing", is_flag=True, help="List all changes, of ID or of the class.")
@click.option("--undo", is_flag=True, help="Take back the last change of ID, or of its FUNCTION.")
@BY
def adjust_command(folder: Path, submission: str | None, **options: Any) -> None:
    """Change the points of a submission, grant an extension, or comment.

    Replaces the score of FUNCTION in submission ID of the gradebook in DIR by POINTS, from 0 to the
    maximum of the function. The change holds when the submission is graded again, and the student's
    page shows it with its reason. Nothing is deleted: --undo is a change, too.

    \b
    Example:  grader adjust graded/ ada_1040 compute_cost 20 --why "right, but with a loop"
              grader adjust graded/ ada_1040 --due 2026-11-12T23:59+01:00 --why "was ill"
              grader adjust graded/ ada_1040 --comment "Please see me on Monday."
              grader adjust graded/ ada_1040 compute_cost --undo
              grader adjust graded/ --list
    """
    if (options["listing"] or options["undo"]) and any(map(options.get, _OF_A_CHANGE)):
        raise UsageError(
            "--list and --undo change nothing else. Leave out --why, --due and --comment."
        )
    if options["listing"]:
        terminal.show_changes(adjusting.history_of(folder, submission))
        return
    if submission is None:
        raise UsageError("Give the ID of a submission, or --list.")
    by = options.pop("by") or _author()
    if options["undo"]:
        undone = adjusting.undo(folder, submission, function=options["function"], by=by)
        click.echo("Taken back:")
        terminal.show_changes([undone])
        return
    result = adjusting.adjust(folder, submission, _adjustment(folder, by, **options))
    terminal.show_adjusted(result)


def _adjustment(folder: Path, by: str, **options: Any) -> Adjustment:
    """Return the adjustment that the options describe. Raises UsageError if they are inconsistent."""
    function, points, why, due, comment = (
        options[name] for name in ("function", "points", "why", "due", "comment")
    )
    kinds = [points is not None, due is not None, comment is not None]
    if sum(kinds) != 1 or (function is not None and points is None):
        raise UsageError("Give either FUNCTION and POINTS, or --due, or --comment.")
    if comment is not None:
        if not comment.strip() or why is not None:
            raise UsageError("--comment needs a text, and no --why.")
        _refuse_long(comment, "--comment")
        return Adjustment(AdjustmentKind.COMMENT, comment, by, "")
    if not (why or "").strip():
        raise UsageError("Give the reason with --why. The student sees it.")
    _refuse_long(why, "--why")
    if due is not None:
        due = time_of(due, "--due", zone_in(folder))
        return Adjustment(AdjustmentKind.DUE, why, by, "", due=due)
    return Adjustment(AdjustmentKind.POINTS, why, by, "", function, points)


def _refuse_long(text: str, option: str) -> None:
    """Raise UsageError for a text that the gradebook would cut off."""
    if len(text) > changes.LONGEST_TEXT:
        raise UsageError(
            f"{option} has {len(text)} characters. Write at most {changes.LONGEST_TEXT}."
        )


def _author() -> str:
    """Return the name of the person at the keyboard: git's, else that of the account."""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        command = ["git", "config", "user.name"]
        done = subprocess.run(
            command, capture_output=True, check=False, text=True, timeout=_GIT_SECONDS
        )
        if done.stdout.strip():
            return done.stdout.strip()
    with contextlib.suppress(OSError, KeyError):
        return getpass.getuser()
    raise UsageError("Say with --by who makes this change.")


@click.command("forget")
@FOLDER
@click.argument("submissions", metavar="ID...", nargs=-1, required=True)
@click.option("--erase", is_flag=True, help="Delete the history of these submissions, too.")
@BY
def forget_command(
    folder: Path, submissions: tuple[str, ...], *, erase: bool, by: str | None
) -> None:
    """Take submissions out of a gradebook.

    Removes the rows of the IDs from the gradebook in DIR, and their pages. Their history stays, unless
    --erase is given.

    \b
    Example:  grader forget graded/ ada_1040 test_student
    """
    adjusting.forget(folder, submissions, by=by or _author(), erase=erase)
    for submission in dict.fromkeys(submissions):
        click.echo(f"Removed {submission}.")


# ------------------------------------------------------------------ differences


@click.command("diff")
@FOLDER
@click.argument("other", metavar="[DIR_B]", required=False, type=click.Path(path_type=Path))
def diff_command(folder: Path, other: Path | None) -> None:
    """Show whose points differ between two gradebooks, and why.

    Compares the gradebook in DIR with that in DIR_B. With one DIR it compares the gradebook with
    itself as it was before its last run, or after it if there was only one.

    \b
    Example:  grader diff graded/
              grader diff graded/ regraded/
    """
    with contextlib.ExitStack() as stack:
        book = stack.enter_context(journal.for_reading(folder))
        if other is None:
            before, later = history.before_last_run(book), history.present(book)
        elif other.exists() and other.samefile(folder):
            raise UsageError(f"{other} is the same gradebook. Give two, or one only.")
        else:
            second = stack.enter_context(journal.for_reading(other))
            names = [each.assignment.name for each in (book, second)]
            if names[0] != names[1]:
                raise UsageError(
                    f"{folder} is a gradebook of {names[0]} and {other} one of {names[1]}. Give two of "
                    "the same assignment."
                )
            before, later = history.present(book), history.present(second)
        number = terminal.show_differences(history.differences(before, later))
        # The differences come from the history, which can be whole if a result is damaged.
        moments = {before.book: before, later.book: later}.values()
        for moment in moments:
            moment.book.require_readable(sorted({*moment.gradings, *moment.book.submissions()}))
        missing = {m.book.folder: names for m in moments if (names := without_files(m.book))}
    for place, names in missing.items():
        say(
            f"The scores in the gradebook were compared, but files of {', '.join(names)} are missing in "
            f"{place}. Make them again with 'grader report {place}'."
        )
    if not number and not missing:
        say("No score differs.")
