"""The options that commands share, and the settings that they come to."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import click

from grader.errors import UsageError
from grader.grading import Settings
from grader.messages import catalog
from grader.model import Assignment, Tier

_DAY = 86_400
TAGS = ", ".join(language.tag for language in catalog.LANGUAGES)
LANG = click.option(
    "--lang",
    metavar="TAG",
    default=catalog.ENGLISH,
    show_default=True,
    help=f"Language of the feedback: {TAGS}.",
)

DEBUG = click.option(
    "--debug",
    is_flag=True,
    help="Log the messages of the grader's own exceptions, which may quote a submission.",
)


def common(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that `check` and `batch` share."""
    for option in (
        click.option(
            "--keep-notebook",
            is_flag=True,
            help="With --run-all: save the executed notebook next to the report.",
        ),
        click.option(
            "--iterations",
            type=click.IntRange(1, 1_000_000),
            help="With --run-all: rehearse each training with this number of steps.",
        ),
        click.option(
            "--run-all", is_flag=True, help="Run the whole notebook first, including its trainings."
        ),
        click.option(
            "--no-sandbox", is_flag=True, help="Run without a sandbox. Only for your own notebook."
        ),
        *(DEBUG, LANG),
        click.option(
            "--timeout",
            type=click.FloatRange(0.1, _DAY),
            help="Time limit for one submission, in seconds.",
        ),
        click.option(
            "--seed",
            type=click.IntRange(min=0),
            help="Seed of the random test cases (default: the assignment's).",
        ),
        click.option(
            "--assignment",
            "name",
            default="regularization",
            show_default=True,
            help="Assignment to grade.",
        ),
    ):
        command = option(command)
    return command


def prove_sensible(options: dict[str, Any]) -> None:
    """Raise UsageError where options do not go together, or say nothing."""
    if options["timeout"] is not None and math.isnan(options["timeout"]):
        raise UsageError("--timeout must be a number of seconds, not NaN.")
    if options["iterations"] is not None and not options["run_all"]:
        raise UsageError(
            "--iterations works only with --run-all, which runs the trainings. Add --run-all."
        )
    if options["keep_notebook"] and not options["run_all"]:
        raise UsageError(
            "--keep-notebook works only with --run-all, which produces the outputs. Add --run-all."
        )
    catalog.resolve(options["lang"])


def settings(options: dict[str, Any], assignment: Assignment, tier: Tier) -> Settings:
    """Return how to grade, behind a wall. Raises UsageError where that wall is not enough."""
    if options["run_all"] and tier == Tier.LIGHT:
        raise UsageError(
            "--run-all needs the full sandbox: the Jupyter kernel uses sockets, and "
            "the light sandbox blocks them. 'grader doctor' lists what is missing."
        )
    return Settings(
        seed=assignment.seed if options["seed"] is None else options["seed"],
        tier=tier,
        timeout=options["timeout"],
        run_all=options["run_all"],
        iterations=options["iterations"],
        keep_notebook=options["keep_notebook"],
    )
