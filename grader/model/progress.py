"""How a batch reports its progress, result by result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from grader.model.result import Result

How = Literal["graded", "known"]


OnResult = Callable[[Result, How], None]
"""Called for each result as it comes: graded now, or known from an earlier run."""
