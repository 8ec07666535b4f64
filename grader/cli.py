"""The command line: the only module that prints, exits, or looks at the terminal.

Exit status: 0 done (check: full score), 1 less than full score or not proven, 2 asked wrongly,
3 our own failure. Data goes to standard output, everything else to standard error.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NoReturn

import click

from grader import assignment as assignments
from grader import batch as batches
from grader import conformance, gradebook, grading, intake, report, sandbox, terminal
from grader import doctor as doctors
from grader.batch import Batch
from grader.errors import BoxError, GraderError, UsageError
from grader.grading import Settings
from grader.model import Assignment, Result, Status, Submission

FULL, LESS, USAGE, OURS = 0, 1, 2, 3


class _Commands(click.Group):
    """Turns our errors into one sentence on standard error and the exit status of the contract."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except UsageError as error:
            _fail(str(error), USAGE)
        except GraderError as error:
            _fail(str(error), OURS)
        except OSError as error:
            _fail(f"{error.filename or 'A file'} could not be used: {error.strerror}.", OURS)


def _fail(message: str, status: int) -> NoReturn:
    click.echo(f"grader: {message}", err=True)
    sys.exit(status)


def _common(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that `check` and `batch` share."""
    for option in (
        click.option(
            "--no-sandbox", is_flag=True, help="Run without a box. Only for your own notebook."
        ),
        click.option(
            "--timeout", type=click.FloatRange(min=0.1), help="Seconds for one submission."
        ),
        click.option(
            "--seed", type=int, help="Seed of the random cases (default: the assignment's)."
        ),
        click.option("--assignment", "name", default="regularization", show_default=True),
    ):
        command = option(command)
    return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="notebook-grader", message="%(version)s")
def main() -> None:
    """Grade notebook assignments, judged outside the student's process.

    \b
    Example:  grader check Regularization.ipynb
              grader batch submissions/ --out graded/
    """


@main.command()
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option(
    "--json", "json_to", metavar="FILE|-", help="Write the result object to FILE, or print it."
)
@click.option(
    "--report", "page", type=click.Path(path_type=Path), help="Write the page as FILE.html."
)
@_common
def check(notebook: Path, json_to: str | None, page: Path | None, **options: Any) -> None:
    """Grade one notebook and print what is right and what is not.

    \b
    Example:  grader check Regularization.ipynb --report feedback.html
    """
    wall = "none" if options["no_sandbox"] else _wall_or_none()
    assignment, settings = _settings(options, wall)
    submission = _lone_submission(notebook)
    with terminal.working(f"Grading {submission.id}"):
        result = grading.grade(submission, assignment, settings)
    if page:
        batches.write_whole(page, report.student_page(result))
    if json_to and json_to != "-":
        batches.write_whole(Path(json_to), gradebook.to_json(result) + "\n")
    terminal.show_result(result, to_stderr=json_to == "-")
    if json_to == "-":
        click.echo(gradebook.to_json(result))
    sys.exit(_status(result))


def _status(result: Result) -> int:
    if result.status is Status.INTERNAL:
        return OURS
    return FULL if result.score == result.max_score else LESS


def _lone_submission(path: Path) -> Submission:
    if not path.exists():
        raise UsageError(f"There is no file {path}.")
    if path.is_dir():
        raise UsageError(
            f"{path} is a folder; 'grader batch' grades folders, 'grader check' one notebook."
        )
    return intake.find([path])[0].read()


def _wall_or_none() -> str:
    """Return the full wall, or none with a loud word where this machine cannot build one."""
    try:
        sandbox.prove()
    except BoxError as error:
        click.echo(
            f"grader: {error}\nGrading WITHOUT a sandbox: fine for your own notebook.", err=True
        )
        return "none"
    return "full"


def _settings(options: dict[str, Any], wall: str) -> tuple[Assignment, Settings]:
    if options["no_sandbox"]:
        click.echo(
            "grader: --no-sandbox: the notebook runs with all your rights. Never grade others' work so.",
            err=True,
        )
    assignment = assignments.load(options["name"])
    seed = assignment.seed if options["seed"] is None else options["seed"]
    return assignment, Settings(seed=seed, wall=wall, timeout=options["timeout"])


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Folder for the results."
)
@click.option(
    "--workers", type=click.IntRange(min=1), help="Submissions at a time (default: cores)."
)
@_common
def batch(paths: tuple[Path, ...], out: Path, workers: int | None, **options: Any) -> None:
    """Grade every submission under PATHS: notebooks, folders, zip files of a learning platform.

    Started again with the same arguments it finishes what is left.

    \b
    Example:  grader batch submissions/ late.zip --out graded/
    """
    assignment, settings = _settings(options, "none" if options["no_sandbox"] else "full")
    if settings.wall == "full":
        sandbox.prove()
    sources = intake.find(paths, exclude=[out])
    with (
        terminal.progress(len(sources)) as on_result,
        ThreadPoolExecutor(workers or os.cpu_count()) as executor,
    ):
        results = batches.run(
            Batch(assignment, settings, out), sources, executor=executor, on_result=on_result
        )
    terminal.show_class(results, out)
    if batches.ungraded(results):
        sys.exit(OURS)


@main.command()
@click.argument("name", default="regularization")
def verify(name: str) -> None:
    """Prove an assignment: full marks for its reference, none for its template, equal seeds equal cases.

    \b
    Example:  grader verify regularization
    """
    sandbox.prove()
    proofs = conformance.verify(assignments.load(name))
    terminal.show_proofs(f"The assignment {name}", proofs)
    sys.exit(FULL if all(proof.holds for proof in proofs) else LESS)


@main.command()
def doctor() -> None:
    """Try the sandbox on this machine, check by check, and say what to do about what does not hold.

    \b
    Example:  grader doctor
    """
    proofs = doctors.examine()
    terminal.show_proofs("The sandbox on this machine", proofs)
    sys.exit(FULL if all(proof.holds for proof in proofs) else LESS)
