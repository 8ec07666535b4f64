"""Show feedback: as HTML with text beside it in a notebook, as text everywhere else."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TypeVar

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


def _shown(content: _Shown, *, more: bool) -> _Shown:
    shell = cells.shell()
    if shell is None:
        print(content.text(more=more))  # noqa: T201 - a script has no other place
        return content
    display_both(content, more=more)
    return dataclasses.replace(content, shown_in=shell.execution_count)
