"""Where the run of a candidate can start: behind a loop, if it differs from the student's code only there.

The variables behind the loop are those of the student's code. So many edits of the last lines cost one
run of the loop. What is found in this way is proven by whole runs.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Sequence
from typing import NamedTuple

from grader.diagnosis.repair.code import Code

_UNFIT = (ast.Return, ast.Yield, ast.YieldFrom, ast.Await, ast.Global, ast.Nonlocal)
"""Nodes before a start that a function in two parts would change."""


class Start(NamedTuple):
    """The line of a cell where a run can start, and the function up to there: it returns its variables."""

    line: int
    prefix: str


def starts(code: Code) -> list[Start]:
    """Return the places behind the loops of a function's body, in the order of their lines."""
    definition = code.definition
    assert definition is not None
    lines, column = code.definition_in(code.source).split("\n"), definition.col_offset
    places = []
    for loop, below in itertools.pairwise(definition.body):
        if any(isinstance(node, _UNFIT) for node in ast.walk(loop)):
            break
        is_new_line = below.lineno > (loop.end_lineno or 0) and not hasattr(below, "decorator_list")
        if isinstance(loop, ast.For | ast.While) and is_new_line:
            indent = lines[below.lineno - 1][: below.col_offset - column]
            prefix = [*lines[: below.lineno - 1], f"{indent}return locals()"]
            places.append(Start(below.lineno, "\n".join(prefix)))
    return places


def resumed(text: str, code: Code, places: Sequence[Start]) -> tuple[int | None, str]:
    """Return the number of the last place from which a candidate can run, and its lines from there.

    None and the whole text if it differs above the first place.
    """
    own, lines = code.definition_in(code.source).split("\n"), text.split("\n")
    same = sum(
        1
        for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(own, lines, strict=False))
    )
    number = sum(place.line <= same + 1 for place in places) - 1
    if number < 0:
        return None, text
    return number, "\n".join(lines[places[number].line - 1 :])
