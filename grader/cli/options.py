"""The options that several commands share, and the settings that follow from them."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from grader import assignments, sandbox
from grader.assignments import oracle
from grader.cli.console import is_ci, say
from grader.errors import BoxError, UsageError
from grader.grading import Settings
from grader.messages import catalog
from grader.model import Assignment, Tier
from grader.sandbox import BoxContents, speed

_DAY = 86_400

REPORT = click.option(
    "--report",
    type=click.Path(path_type=Path),
    metavar="FILE.html",
    help="Write the report page to this file.",
)
DEFAULT_ASSIGNMENT = "regularization"
REPORTS = Path("reports")
AUTO = "auto"
"""Recognises the assignment of each notebook."""


class _CourseFolder(click.Path):
    """A folder that has a name. An empty one would be the current folder, whose files then run."""

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:
        if not os.fspath(value):
            raise UsageError("--course has no value. Write the folder of the course after it.")
        return super().convert(value, param, ctx)


COURSE = click.option(
    "--course",
    metavar="FOLDER",
    type=_CourseFolder(path_type=Path),
    envvar="GRADER_COURSE",
    help="Folder with the assignments of a course, instead of the included ones. Also read from "
    "GRADER_COURSE in the environment. Its Python files run without a sandbox.",
)
ASSIGNMENT = click.option(
    "--assignment",
    metavar="NAME",
    help=f"Name of the assignment (default: {DEFAULT_ASSIGNMENT}, or the only one of the course). "
    f"'batch' also takes '{AUTO}'.",
)
TAGS = ", ".join(language.tag for language in catalog.LANGUAGES)
LANG = click.option(
    "--lang",
    metavar="TAG",
    default=catalog.ENGLISH,
    show_default=True,
    help=f"Language of the feedback: {TAGS}.",
)

_GRADING_OPTIONS = (
    ASSIGNMENT,
    COURSE,
    click.option(
        "--seed",
        metavar="N",
        type=click.IntRange(min=0),
        help="Seed of the random test cases (default: the assignment's).",
    ),
    click.option(
        "--timeout",
        metavar="SECONDS",
        type=click.FloatRange(0.1, _DAY),
        help="Time limit for one submission. It is divided among the functions; "
        "with --run-all it limits the whole notebook.",
    ),
    LANG,
    click.option(
        "--no-sandbox", is_flag=True, help="Run without a sandbox. Only for your own notebook."
    ),
    click.option(
        "--require-sandbox",
        is_flag=True,
        help="Refuse to run without a sandbox. The default if CI is set in the environment.",
    ),
    click.option(
        "--fail-under",
        metavar="POINTS",
        type=click.FloatRange(min=0),
        help="Exit with status 1 if the score of a graded submission is below POINTS, "
        "otherwise with 0.",
    ),
    click.option(
        "--run-all", is_flag=True, help="Run the whole notebook first, including its trainings."
    ),
    click.option(
        "--iterations",
        metavar="N",
        type=click.IntRange(1, 1_000_000),
        help="With --run-all: rehearse each training with this number of iterations.",
    ),
    click.option(
        "--keep-notebook",
        is_flag=True,
        help="With --run-all: save the executed notebook next to the report.",
    ),
    click.option(
        "--debug",
        is_flag=True,
        help="Log the messages of the grader's own exceptions, which may quote a submission.",
    ),
)


def grading_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that `check` and `batch` share."""
    for option in reversed(_GRADING_OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True, kw_only=True)
class GradingOptions:
    """The values of `grading_options`. Raises UsageError if they are inconsistent."""

    assignment: str | None = None
    course: Path | None = None
    seed: int | None = None
    timeout: float | None = None
    lang: str = catalog.ENGLISH
    no_sandbox: bool = False
    require_sandbox: bool = False
    fail_under: float | None = None
    run_all: bool = False
    iterations: int | None = None
    keep_notebook: bool = False
    debug: bool = False

    def __post_init__(self) -> None:
        """Raise UsageError for a value that click cannot reject."""
        if self.timeout is not None and math.isnan(self.timeout):
            raise UsageError("--timeout must be a number of seconds, not NaN.")
        if self.fail_under is not None and not math.isfinite(self.fail_under):
            raise UsageError("--fail-under must be a finite number of points.")
        if self.no_sandbox and self.require_sandbox:
            raise UsageError("--no-sandbox and --require-sandbox exclude each other. Choose one.")
        if self.iterations is not None and not self.run_all:
            raise UsageError(
                "--iterations works only with --run-all, which runs the trainings. Add --run-all."
            )
        if self.keep_notebook and not self.run_all:
            raise UsageError(
                "--keep-notebook works only with --run-all, which produces the outputs. "
                "Add --run-all."
            )
        catalog.resolve(self.lang)

    @property
    def language(self) -> str:
        """The tag of the language in its usual spelling."""
        return catalog.resolve(self.lang)

    def settings(self, assignment: Assignment, *, fallback: Tier | None = None) -> Settings:
        """Return the settings, with the sandbox tier of this machine. Raises BoxError, UsageError."""
        tier = self._no_tier() if self.no_sandbox else self._tier(assignment, fallback)
        if self.run_all and tier == Tier.LIGHT:
            raise UsageError(
                "--run-all needs the full sandbox: the Jupyter kernel uses sockets, and "
                "the light sandbox blocks them. 'grader doctor' lists what is missing."
            )
        return Settings(
            seed=assignment.seed if self.seed is None else self.seed,
            tier=tier,
            timeout=self.timeout,
            run_all=self.run_all,
            iterations=self.iterations,
            keep_notebook=self.keep_notebook,
            slowness=speed.slowness(),
        )

    def _tier(self, assignment: Assignment, fallback: Tier | None) -> Tier:
        contents = oracle.contents(assignment)
        if self.require_sandbox or fallback is None or not is_ci():
            return choose_tier(contents, None if self.require_sandbox else fallback)
        try:
            return choose_tier(contents)
        except BoxError as error:
            raise BoxError(
                f"{error} CI is set in the environment, so nothing runs without a sandbox."
            ) from error

    def _no_tier(self) -> Tier:
        say(
            "--no-sandbox: the notebook runs with all your rights. "
            "Use this only for your own notebook."
        )
        return Tier.NONE


def load_assignment(name: str | None, course: Path | None) -> Assignment:
    """Return an assignment of a course, or an included one. Raises UsageError, AuthorError."""
    if course is None:
        return assignments.load(name or DEFAULT_ASSIGNMENT)
    names = assignments.names(course)
    if not names:
        raise UsageError(
            f"{course} has no assignments. 'grader new NAME {course}' makes the first one."
        )
    if name is None and len(names) > 1:
        raise UsageError(
            f"{course} has several assignments: {', '.join(names)}. Choose one by name."
        )
    return assignments.load(name or names[0], course)


def load_assignments(name: str | None, course: Path | None) -> tuple[Assignment, ...]:
    """Return one assignment, or all if the name is `auto`. Raises UsageError, AuthorError."""
    names = assignments.names(course) if name == AUTO else ()
    return tuple(load_assignment(each, course) for each in names or (name,))


def refuse_course_in(course: Path | None, paths: Iterable[Path]) -> None:
    """Raise UsageError for a course among submissions: its Python files run without a sandbox."""
    for path in paths:
        if course and course.resolve().is_relative_to(path.resolve()):
            raise UsageError(
                f"The course {course} is inside {path}, which is to be graded. Choose another folder "
                "for --course: its Python files run without a sandbox."
            )


def choose_tier(contents: BoxContents, fallback: Tier | None = None) -> Tier:
    """Return the strongest sandbox tier of this machine, with a message if it is not the full one.

    Raises BoxError if there is no sandbox and no fallback.
    """
    try:
        chosen = sandbox.choose_tier(contents)
    except BoxError as error:
        if fallback is None:
            raise
        say(f"{error} Grading WITHOUT a sandbox. This is safe only for your own notebook.")
        return fallback
    if chosen.reason:
        say(f"{chosen.reason} Using the {chosen.tier} sandbox; it withstood every attack.")
    return chosen.tier
