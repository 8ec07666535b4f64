"""The options that decide which points of a gradebook count, and the changes that they ask for."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from pathlib import Path

import click

from grader.batch import Outcome, state_of, students_in
from grader.batch.changes import PolicyChange
from grader.batch.report import Remade
from grader.cli.console import NONE, say
from grader.errors import UsageError
from grader.intake import Source
from grader.intake.roster import read_roster
from grader.intake.times import with_zone, zone_of
from grader.model.scoring import AS_GRADED
from grader.model.submission import Student

_NAMED = 20
_POLICY_OPTIONS = (
    click.option(
        "--due", metavar="TIME", help="Due time, such as 2026-11-08T23:59+01:00; 'none' removes it."
    ),
    click.option(
        "--late-penalty",
        metavar="RULE",
        help="Points taken off late submissions, such as 10%/day,max=50%,grace=15min; "
        "'none' removes it.",
    ),
    click.option(
        "--without",
        metavar="FUNCTION",
        multiple=True,
        help="Drop a function: it stays listed, but does not count. May be repeated; "
        "'none' counts all functions again.",
    ),
    click.option(
        "--roster",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="The platform's CSV file of the class: who submitted nothing gets a row; "
        "'none' removes it.",
    ),
)


def policy_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that decide which points count."""
    for option in reversed(_POLICY_OPTIONS):
        command = option(command)
    return command


def policy_change(
    due: str | None,
    late_penalty: str | None,
    without: Sequence[str],
    *,
    zone: tzinfo | None = None,
) -> PolicyChange:
    """Return the changes that the options of `policy_options` ask for. Raises UsageError."""
    if NONE in without and {*without} != {NONE}:
        raise UsageError("--without none counts all functions again. Give it alone.")
    change = PolicyChange(
        tuple(name for name in without if name != NONE) if without else None,
        "" if due == NONE else None if due is None else time_of(due, "--due", zone),
        "" if late_penalty == NONE else late_penalty,
    )
    change.applied(AS_GRADED)
    return change


def students_of(
    roster: Path | None, folder: Path, sources: Sequence[Source] = ()
) -> tuple[Student, ...] | None:
    """Return the students of `--roster`, none if it is `none`, None without it. Raises UsageError.

    The IDs in the gradebook of a folder and in `sources` decide which of several columns has the IDs.
    """
    if roster is None:
        return None
    if str(roster) == NONE:
        return ()
    students = {**students_in(folder), **{source.id: source.student for source in sources}}
    ids = {student.id for student in students.values() if student and student.id}
    return read_roster(roster, {*students, *ids})


def time_of(text: str, option: str, zone: tzinfo | None = None) -> str:
    """Return a time in ISO 8601 with a zone; one without is in `zone`, or in that of this machine.

    Raises UsageError.
    """
    with contextlib.suppress(ValueError, OverflowError, OSError):
        time = with_zone(datetime.fromisoformat(text), zone)
        if len(text) > len("2026-11-08"):
            return time.isoformat()
    raise UsageError(f"{option}: {text!r} is not a time. Write it as in 2026-11-08T23:59+01:00.")


def zone_in(folder: Path) -> tzinfo | None:
    """Return the time zone in the gradebook of a folder, None if there is none. Raises UsageError."""
    name = state_of(folder).zone
    return zone_of(name) if name else None


def say_not_counted(rows: Outcome | Remade) -> None:
    """Name the submissions whose late penalty is not known, and points by hand above the maximum."""
    if ids := rows.without_time:
        number = "1 submission" if len(ids) == 1 else f"{len(ids)} submissions"
        if any(row.due is None for row in rows.rows if row.submission in ids):
            reason, next_step = "there is no due time", "Set it with --due."
        else:
            reason = "the time of submission is not known"
            next_step = "Change points with 'grader adjust' if a penalty applies."
        names = ", ".join(ids[:_NAMED]) + f" and {len(ids) - _NAMED} more" * (len(ids) > _NAMED)
        say(f"No late penalty for {number}, because {reason}: {names}. {next_step}")
    if rows.above_maximum:
        say(
            "The maximum counts where the points by hand are higher by now: "
            f"{', '.join(rows.above_maximum)}."
        )
