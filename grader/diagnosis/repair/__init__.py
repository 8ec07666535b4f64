"""A diagnosis that is proven: the small change of the student's code after which it is right.

========== ========================================================================================
code       the function that is edited, and the names in its scope
edits      the table of edits of an expression; `statements`: of whole lines
candidates the function after each edit, the likeliest first
places     which lines are likely to be at fault
search     the order of the search, and the proof
boxed      candidates run in the sandbox; `resume`: from behind a loop
words      the diagnosis: the kind of the edit and the line, never the repaired line itself
========== ========================================================================================

The reference's own lines are no source of edits. Candidates are a student's code: they run in the
sandbox, and their values are judged outside of it.
"""

from __future__ import annotations

import dataclasses
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from string import digits

from grader.diagnosis import MOST_DIAGNOSES, FunctionRun, shadowing
from grader.diagnosis.repair.code import Deadline
from grader.diagnosis.repair.search import Problem, Repair, find
from grader.diagnosis.repair.words import diagnoses_of
from grader.model import Raised
from grader.model.diagnoses import at_line, row_of
from grader.model.findings import Diagnosis
from grader.notebook.slicing import Slice

__all__ = ["Deadline", "Problem", "Repair", "diagnoses_of", "find_repair", "with_repair"]

_MOST_KEPT = 256
_kept: OrderedDict[object, Repair | None] = OrderedDict()
_lock = threading.Lock()
_NO_DIGITS = str.maketrans("", "", digits)


def with_repair(
    run: FunctionRun,
    diagnoses: Sequence[Diagnosis],
    problem: Problem,
    find: Callable[[Problem], Repair | None],
) -> tuple[Diagnosis, ...]:
    """Replace diagnoses that name a symptom only by those of a proven repair, if `find` finds one.

    A diagnosis that names the mistake keeps its words, and takes the line of the repair.
    """
    symptom = next((d for d in diagnoses if row_of(d.id).gives_way), None)
    named = [d for d in diagnoses if not (row_of(d.id).gives_way or row_of(d.id).independent)]
    if named and symptom is None and len({d.line for d in named}) == 1:
        proof = find(dataclasses.replace(problem, named_line=named[0].line or 0))
        line = proof.edits[0].line if proof else named[0].line
        return tuple(at_line(d, line, problem.cell) if d in named else d for d in diagnoses)
    error = next((o for o in run.actual.outcomes if isinstance(o, Raised)), None)
    is_explained = error is not None and any(
        explain(error, run.slice_) for explain in (shadowing.of_call, shadowing.of_deletion)
    )
    if symptom is None or named or is_explained:  # another name is better than a removed line
        return tuple(diagnoses)
    proof = find(problem)
    if proof is None or (_is_misspelt(symptom) and proof.edits[0].kind == "undefined"):
        return tuple(diagnoses)
    rest = [d for d in diagnoses if row_of(d.id).independent]
    return (*diagnoses_of(proof, problem, symptom), *rest)[:MOST_DIAGNOSES]


def _is_misspelt(symptom: Diagnosis) -> bool:
    """Return True if a name is not defined, and a name is close to it that is no other quantity.

    `A1` and `A2` are different quantities, and so are `theta` and `dtheta`.
    """
    values = symptom.values
    name, close = str(values.get("name", "")), str(values.get("close", ""))
    begin_alike = name[:1].casefold() == close[:1].casefold() != ""
    return begin_alike and name.translate(_NO_DIGITS) != close.translate(_NO_DIGITS)


def find_repair(problem: Problem, slice_: Slice) -> Repair | None:
    """Return the repair of a function, or None. Equal code on equal cases is searched once a process.

    A search that reached its deadline is not kept: another function may have used the time. Raises
    BoxError if no sandbox can be started.
    """
    code = slice_.function, slice_.cell, slice_.cells, slice_.stand_ins
    key = (*code, id(problem.expected), problem.named_line)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    repair = find(problem)
    if problem.deadline.is_over and not repair:
        return None
    with _lock:
        _kept[key] = repair
        while len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)
    return repair
