"""The commands for the author of an assignment: `new`, `verify` and `release`."""

from __future__ import annotations

import sys
from pathlib import Path
from shlex import quote
from tempfile import TemporaryDirectory

import click

from grader.assignments import oracle
from grader.assignments.new import create, examples
from grader.assignments.new.solved import read, stubs
from grader.cli.console import ExitStatus, say
from grader.cli.options import (
    ASSIGNMENT,
    COURSE,
    LANG,
    REPORT,
    choose_tier,
    load_assignment,
)
from grader.errors import UsageError
from grader.files import require_writable, write_whole
from grader.handout.release import release
from grader.messages import catalog
from grader.verify import verify
from grader.views import html, terminal

_NAMED = 3


@click.command("new")
@click.argument("name")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--from",
    "solved",
    metavar="NOTEBOOK",
    type=click.Path(path_type=Path),
    help="A solved notebook. Graded are the functions with lines between markers such as "
    "'### START CODE HERE ###' and '### END CODE HERE ###'.",
)
@click.option(
    "--function",
    "functions",
    metavar="NAME",
    multiple=True,
    help="A function to grade: with --from its name, otherwise its head, as in 'mean(x, weights)'. "
    "May be repeated.",
)
def new_command(name: str, folder: Path, solved: Path | None, functions: tuple[str, ...]) -> None:
    """Write the files of the new assignment NAME into the course in FOLDER.

    From a solved notebook it takes the solution of each function, the arguments of its first call in
    the notebook as the published example, and random arguments of the same kinds. Without one it
    writes stubs. The notebook runs in the sandbox.

    \b
    Example:  grader new descent course/ --from solved.ipynb
              grader new descent course/ --function 'step(w, gradient, rate)'
    """
    title = name.replace("_", " ").capitalize()
    if solved:
        notebook = read(solved, title, functions)
    elif functions:
        notebook = stubs(title, functions)
    else:
        raise UsageError("Give a solved notebook with --from, or functions with --function.")
    tier = choose_tier(examples.contents(notebook))
    for file in create(name, folder, notebook, tier=tier):
        click.echo(file)
    say(f"Edit testcases/{name}.py, then run: grader verify {name} --course {quote(str(folder))}")


@click.command("verify")
@click.argument("name", metavar="[ASSIGNMENT]", required=False)
@COURSE
@REPORT
def verify_command(name: str | None, course: Path | None, report: Path | None) -> None:
    """Verify an assignment before a class is graded.

    Verifies points, test cases, reference, template, known mistakes, and mutants of the reference.
    For each known mistake, prints the test cases and the grading checks that catch it, the smallest
    error that is caught, and the diagnosis. The report page also has the error in each test case,
    and every pair of mistakes.

    \b
    Example:  grader verify regularization --report proofs.html
    """
    assignment = load_assignment(name, course)
    if report:
        require_writable(report)
    with terminal.show_spinner(f"Verifying {assignment.name} (about half a minute)"):
        verification = verify(assignment, tier=choose_tier(oracle.contents(assignment)))
    if report:
        write_whole(report, html.proofs_page(verification))
    claims = verification.claims
    terminal.show_proofs(f"Assignment {assignment.name}", claims, verification.kill_matrices)
    holds = all(claim.holds for claim in claims)
    sys.exit(ExitStatus.OK if holds else ExitStatus.LESS)


@click.command("release")
@click.argument("folder", type=click.Path(path_type=Path))
@ASSIGNMENT
@COURSE
@LANG
@click.option(
    "--check",
    is_flag=True,
    help="Write nothing. Exit with status 1 if FOLDER is not what would be written.",
)
def release_command(
    folder: Path, assignment: str | None, course: Path | None, lang: str, *, check: bool
) -> None:
    """Write the FOLDER for students.

    It contains the notebook, its files, and tests on the published examples. The code of these tests
    is in FOLDER/grader.

    \b
    Example:  grader release handout/
              grader release handout/ --check
    """
    loaded, language = load_assignment(assignment, course), catalog.resolve(lang)
    tier = choose_tier(oracle.contents(loaded))
    if not check:
        files, code = release(loaded, folder, tier=tier, language=language), folder / "grader"
        for path in dict.fromkeys(code if code in file.parents else file for file in files):
            click.echo(path)
        return
    with TemporaryDirectory() as name:
        release(loaded, Path(name), tier=tier, language=language)
        if differing := _differing(Path(name), folder):
            names = ", ".join(map(str, differing[:_NAMED]))
            more = f" and {len(differing) - _NAMED} more" if len(differing) > _NAMED else ""
            say(
                f"{folder} is not up to date: {names}{more}. Remove the folder, then run the command "
                "without --check."
            )
            sys.exit(ExitStatus.LESS)


def _differing(released: Path, folder: Path) -> list[Path]:
    """Return the paths, in both folders, of files that differ or are missing in the second one.

    The versions in requirements.txt are those of the machine, so it may differ.
    """
    files = (path.relative_to(released) for path in released.rglob("*") if path.is_file())
    files = (file for file in files if file != Path("requirements.txt"))
    return sorted(file for file in files if _content(released / file) != _content(folder / file))


def _content(file: Path) -> bytes | None:
    return file.read_bytes() if file.is_file() else None
