"""The command that grades a class: `batch`."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from grader import intake
from grader.assignments import oracle
from grader.batch import ERRORS_LOG, Batch, BatchRequest, Outcome, run, state_of
from grader.batch.report import refuse_all, refuse_unknown
from grader.batch.suggestions import did_you_mean
from grader.batch.workers import pool
from grader.cli.console import NONE, ExitStatus, say
from grader.cli.options import (
    GradingOptions,
    grading_options,
    load_assignment,
    refuse_course_in,
)
from grader.cli.policy import policy_change, policy_options, say_not_counted, students_of
from grader.cli.submissions import intake_options, report_intake, take_intake_options
from grader.errors import UsageError
from grader.grading import Settings
from grader.intake import Source
from grader.model import Assignment, Tier
from grader.model.result import Status
from grader.model.submission import Student
from grader.model.summary import ResultSummary
from grader.notebook_run import trainings
from grader.verify import claims
from grader.views import html, terminal


@click.command("batch")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--out",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Folder of the gradebook (default: reports/ASSIGNMENT).",
)
@click.option(
    "--workers",
    metavar="N",
    type=click.IntRange(min=1),
    help="Number of submissions graded at the same time (default: number of cores).",
)
@click.option("--only", metavar="ID", multiple=True, help="Grade only this ID. May be repeated.")
@click.option("--add", is_flag=True, help="Allow submissions that are all new to the gradebook.")
@policy_options
@intake_options
@grading_options
def batch_command(paths: tuple[Path, ...], out: Path | None, **options: Any) -> None:
    """Grade every submission under PATHS into a gradebook.

    PATHS are notebooks, folders, or zip files from a learning platform. DIR gets index.html (the
    class), grades.csv, and submissions/ID/ with the report of each submission; with --keep-notebook
    also executed.ipynb. The gradebook is the sum of all runs into DIR: a run adds or renews its
    submissions and keeps the others. --due, --late-penalty, --without, --roster and --zone are kept for
    later runs. If the command is interrupted, run it again to resume.

    \b
    Example:  grader batch submissions/ late.zip --out graded/
              grader batch late.zip --out graded/ --add --due 2026-11-08T23:59+01:00 --late-penalty 10%/day
    """
    refuse_course_in(options["course"], paths)
    assignment = load_assignment(options["assignment"], options["course"])
    folder = out or Path("reports", assignment.name)
    workers, only, add, roster = map(options.pop, ("workers", "only", "add", "roster"))
    zone = "" if options["zone"] == NONE else options["zone"]
    earlier = state_of(folder)
    intake_options = take_intake_options(options, earlier.zone)
    due, rule, without = (options.pop(name) for name in ("due", "late_penalty", "without"))
    policy = policy_change(due, rule, without, zone=intake_options.zone)
    chosen = GradingOptions(**options)
    functions = [function.name for function in assignment.functions]
    refuse_unknown(policy.without or (), functions)
    refuse_all(policy.without or (), functions)
    settings = chosen.settings(assignment)
    submissions = _search(paths, folder, earlier.ids, intake_options).sources
    students = students_of(roster, folder, submissions)
    sources = _chosen(submissions, only)
    _compute_expected(assignment, settings)
    request = BatchRequest(add, policy, students, zone)
    work = Batch(assignment, settings, folder, chosen.language, chosen.debug, request)
    html.compile_templates(work.translator)
    with pool(workers) as executor, terminal.show_progress(len(sources)) as on_result:
        outcome = run(work, sources, executor=executor, on_result=on_result)
    terminal.show_class(outcome.rows, folder)
    _show_notes(outcome, assignment)
    _count_failures(outcome, folder / ERRORS_LOG)
    ids = {source.id for source in sources}
    _fail_under(chosen.fail_under, [row for row in outcome.rows if row.submission in ids])


def _compute_expected(assignment: Assignment, settings: Settings) -> None:
    """Compute the expected values once: worker processes are forked from this one."""
    oracle.consult(assignment, settings.seed, tier=settings.tier)
    if settings.run_all:
        trainings.expected(assignment, settings.iterations)


def _fail_under(points: float | None, rows: Sequence[ResultSummary]) -> None:
    """Exit with status 1 if the score of a submission of this run is below some points."""
    if points is None:
        return
    below = [row.submission for row in rows if row.score is not None and row.score < points]
    if below:
        say(f"Below {points:g} points: {', '.join(below)}.")
        sys.exit(ExitStatus.LESS)


def _search(
    paths: Sequence[Path],
    out: Path,
    known_ids: Mapping[str, str],
    intake_options: intake.IntakeOptions,
) -> intake.Intake:
    """Return the submissions under paths. Raises UsageError if the results would lie among them."""
    if any(path.resolve() == out.resolve() for path in paths):
        raise UsageError(f"{out} is among the submissions. Choose another folder for --out.")
    submissions = intake.search(paths, exclude=[out], known_ids=known_ids, options=intake_options)
    report_intake(submissions)
    return submissions


def _chosen(sources: Sequence[Source], only: Sequence[str]) -> tuple[Source, ...]:
    """Return the sources with the IDs in `only`, all if it is empty. Raises UsageError."""
    known = {source.id: [source.student or Student()] for source in sources}
    for name in (name for name in only if name not in known):
        raise UsageError(
            f"--only: there is no submission {name} under these paths.{did_you_mean(name, known)}"
        )
    return tuple(source for source in sources if not only or source.id in only)


def _show_notes(outcome: Outcome, assignment: Assignment) -> None:
    """Print what a person should know before the scores are published."""
    for sentence in outcome.moved:
        say(sentence)
    points = claims.points_add_up(claims.Subject(assignment, Tier.NONE))
    if not points.holds:
        say(
            f"The points of the assignment add up to {points.detail}. 'grader verify' requires "
            f"{claims.FULL_SCORE:g}."
        )
    maxima = sorted({row.max_score for row in outcome.rows if row.status is Status.GRADED})
    if len(maxima) > 1:
        say(
            f"The rows have different maximum points ({', '.join(f'{m:g}' for m in maxima)}): some were "
            "graded by another version of the assignment or with other options. Give all submissions, "
            "without --only, to grade them in the same way."
        )
    for note in outcome.roster_notes:
        say(note)
    say_not_counted(outcome)


def _count_failures(outcome: Outcome, log: Path) -> None:
    """Print the number of submissions that the grader failed on; exit if any has no score."""
    failed, partly = outcome.failed, outcome.incomplete
    failures = [f"{_submissions(failed)} could not be graded"] * bool(failed)
    failures += [f"diagnoses are missing in {_submissions(partly)}"] * bool(partly)
    if not failures:
        return
    say(
        f"Because of an error in the grader, {' and '.join(failures)}. Details are in {log}. "
        "Run the same command again to retry."
    )
    if failed:
        sys.exit(ExitStatus.INTERNAL)


def _submissions(number: int) -> str:
    return "1 submission" if number == 1 else f"{number} submissions"
