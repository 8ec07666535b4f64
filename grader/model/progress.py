"""How a batch reports its progress, result by result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from grader.model.result import Result

Origin = Literal["graded", "known"]
"""A result was graded in this run, or is known from an earlier run."""

OnResult = Callable[[Result, Origin], None]
"""Called for each result as it arrives."""
