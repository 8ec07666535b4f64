"""The options for reading downloads, and the lines about files that are no submission."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import click

from grader.cli.console import NONE, say
from grader.intake import Intake, IntakeOptions, PassedOver, names, times
from grader.intake.kinds import is_junk, is_notebook
from grader.messages.sanitize import one_line

_MOST_OF_A_GROUP, _MOST_NOTEBOOKS = 3, 20

_OPTIONS = (
    click.option(
        "--zip-names",
        metavar="ENCODING",
        help="Encoding of the names in zip files, if they are wrong: gbk, big5, cp932, cp949, cp1251 …",
    ),
    click.option(
        "--zone",
        metavar="NAME",
        help="Time zone of times that state none, such as Europe/Berlin; 'none' is that of the machine "
        "(default).",
    ),
)


def intake_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options for reading downloads."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def take_intake_options(options: dict[str, Any], known_zone: str | None = None) -> IntakeOptions:
    """Remove the options for reading downloads and return their values. Raises UsageError.

    `known_zone` is the name of the time zone without `--zone`.
    """
    zip_names, zone = options.pop("zip_names"), options.pop("zone") or known_zone
    if zip_names:
        names.require_encoding(zip_names)
    return IntakeOptions(zip_names, times.zone_of(zone) if zone and zone != NONE else None)


def report_intake(found: Intake) -> None:
    """Print warnings about names, and the files that were passed over, with the reasons and a total."""
    for warning in found.warnings:
        say(warning)
    if found.passed_over:
        total = len(found.passed_over)
        say(f"{total} {'file' if total == 1 else 'files'} passed over:")
        for line in _lines(found.passed_over):
            click.echo(f"  {line}", err=True)


def _lines(strays: tuple[PassedOver, ...]) -> Iterator[str]:
    """Yield a line for each file, but one line for many files that have the same reason.

    They are all in one folder, or have one name in many folders. Up to 20 notebooks of a folder have a
    line each, because one of them may be a student's.
    """
    folders, names = Counter(map(_in_folder, strays)), Counter(map(_of_name, strays))
    shown = set[tuple[object, ...]]()
    for stray in strays:
        folder, name = _in_folder(stray), _of_name(stray)
        group: tuple[object, ...] = (stray.source,)
        text = stray.source
        may_be_a_students = is_notebook(stray.source) and not is_junk(stray.source.split("/"))
        most = _MOST_NOTEBOOKS if may_be_a_students else _MOST_OF_A_GROUP
        if folders[folder] > most and folder[0]:
            group, text = folder, f"{folder[0]}/ ({folders[folder]} files)"
        elif names[name] > _MOST_OF_A_GROUP:
            group, text = name, f"{name[0]} in {names[name]} folders, for example {stray.source}"
        if group not in shown:
            shown.add(group)
            yield one_line(f"{text}: {stray.reason}", limit=400)


def _of_name(stray: PassedOver) -> tuple[str, str]:
    return posixpath.basename(stray.source), stray.reason


def _in_folder(stray: PassedOver) -> tuple[str, str, bool]:
    return posixpath.dirname(stray.source), stray.reason, is_notebook(stray.source)
