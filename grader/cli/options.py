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
LANG = click.option(
    "--lang",
    metavar="TAG",
    default=catalog.ENGLISH,
    show_default=True,
    help=f"Language of what students are told: {', '.join(catalog.tags())}.",
)


def common(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that `check` and `batch` share."""
    for option in (
        click.option(
            "--keep-notebook",
            is_flag=True,
            help="With --run-all: save the notebook with its outputs beside the report.",
        ),
        click.option(
            "--iterations",
            type=click.IntRange(1, 1_000_000),
            help="With --run-all: train with this many steps, to rehearse.",
        ),
        click.option(
            "--run-all", is_flag=True, help="Run the whole notebook first, its trainings included."
        ),
        click.option(
            "--no-sandbox", is_flag=True, help="Run without a box. Only for your own notebook."
        ),
        LANG,
        click.option(
            "--timeout", type=click.FloatRange(0.1, _DAY), help="Seconds for one submission."
        ),
        click.option(
            "--seed",
            type=click.IntRange(min=0),
            help="Seed of random cases, if not the assignment's.",
        ),
        click.option(
            "--assignment",
            "name",
            default="regularization",
            show_default=True,
            help="What was to be done.",
        ),
    ):
        command = option(command)
    return command


def prove_sensible(options: dict[str, Any]) -> None:
    """Raise UsageError where options do not go together, or say nothing."""
    if options["timeout"] is not None and math.isnan(options["timeout"]):
        raise UsageError("--timeout takes a number of seconds, and NaN is none.")
    if options["iterations"] is not None and not options["run_all"]:
        raise UsageError("--iterations rehearses trainings, which only --run-all runs.")
    if options["keep_notebook"] and not options["run_all"]:
        raise UsageError("--keep-notebook saves outputs, which only --run-all makes.")
    catalog.named(options["lang"])


def settings(options: dict[str, Any], assignment: Assignment, tier: Tier) -> Settings:
    """Return how to grade, behind a wall. Raises UsageError where that wall is not enough."""
    if options["run_all"] and tier == Tier.LIGHT:
        raise UsageError(
            "--run-all needs the full box, for a kernel talks by sockets, which the light one forbids."
        )
    return Settings(
        seed=assignment.seed if options["seed"] is None else options["seed"],
        tier=tier,
        timeout=options["timeout"],
        run_all=options["run_all"],
        iterations=options["iterations"],
        keep_notebook=options["keep_notebook"],
        language=catalog.named(options["lang"]),
    )
