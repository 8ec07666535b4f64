"""Stands in the sandbox for `grader` of the students' folder: a notebook that calls `check` runs.

The function is not checked here. The report has the results.
"""

from __future__ import annotations


def check(*_: object, **__: object) -> None:
    """Print where the results are."""
    print("check: the results are in the report on this notebook.")
