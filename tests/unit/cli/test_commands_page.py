"""The command reference: it is up to date and describes every command and option."""

from __future__ import annotations

from grader.cli import COMMANDS, main
from tests.unit.cli import commands_page


def test_the_page_is_up_to_date() -> None:
    assert commands_page.PAGE.read_text("utf-8") == commands_page.page()


def test_every_command_has_an_example() -> None:
    page = commands_page.page()
    for name in main.commands:
        section = page.partition(f"## grader {name}\n")[2].partition("\n## ")[0]
        assert f"Example:  grader {name}" in section


def test_every_option_is_on_the_page() -> None:
    options = {
        option
        for command in main.commands.values()
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("--")
    }
    page = commands_page.page()
    assert {option for option in options if option not in page} == set()


def test_list_of_commands_has_their_first_sentences() -> None:
    """The list repeats them, so that `grader --help` imports no command."""
    first = {name: command.get_short_help_str(200) for name, command in main.commands.items()}
    assert {name: entry.help for name, entry in COMMANDS.items()} == first
