"""The command line: the only module that prints, exits, or looks at the terminal.

Exit status: 0 done (check: full score), 1 less than full score or not proven, 2 asked wrongly,
3 our own failure, 130 stopped by Ctrl-C. Data goes to standard output, everything else to standard error.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from grader import assignments, grading, intake, sandbox
from grader.assignments import oracle
from grader.batch import ERRORS_LOG, Batch, run
from grader.batch.report import remake
from grader.batch.workers import pool
from grader.cli.options import LANG, TAGS, common, prove_sensible, settings
from grader.errors import BoxError, DiskError, GraderError, UsageError
from grader.files import prove_writable, write_whole
from grader.grading import Settings
from grader.handout.release import release as write_handout
from grader.intake import Source
from grader.messages import catalog
from grader.messages.sanitize import printable
from grader.model import Assignment, Submission, Tier
from grader.model.result import VERSION, Result, Status
from grader.notebook_run import trainings
from grader.sandbox.doctor import examine as examine_sandbox
from grader.verify import verify as verify_assignment
from grader.views import html, terminal
from grader.views.tables import to_json

FULL, LESS, OURS, STOPPED = 0, 1, GraderError.exit_status, 130
_LONGEST = 2000


class _Commands(click.Group):
    """Turns our errors into one sentence on standard error and the exit status of the contract."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except DiskError as error:
            _fail(_goes_on(ctx, str(error), once="when that is fixed, "), error.exit_status)
        except GraderError as error:
            _fail(str(error), error.exit_status)
        except OSError as error:
            told = f"{error.filename or 'A file'} could not be used: {error.strerror}."
            _fail(_goes_on(ctx, told, once="when that is fixed, "), OURS)
        except KeyboardInterrupt:
            _stop(_goes_on(ctx, "Stopped."))


def _goes_on(ctx: click.Context, sentence: str, *, once: str = "") -> str:
    """Add that nothing is lost, to what has broken a batch off."""
    if ctx.invoked_subcommand != "batch":
        return sentence
    return f"{sentence.removesuffix('.')}; {once}run the same command again to resume."


def _fail(message: str, status: int) -> NoReturn:
    _say(message)
    sys.exit(status)


def _stop(message: str) -> NoReturn:
    """Exit without waiting for the submissions at work; their boxes end with this process."""
    _say(message)
    os._exit(STOPPED)


def _say(message: str) -> None:
    click.echo(f"grader: {printable(message, limit=_LONGEST)}", err=True)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, message="%(version)s")
def main() -> None:
    """Grade notebook assignments in a sandbox.

    \b
    Example:  grader check Regularization.ipynb
              grader batch submissions/ --out graded/
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # an old locale cannot write every name


@main.command()
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option(
    "--json", "json_to", metavar="FILE|-", help=("Write the result as JSON to FILE; '-' prints it.")
)
@click.option(
    "--report",
    "page",
    type=click.Path(path_type=Path),
    help=("Write the report page to this HTML file."),
)
@common
def check(notebook: Path, json_to: str | None, page: Path | None, **options: Any) -> None:
    """Grade one notebook and print the result.

    \b
    Example:  grader check Regularization.ipynb --report feedback.html
    """
    debug = options.pop("debug")
    assignment, how = _settings(options, fallback=Tier.NONE)
    submission = _lone_submission(notebook)
    json_file = Path(json_to) if json_to is not None and json_to != "-" else None
    for file in filter(None, (page, json_file)):
        prove_writable(file)
    with terminal.working(f"Grading {submission.id}"):
        result = grading.grade(submission, assignment, how)
    _show_failures(result, debug=debug)
    translator = assignments.translator(assignment, catalog.resolve(options["lang"]))
    if page:
        write_whole(page, html.student_page(result, translator))
    if json_file:
        write_whole(json_file, to_json(result, translator) + "\n")
    if result.executed:
        kept = page or Path(f"{result.submission}.html")
        write_whole(kept.with_name(f"{kept.stem}-executed.ipynb"), result.executed)
    terminal.show_result(result, translator, to_stderr=json_to == "-")
    if json_to == "-":
        click.echo(to_json(result, translator).encode())
    sys.exit(_status(result))


def _show_failures(result: Result, *, debug: bool) -> None:
    """Print the failures of the grader with `--debug`, else that there are some."""
    if debug:
        for failure in result.failures:
            click.echo("\n".join(failure.lines(debug=True)), err=True)
    elif result.failures:
        _say("The grader failed on part of this submission. Add --debug to see where.")


def _status(result: Result) -> int:
    if result.status is Status.INTERNAL:
        return OURS
    return FULL if result.score == result.max_score else LESS


def _lone_submission(path: Path) -> Submission:
    if not path.exists():
        raise UsageError(f"There is no file {path}.")
    if path.is_dir():
        raise UsageError(
            f"{path} is a folder. 'grader check' grades one notebook; for a folder "
            "use 'grader batch'."
        )
    found = intake.find([path])
    if len(found) != 1:
        raise UsageError(
            f"{path} contains {len(found)} submissions. 'grader check' grades one; "
            "for several use 'grader batch'."
        )
    return found[0].read()


def _settings(
    options: dict[str, Any], *, fallback: Tier | None = None
) -> tuple[Assignment, Settings]:
    """Return what is asked for; without a box the fallback is used, loudly. Raises BoxError."""
    prove_sensible(options)
    assignment = assignments.load(options["name"])
    tier = _unwalled() if options["no_sandbox"] else _walled(assignment, fallback)
    return assignment, settings(options, assignment, tier)


def _unwalled() -> Tier:
    _say(
        "--no-sandbox: the notebook runs with all your rights. Use this only for your own notebook."
    )
    return Tier.NONE


def _walled(assignment: Assignment, fallback: Tier | None = None) -> Tier:
    """Return the strongest tier of the sandbox that holds on this machine; say so if it is not full."""
    try:
        chosen = sandbox.prove(oracle.contents(assignment))
    except BoxError as error:
        if fallback is None:
            raise
        _say(f"{error} Grading WITHOUT a sandbox. This is safe only for your own notebook.")
        return fallback
    if chosen.reason:
        _say(f"{chosen.reason} Using the {chosen.tier} sandbox; it withstood every attack.")
    return chosen.tier


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Folder for the results."
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    help=("Number of submissions graded at the same time (default: number of cores)."),
)
@common
def batch(paths: tuple[Path, ...], out: Path, workers: int | None, **options: Any) -> None:
    """Grade every submission in PATHS: notebooks, folders, or zip files from a learning platform.

    If it is interrupted, run the same command again to resume.

    \b
    Example:  grader batch submissions/ late.zip --out graded/
    """
    debug = options.pop("debug")
    assignment, how = _settings(options)
    sources = _sources(paths, out)
    oracle.consult(assignment, how.seed, tier=how.tier)  # workers are born knowing it,
    if how.run_all:  # and what trainings are to come to
        trainings.expected(assignment, how.iterations)
    with pool(workers) as executor, terminal.progress(len(sources)) as on_result:
        work = Batch(assignment, how, out, catalog.resolve(options["lang"]), debug=debug)
        results = run(work, sources, executor=executor, on_result=on_result)
    terminal.show_class(results, out)
    _count_failures(results, out / ERRORS_LOG)


def _count_failures(results: Sequence[Result], log: Path) -> None:
    """Print how many submissions the grader failed on; exit if any has no score."""
    ungraded = sum(result.status is Status.INTERNAL for result in results)
    partly = sum(bool(r.failures) and r.status is not Status.INTERNAL for r in results)
    if partly:
        _say(
            f"Diagnoses are missing in {_submissions(partly)} through the grader's fault; "
            f"details in {log}."
        )
    if ungraded:
        _fail(
            f"{_submissions(ungraded)} could not be graded through the grader's fault; details "
            f"in {log}. Run the same command again to retry.",
            OURS,
        )


def _submissions(number: int) -> str:
    return "1 submission" if number == 1 else f"{number} submissions"


def _sources(paths: Sequence[Path], out: Path) -> tuple[Source, ...]:
    """Return what is to be graded. Raises UsageError where the results would lie among it."""
    if any(path.resolve() == out.resolve() for path in paths):
        raise UsageError(f"{out} is among the submissions. Choose another folder for --out.")
    return intake.find(paths, exclude=[out])


@main.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--lang",
    metavar="TAG",
    help=f"Language of the feedback: {TAGS} (default: the language of the last run).",
)
def report(folder: Path, lang: str | None) -> None:
    """Make all pages and tables of the gradebook in DIR again, without grading.

    \b
    Example:  grader report graded/ --lang zh-Hans
    """
    results = remake(folder, catalog.resolve(lang) if lang is not None else None)
    terminal.show_class(results, folder)


@main.command()
@click.argument("name", default="regularization")
@click.option(
    "--report",
    "page",
    type=click.Path(path_type=Path),
    help=("Write the report page to this HTML file."),
)
def verify(name: str, page: Path | None) -> None:
    """Verify an assignment: its reference, its template, its test cases and its known mistakes.

    \b
    Example:  grader verify regularization --report proofs.html
    """
    assignment = assignments.load(name)
    if page:
        prove_writable(page)
    verification = verify_assignment(assignment, tier=_walled(assignment))
    if page:
        write_whole(page, html.proofs_page(verification))
    claims = verification.claims
    terminal.show_proofs(f"Assignment {name}", claims, verification.kill_matrices)
    sys.exit(FULL if all(claim.holds for claim in claims) else LESS)


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--assignment",
    "name",
    default="regularization",
    show_default=True,
    help=("Assignment to release."),
)
@LANG
def release(folder: Path, name: str, lang: str) -> None:
    """Write the FOLDER for students: the notebook, its files, and checks on the published examples.

    \b
    Example:  grader release handout/
    """
    assignment, lang = assignments.load(name), catalog.resolve(lang)
    for file in write_handout(assignment, folder, tier=_walled(assignment), language=lang):
        click.echo(file)


@main.command()
def doctor() -> None:
    """Test the sandbox on this machine, and list what to do about each failed check.

    \b
    Example:  grader doctor
    """
    claims = examine_sandbox()
    terminal.show_proofs("Sandbox on this machine", claims)
    sys.exit(FULL if all(claim.holds or not claim.required for claim in claims) else LESS)
