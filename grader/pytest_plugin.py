"""The plugin that pytest loads at every start: its options, and no more unless an assignment is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("grader", "grade notebooks: grader")
    group.addoption(
        "--grader-assignment",
        metavar="NAME",
        help="Collect notebooks, with a test for each graded function of this assignment.",
    )
    group.addoption(
        "--grader-course", metavar="FOLDER", help="Folder with the assignments of a course."
    )
    group.addoption("--grader-lang", metavar="TAG", default="en", help="Language of the feedback.")
    group.addoption(
        "--grader-no-sandbox",
        action="store_true",
        help="Run without a sandbox. Only for your own notebook.",
    )
    group.addoption(
        "--grader-require-sandbox",
        action="store_true",
        help="Refuse to run without a sandbox. The default if CI is set in the environment.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Collect notebooks if `--grader-assignment` is given."""
    if config.getoption("grader_assignment"):
        from grader.cli import pytest_tests  # loads NumPy and the grader

        config.pluginmanager.register(pytest_tests.plugin(config), "grader-tests")
