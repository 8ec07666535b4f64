"""Find submissions with the same file, or with the same code in graded functions.

Code is the same if it is equal but for names, comments and layout (`FunctionResult.code`, a digest). In
a course many students write a short function in the same way. So code that many share is left out, and
one right function alone is no reason to look.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from grader.model.findings import FunctionStatus
from grader.model.result import Status
from grader.model.summary import ResultSummary

_USUAL_SHARE: Final = 0.2
_FEW: Final = 3
_EMPTY: Final = hashlib.sha256(b"").hexdigest()
_UNWRITTEN: Final = {FunctionStatus.NOT_ATTEMPTED, FunctionStatus.MISSING}


class CodeMatch(NamedTuple):
    """Submissions with the same code in `functions`, or with the same file if that is empty.

    `members` are positions of rows.
    """

    functions: tuple[str, ...]
    members: tuple[int, ...]


def same_file(rows: Sequence[ResultSummary]) -> list[CodeMatch]:
    """Return groups with byte-identical files, the largest first. Unwritten templates do not count.

    A file of a group of students, which is one source, does not count either.
    """
    by_digest: defaultdict[str, list[int]] = defaultdict(list)
    for position, row in enumerate(rows):
        statuses = {function.status for function in row.functions if function.tested}
        is_template = bool(statuses) and statuses <= _UNWRITTEN
        if row.sha256 and row.sha256 != _EMPTY and not is_template:
            by_digest[row.sha256].append(position)
    return _sorted(CodeMatch((), tuple(m)) for m in by_digest.values() if _are_several(rows, m))


def same_code(rows: Sequence[ResultSummary]) -> list[CodeMatch]:
    """Return groups with the same code in several functions, or in one that is not right."""
    graded = [i for i, row in enumerate(rows) if row.status is Status.GRADED]
    most = max(_FEW, int(_USUAL_SHARE * len(graded)))
    groups: dict[tuple[int, ...], None] = {}
    by_code: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for position in graded:
        for name, code in _codes(rows[position]):
            by_code[name, code].append(position)
    for members in by_code.values():
        if 1 < len(members) <= most and len({rows[i].sha256 for i in members}) > 1:
            groups[tuple(members)] = None
    matches = (CodeMatch(_shared(rows, members), members) for members in groups)
    return _sorted(
        match for match in matches if _are_several(rows, match.members) and _is_telling(rows, match)
    )


def _codes(row: ResultSummary) -> Iterator[tuple[str, str]]:
    for function, code in zip(row.functions, row.codes, strict=True):
        if code and function.status not in _UNWRITTEN:
            yield function.name, code


def _shared(rows: Sequence[ResultSummary], members: Sequence[int]) -> tuple[str, ...]:
    """Return the functions in which all members have the same code."""
    first, *others = (dict(_codes(rows[i])) for i in members)
    return tuple(
        name for name, code in first.items() if all(other.get(name) == code for other in others)
    )


def _is_telling(rows: Sequence[ResultSummary], match: CodeMatch) -> bool:
    statuses = {f.name: f.status for f in rows[match.members[0]].functions}
    wrong = any(statuses[name] is not FunctionStatus.PASSED for name in match.functions)
    return wrong or len(match.functions) > 1


def _are_several(rows: Sequence[ResultSummary], members: Sequence[int]) -> bool:
    """Return True for members with different sources; one that is not known differs from all."""
    sources = [rows[i].source or f"row {i}" for i in members]
    return len(set(sources)) > 1


def _sorted(matches: Iterable[CodeMatch]) -> list[CodeMatch]:
    """Return matches in more functions first, then larger ones."""
    return sorted(
        matches, key=lambda m: (-len(m.functions), -len(m.members), m.functions, m.members)
    )
