"""Find the assignment of each notebook of a student, for `--assignment auto`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import PurePosixPath

from grader.grading.best_notebook import with_names
from grader.intake import Source
from grader.model import Assignment
from grader.model.allowance import Allowance
from grader.notebook import reader


def places(source: Source, assignments: Sequence[Assignment]) -> Mapping[str, tuple[int, ...]]:
    """Return the positions of a student's files by the name of the assignment that they belong to.

    A notebook belongs to the assignment of which it defines the largest share of the functions, a file
    that defines none to one with a similar name. The other files belong to each of these assignments,
    which says why they do not count. Without any, the result is empty.
    """
    owners = [
        _by_functions(names, assignments) or _by_name(submission.source, assignments)
        for submission, names in with_names(source, Allowance(reader.SECONDS))
    ]
    all_owners = dict.fromkeys(name for names in owners for name in names)
    return {
        name: tuple(at for at, names in enumerate(owners) if name in names or not names)
        for name in all_owners
    }


def part(source: Source, positions: Sequence[int]) -> Source:
    """Return a student's submission with some of the files only."""
    return dataclasses.replace(source, candidates=tuple(source.candidates[at] for at in positions))


def _by_functions(names: set[str] | str, assignments: Sequence[Assignment]) -> tuple[str, ...]:
    """Return the assignments of which a notebook defines the most, several if the shares are equal."""
    shares = {
        assignment.name: Fraction(
            sum(function.name in names for function in assignment.functions),
            len(assignment.functions),
        )
        for assignment in assignments
        if not isinstance(names, str)
    }
    largest = max(shares.values(), default=0)
    return tuple(name for name, share in shares.items() if share == largest > 0)


def _by_name(file: str, assignments: Sequence[Assignment]) -> tuple[str, ...]:
    letters = _letters(PurePosixPath(file).name)
    return tuple(a.name for a in assignments if _letters(a.files.template.stem) in letters)[:1]


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
