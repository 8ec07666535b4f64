"""Replaces, in the sandbox, `grader` of the students' folder, so that a notebook can call `check`.

The function is not checked here. The report has the results.
"""

from __future__ import annotations


def check(*_: object, **__: object) -> None:
    """Print where the results are."""
    print("check: the results are in the report on this notebook.")
