"""No file of the grader has a function, quantity, parameter, mistake or the subject of an assignment."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from grader import assignments
from grader.assignments import known_mistakes
from grader.model.diagnoses import id_of
from tests import ROOT

COMMON = {
    "J",
    "cache",
    "cost",
    "parameters",
    "regularization",
    "X",
    "Y",
    "added",
    "difference",
    "x",
}
"""Names that are also used in another sense: costs of a call, parameters of a function."""

SUBJECT = re.compile(
    r"""
    dropout | keep.?prob | lambd\b | regulari[sz] | relu\b | (?<!linear-)gradient | neural
    | (?<!u)(?<!sig)(?<!where\ the\ )mask\b | class\ 1\b | decision\ boundar | \bcosts?\ (?:after|over)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""Words about the subject of the assignment. They may not even appear in comments and docstrings."""

NAMING = re.compile(r'DEFAULT_ASSIGNMENT = "regularization"$|\s*(?:Example:  )?grader [a-z]')
"""The lines of the command line that may name an assignment: the default, and examples."""


def words() -> set[str]:
    """Return the names of all assignments: functions, parameters, quantities, mistakes, variants."""
    names: set[str] = {*assignments.names()}
    loaded = [assignments.load(name) for name in names]
    for assignment, function in ((a, function) for a in loaded for function in a.functions):
        mistakes = known_mistakes.names(assignment, function.name)
        names |= {function.name, *function.parameters, *mistakes, *map(id_of, mistakes)}
        names |= {quantity for check in function.checks for quantity in check.quantities}
        if function.computation:
            names |= {*function.computation.rules, *function.computation.variants}
    return names - COMMON


def files() -> dict[str, str]:
    """Return the text of every file with code, by its path in the package."""
    paths: list[Path] = []
    for suffix in (".py", ".j2", ".js", ".css"):
        paths += (ROOT / "grader").rglob(f"*{suffix}")
    return {p.relative_to(ROOT / "grader").as_posix(): p.read_text("utf-8") for p in sorted(paths)}


def strings(name: str, text: str) -> Iterator[tuple[int, str]]:
    """Yield the strings of a module without its docstrings, or the lines of any other file."""
    if not name.endswith(".py"):
        yield from enumerate(text.splitlines(), 1)
        return
    tree = ast.parse(text)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(string)) if id(node) not in docstrings:
                yield node.lineno, string


def test_no_name_of_the_assignment_is_in_the_grader() -> None:
    pattern = re.compile(rf"(?<![\w|-])({'|'.join(map(re.escape, words()))})(?![\w-])")
    offenders = [
        f"{name}:{line} {word}"
        for name, text in files().items()
        for line, string in strings(name, text)
        for word in pattern.findall(string)
    ]

    assert len(words()) > 100
    assert offenders == []


def test_no_word_about_the_subject_is_in_the_grader() -> None:
    offenders = [
        f"{name}:{number} {word}"
        for name, text in files().items()
        for number, line in enumerate(text.splitlines(), 1)
        if not (name.startswith("cli/") and NAMING.match(line))
        for word in SUBJECT.findall(line)
    ]

    assert offenders == []
