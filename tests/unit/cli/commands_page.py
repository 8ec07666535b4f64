"""Generate docs/reference/commands.md from the help texts of the command line.

`python -m tests.unit.cli.commands_page` writes the page; with `--check` it compares the page and exits
with 1 if there is a difference.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

import click

from grader.cli import main as grader
from tests import ROOT

PAGE = ROOT / "docs" / "reference" / "commands.md"
INTRODUCTION = """\
# Commands

`grader` and `python -m grader` are the same program. This page is generated from its help texts by
`python3 dev.py tidy`.

Guides: [whole notebooks](../guides/run-whole-notebooks.md), [languages](../guides/add-a-language.md).
"""
WIDTH = 80


def page() -> str:
    """Return the page: an introduction, then the help of `grader` and of each command."""
    return "\n".join([INTRODUCTION, *_sections()])


def _sections() -> Iterator[str]:
    settings = {**grader.context_settings, "terminal_width": WIDTH}
    main_context = click.Context(grader, info_name="grader", **settings)
    yield _section("grader", grader.get_help(main_context))
    for name in grader.list_commands(main_context):
        command = grader.commands[name]
        context = click.Context(command, info_name=name, parent=main_context, terminal_width=WIDTH)
        yield _section(f"grader {name}", command.get_help(context))


def _section(command: str, text: str) -> str:
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return f"## {command}\n\n```console\n$ {command} --help\n```\n\n```text\n{lines}\n```\n"


def main() -> int:
    """Write the page or, with --check, compare it; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare; exit 1 on a difference")
    if not parser.parse_args().check:
        PAGE.write_text(page(), "utf-8")
    elif PAGE.read_text("utf-8") != page():
        sys.stderr.write("docs/reference/commands.md is old: run python3 dev.py tidy.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
