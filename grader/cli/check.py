"""The command that grades one notebook: `check`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from grader import assignments, grading, intake
from grader.cli.console import BRACKET_COMMAND, ExitStatus, say, show_failure
from grader.cli.options import REPORT, GradingOptions, grading_options, load_assignment
from grader.cli.submissions import intake_options, report_intake, take_intake_options
from grader.errors import UsageError
from grader.files import require_writable, write_whole
from grader.grading.best_notebook import contenders, grade_best
from grader.grading.settings import Budget, Settings
from grader.intake import Source
from grader.messages import gettext
from grader.model import Assignment, Tier
from grader.model.result import Result, Status
from grader.views import terminal
from grader.views.tables import to_json


@click.command("check")
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option("--json", metavar="FILE|-", help="Write the result as JSON to FILE; '-' prints it.")
@REPORT
@intake_options
@grading_options
def check_command(notebook: Path, json: str | None, report: Path | None, **options: Any) -> None:
    """Grade one notebook and print the result.

    With --keep-notebook and --report feedback.html, the executed notebook is
    feedback-executed.ipynb.

    \b
    Example:  grader check Regularization.ipynb --report feedback.html
    """
    intake_options = take_intake_options(options)
    chosen = GradingOptions(**options)
    assignment = load_assignment(chosen.assignment, chosen.course)
    source = single_source(notebook, intake_options)
    settings = chosen.settings(assignment, fallback=Tier.NONE)
    json_file = Path(json) if json is not None and json != "-" else None
    for file in filter(None, (report, json_file)):
        require_writable(file)
    with terminal.show_spinner(f"Grading {source.id}"):
        result = grade_source(source, assignment, settings)
    _show_failures(result, debug=chosen.debug)
    translator = assignments.translator(assignment, chosen.language)
    terminal.show_result(result, translator, to_stderr=json == "-")
    if json == "-":
        # An equal object, in which a CI service that logs it finds no command such as `##[name]`.
        click.echo(BRACKET_COMMAND.sub(r"#\\u0023", to_json(result, translator)).encode())
    if json_file:
        write_whole(json_file, to_json(result, translator) + "\n")
    if result.executed:
        page = report or Path(f"{result.submission}.html")
        write_whole(page.with_name(f"{page.stem}-executed.ipynb"), result.executed)
    if report:
        from grader.views import html  # loads Jinja, which only pages need

        write_whole(report, html.student_page(result, translator))
        click.echo(translator(gettext("Page: {file}", file=report)), err=json == "-")
    if result.status is Status.INTERNAL:
        sys.exit(ExitStatus.INTERNAL)
    least = result.max_score if chosen.fail_under is None else chosen.fail_under
    sys.exit(ExitStatus.OK if (result.score or 0) >= least else ExitStatus.LESS)


def grade_source(source: Source, assignment: Assignment, settings: Settings) -> Result:
    """Return the result of the notebook that counts, within the time of one submission."""
    budget = Budget.of(assignment, settings)
    names = [function.name for function in assignment.functions]
    return grade_best(
        contenders(source, names, budget.reading),
        lambda each, part: grading.grade(each, assignment, settings, budget=part),
        budget,
    )


def _show_failures(result: Result, *, debug: bool) -> None:
    """Print the grader's own failures; without `--debug` only that there are some."""
    if debug:
        for failure in result.failures:
            show_failure(failure)
    elif result.failures:
        say("The grader failed on part of this submission. Add --debug to see where.")


def single_source(path: Path, intake_options: intake.IntakeOptions | None = None) -> Source:
    """Return the submission in a file. Raises UsageError if that is not exactly one."""
    if not path.exists():
        raise UsageError(f"There is no file {path}.")
    if path.is_dir():
        raise UsageError(
            f"{path} is a folder. 'grader check' grades one notebook; for a folder "
            "use 'grader batch'."
        )
    submissions = intake.search([path], options=intake_options)
    if len(submissions.sources) != 1:
        raise UsageError(
            f"{path} contains {len(submissions.sources)} submissions. 'grader check' grades one; "
            "for several use 'grader batch'."
        )
    report_intake(submissions)
    return submissions.sources[0]
