"""No line of the grader names an assignment's function, quantity, parameter or mistake."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from grader.assignments import misconceptions
from grader.model.diagnoses import id_of
from tests import ROOT
from tests.support.diagnosing import loaded

COMMON = {"cost", "parameters", "X", "Y"}
"""Words that are also used in another sense: a training's cost, parameters of a function."""

ELSEWHERE = {
    "sandbox/box/runner.py",  # code that warms NumPy up needs some names
}


def words() -> set[str]:
    """Return the names of one assignment: functions, parameters, quantities, mistakes, variants."""
    found: set[str] = set()
    for function in loaded().functions:
        mistakes = misconceptions.mistakes(loaded(), function.name)
        found |= {function.name, *function.parameters, *mistakes, *map(id_of, mistakes)}
        found |= {quantity for check in function.checks for quantity in check.quantities}
        if function.computation:
            found |= {*function.computation.rules, *function.computation.variants}
    return found - COMMON


def texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield every string and its line, without docstrings: an example may come from anywhere."""
    expressions = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if id(node) not in expressions:
                yield node.lineno, text


def test_no_word_of_the_assignment_is_in_the_grader() -> None:
    pattern = re.compile(rf"(?<![\w|-])({'|'.join(map(re.escape, words()))})(?![\w-])")
    offenders = []
    for path in sorted((ROOT / "grader").rglob("*.py")):
        name = path.relative_to(ROOT / "grader").as_posix()
        for line, text in texts(ast.parse(path.read_text("utf-8"))):
            if name not in ELSEWHERE:
                offenders += [f"{name}:{line} {word}" for word in pattern.findall(text)]

    assert len(words()) > 100
    assert offenders == []
