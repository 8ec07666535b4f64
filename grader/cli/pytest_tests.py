"""Notebooks as tests of pytest: a notebook is a file, and each graded function is a test in it.

A function with less than all its points is a failed test. A failure of the grader, or a missing sandbox,
is an error in the set-up of the notebook.
"""

from __future__ import annotations

import functools
import os
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from grader import assignments
from grader.cli.check import grade_source, single_source
from grader.cli.console import is_ci, without_commands
from grader.cli.options import GradingOptions, load_assignment
from grader.errors import GraderError
from grader.grading import Settings
from grader.messages import Translator
from grader.model import Assignment, Tier
from grader.model.findings import FunctionStatus
from grader.model.result import FunctionResult, Result, Status
from grader.views import presentation
from grader.views.terminal import feedback_text

_NO_SANDBOX = "Notebooks are graded WITHOUT a sandbox. This is safe only for your own notebook."


def plugin(config: pytest.Config) -> GradedNotebooks:
    """Return the plugin for the options of pytest. Raises pytest.UsageError."""
    course = config.getoption("grader_course") or os.environ.get("GRADER_COURSE")
    try:
        options = GradingOptions(
            assignment=config.getoption("grader_assignment"),
            course=Path(course) if course else None,
            lang=config.getoption("grader_lang"),
            no_sandbox=config.getoption("grader_no_sandbox"),
            require_sandbox=config.getoption("grader_require_sandbox"),
        )
        return GradedNotebooks(options, load_assignment(options.assignment, options.course))
    except GraderError as error:
        raise pytest.UsageError(f"grader: {error}") from error


@dataclass(frozen=True)
class GradedNotebooks:
    """Collects notebooks, and grades each when its first test is set up."""

    options: GradingOptions
    assignment: Assignment

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> NotebookFile | None:
        """Return the collector of a notebook, None for other files."""
        if file_path.suffix != ".ipynb":
            return None
        notebook: NotebookFile = NotebookFile.from_parent(parent, path=file_path)
        notebook.grader = self
        return notebook

    @functools.cached_property
    def settings(self) -> Settings:
        """The settings, with the sandbox tier of this machine. Raises BoxError."""
        settings = self.options.settings(self.assignment, fallback=Tier.NONE)
        if settings.tier is Tier.NONE:
            warnings.warn(pytest.PytestWarning(_NO_SANDBOX), stacklevel=2)
        return settings

    @functools.cached_property
    def translator(self) -> Translator:
        """The translator into the language of the feedback."""
        return assignments.translator(self.assignment, self.options.language)


class NotebookFile(pytest.File):
    """A notebook. Its set-up grades it; pytest reports an error there for each of its tests."""

    grader: GradedNotebooks
    result: Result

    def collect(self) -> Iterator[FunctionTest]:
        """Yield a test for each graded function."""
        for function in self.grader.assignment.functions:
            yield FunctionTest.from_parent(self, name=function.name)

    def setup(self) -> None:
        """Grade the notebook."""
        try:
            source = single_source(self.path)
            self.result = grade_source(source, self.grader.assignment, self.grader.settings)
        except GraderError as error:
            pytest.fail(f"grader: {error}", pytrace=False)
        if self.result.status is Status.INTERNAL:
            pytest.fail(f"grader: {self.grader.translator(self.result.message)}", pytrace=False)

    @functools.cached_property
    def lines(self) -> list[str]:
        """The lines of the file, as a person sees them who opens it as text; none if it has none."""
        try:
            return self.path.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            return []


class FunctionTest(pytest.Item):
    """The test of one graded function."""

    parent: NotebookFile

    def runtest(self) -> None:
        """Fail with the feedback, as `grader check` prints it, if the function is not right."""
        result = self.parent.result
        [function] = [function for function in result.functions if function.name == self.name]
        self.user_properties += [("score", function.score), ("max_score", function.max_score)]
        if result.status is not Status.GRADED or function.status is not FunctionStatus.PASSED:
            pytest.fail(_feedback(result, function, self.parent.grader.translator), pytrace=False)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *_: Any) -> Any:
        """Return the feedback without a traceback, which would show lines of the grader."""
        if isinstance(excinfo.value, pytest.fail.Exception):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return the file, the line of the function in the text of the file (from 0), and its name."""
        definition = re.compile(rf'\s*"?\s*def {re.escape(self.name)}\b')
        lines = enumerate(self.parent.lines)
        first = next((number for number, line in lines if definition.match(line)), None)
        return self.path, first, self.name


def _feedback(result: Result, function: FunctionResult, translator: Translator) -> str:
    """Return the feedback for a function that is not right, never empty."""
    text = translator(result.message)
    if result.status is Status.GRADED:
        text = feedback_text(function, translator)
    text = text or translator(presentation.function_label(result, function))
    return without_commands(text) if is_ci() else text
