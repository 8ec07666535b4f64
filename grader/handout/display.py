"""Show feedback: as HTML with text beside it in a notebook, as text everywhere else."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any, TypeVar

from grader.handout import cells
from grader.handout.layout import Feedback, FeedbackTable, display_both
from grader.handout.selfcheck import Checker

_Shown = TypeVar("_Shown", Feedback, FeedbackTable)


def check(
    checker: Checker, function: object, names: Mapping[str, object], *, more: bool
) -> Feedback | FeedbackTable:
    """Show the feedback on a function, or the table of all functions for `...`, and return it.

    `names` are those of the notebook. A notebook does not show the value again at the end of the cell.
    """
    if function is ...:
        return _shown(checker.summary(names), more=more)
    return _shown(checker.feedback(function, names), more=more)


def explain_missing_names(checker: Checker) -> None:
    """Show feedback after a cell with `check(name)` that Python stops because the name is not defined.

    Python reports this before `check` is called: in most cases the cell of the function has a syntax
    error, and its message is further up in the notebook.
    """

    def after_cell(result: Any) -> None:
        error, code = result.error_in_exec, getattr(result.info, "raw_cell", "") or ""
        name = getattr(error, "name", None) if isinstance(error, NameError) else None
        if name in checker.names and re.search(rf"\bcheck\W+{name}\b", code):
            display_both(checker.undefined(str(name)), more="more=True" in code)

    if shell := cells.shell():
        shell.events.register("post_run_cell", after_cell)


def _shown(content: _Shown, *, more: bool) -> _Shown:
    shell = cells.shell()
    if shell is None:
        print(content.text(more=more))  # noqa: T201 - a script has no other place
        return content
    display_both(content, more=more)
    return dataclasses.replace(content, shown_in=shell.execution_count)
