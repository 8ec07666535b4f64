"""The command that grades a class: `batch`."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import click

from grader import intake
from grader.assignments import oracle
from grader.batch import ERRORS_LOG, Batch, BatchRequest, Outcome, run, state_of, week
from grader.batch.changes import PolicyChange
from grader.batch.report import refuse_all, refuse_unknown
from grader.batch.suggestions import did_you_mean
from grader.batch.workers import pool
from grader.cli.console import NONE, ExitStatus, say
from grader.cli.options import (
    AUTO,
    REPORTS,
    GradingOptions,
    grading_options,
    load_assignments,
    refuse_course_in,
)
from grader.cli.policy import policy_change, policy_options, say_not_counted, students_of
from grader.cli.submissions import intake_options, report_intake, take_intake_options
from grader.errors import UsageError
from grader.grading import Settings
from grader.intake import Source
from grader.model import FULL_SCORE, Assignment
from grader.model.result import Status
from grader.model.submission import Student
from grader.notebook_run import trainings
from grader.views import html, terminal


@click.command("batch")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--out",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Folder of the gradebook (default: reports/ASSIGNMENT; with --assignment auto: reports).",
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

    With --assignment auto, each notebook is graded by the assignment whose functions it defines.
    DIR/ASSIGNMENT is the gradebook of each assignment, and DIR/index.html shows all of them.

    \b
    Example:  grader batch submissions/ late.zip --out graded/
              grader batch late.zip --out graded/ --add --due 2026-11-08T23:59+01:00 --late-penalty 10%/day
              grader batch week/ --assignment auto --out graded/
    """
    refuse_course_in(options["course"], paths)
    is_week = options["assignment"] == AUTO
    graded = load_assignments(options["assignment"], options["course"])
    top = out or REPORTS
    if is_week:
        week.claim(top)
    books = {
        assignment.name: top / assignment.name if is_week or out is None else out
        for assignment in graded
    }
    run_options = _take_run_options(options, list(books.values()))
    chosen = GradingOptions(**options)
    results = [top, *books.values()] if is_week else [*books.values()]
    submissions = _search(paths, results, run_options)
    sources = _chosen(submissions.sources, run_options.only)
    runs = _ClassRuns(graded, books, submissions.sources, run_options, chosen)
    outcomes = runs.grade(sources, is_week=is_week)
    if is_week:
        page = week.write_page(top, week.folders(top), chosen.language)
        click.echo(f"All assignments: {page}")
    _exit(outcomes, chosen.fail_under, {source.id for source in sources})


class _RunOptions(NamedTuple):
    """The options of `batch` that are not about grading."""

    workers: int | None
    only: tuple[str, ...]
    add: bool
    roster: Path | None
    policy: PolicyChange
    zone: str | None
    intake: intake.IntakeOptions
    known_ids: Mapping[str, str]


def _take_run_options(options: dict[str, Any], books: Sequence[Path]) -> _RunOptions:
    """Remove the options that are not about grading and return their values. Raises UsageError."""
    workers, only, add, roster = map(options.pop, ("workers", "only", "add", "roster"))
    zone = "" if options["zone"] == NONE else options["zone"]
    earlier = [state_of(folder) for folder in books]
    known_zone = next((state.zone for state in earlier if state.zone), None)
    intake_options = take_intake_options(options, known_zone)
    due, rule, without = (options.pop(name) for name in ("due", "late_penalty", "without"))
    policy = policy_change(due, rule, without, zone=intake_options.zone)
    ids = {key: name for state in earlier for key, name in state.ids.items()}
    return _RunOptions(workers, only, add, roster, policy, zone, intake_options, ids)


@dataclass(frozen=True, slots=True)
class _ClassRuns:
    """The assignments that a run grades, with the folder of each, and all submissions under the paths."""

    assignments: Sequence[Assignment]
    books: Mapping[str, Path]
    submitted: Sequence[Source]
    options: _RunOptions
    chosen: GradingOptions

    def grade(self, sources: Sequence[Source], *, is_week: bool) -> dict[Path, Outcome]:
        """Grade the submissions of each assignment, and print its class; return the outcomes."""
        works = [self._batch(assignment) for assignment in self.assignments]
        for work in works:
            _compute_expected(work.assignment, work.settings)
        html.compile_templates(works[0].translator)
        outcomes = {}
        with pool(self.options.workers) as executor:
            parts: Mapping[str, Sequence[Source]] = {works[0].assignment.name: sources}
            if is_week:
                parts = week.by_assignment(sources, self.assignments, executor)
                _say_unrecognised(parts[""])
            for work in works:
                if part := parts[work.assignment.name]:
                    with terminal.show_progress(len(part)) as on_result:
                        outcome = run(work, part, executor=executor, on_result=on_result)
                    terminal.show_class(outcome.rows, work.folder)
                    _show_notes(outcome, work.assignment)
                    outcomes[work.folder] = outcome
        return outcomes

    def _batch(self, assignment: Assignment) -> Batch:
        """Return the batch of one assignment. Raises UsageError for an option that does not fit."""
        folder, options = self.books[assignment.name], self.options
        functions = [function.name for function in assignment.functions]
        graded = [function.name for each in self.assignments for function in each.functions]
        without = options.policy.without
        refuse_unknown(without or (), graded)
        if without:
            without = tuple(name for name in without if name in functions) or None
        refuse_all(without or (), functions)
        students = students_of(options.roster, folder, self.submitted)
        policy = replace(options.policy, without=without)
        request = BatchRequest(options.add, policy, students, options.zone)
        settings = self.chosen.settings(assignment)
        return Batch(assignment, settings, folder, self.chosen.language, self.chosen.debug, request)


def _say_unrecognised(sources: Sequence[Source]) -> None:
    """Name the submissions that belong to no assignment."""
    if sources:
        names = ", ".join(source.id for source in sources)
        say(
            f"{_submissions(len(sources))} not graded, because no notebook defines a function of these "
            f"assignments: {names}."
        )


def _compute_expected(assignment: Assignment, settings: Settings) -> None:
    """Compute the expected values once: worker processes are forked from this one."""
    oracle.consult(assignment, settings.seed, tier=settings.tier)
    if settings.run_all:
        trainings.expected(assignment, settings.iterations)


def _exit(outcomes: Mapping[Path, Outcome], fail_under: float | None, ids: Collection[str]) -> None:
    """Exit with the status for the submissions of this run, which have the IDs; 0 does not exit."""
    failures = [
        _count_failures(outcome, folder / ERRORS_LOG) for folder, outcome in outcomes.items()
    ]
    if any(failures):
        sys.exit(ExitStatus.INTERNAL)
    if fail_under is None:
        return
    below = [
        row.submission
        for outcome in outcomes.values()
        for row in outcome.rows
        if row.submission in ids and row.score is not None and row.score < fail_under
    ]
    if below:
        say(f"Below {fail_under:g} points: {', '.join(dict.fromkeys(below))}.")
        sys.exit(ExitStatus.LESS)


def _search(
    paths: Sequence[Path], results: Collection[Path], options: _RunOptions
) -> intake.Intake:
    """Return the submissions under paths. Raises UsageError if the results would lie among them."""
    for folder in results:
        if any(path.resolve() == folder.resolve() for path in paths):
            raise UsageError(f"{folder} is among the submissions. Choose another folder for --out.")
    submissions = intake.search(
        paths, exclude=results, known_ids=options.known_ids, options=options.intake
    )
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
    if assignment.max_score != FULL_SCORE:
        say(
            f"The points of the assignment add up to {assignment.max_score:g}. 'grader verify' requires "
            f"{FULL_SCORE:g}."
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


def _count_failures(outcome: Outcome, log: Path) -> int:
    """Print the number of submissions that the grader failed on; return how many have no score."""
    failed, partly = outcome.failed, outcome.incomplete
    failures = [f"{_submissions(failed)} could not be graded"] * bool(failed)
    failures += [f"diagnoses are missing in {_submissions(partly)}"] * bool(partly)
    if failures:
        say(
            f"Because of an error in the grader, {' and '.join(failures)}. Details are in {log}. "
            "Run the same command again to retry."
        )
    return failed


def _submissions(number: int) -> str:
    return "1 submission" if number == 1 else f"{number} submissions"
