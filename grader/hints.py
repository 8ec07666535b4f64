"""Named mistakes that structure and errors give away, in words for the student."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence

from grader.extract import Slice
from grader.model import (
    CheckResult,
    CheckStatus,
    Diagnosis,
    Function,
    FunctionStatus,
    Observation,
    Raised,
    Returned,
)
from grader.text import printable

_QUOTED_NAME = re.compile(r"'(\w+)'")
_LOOK_ALIKES = str.maketrans("lIO", "110")
_WRITE_INSTEAD = {
    "int": "int",
    "float": "float",
    "bool": "bool",
    "object": "object",
    "str": "str",
    "complex": "complex",
    "float_": "np.float64",
    "product": "np.prod",
    "asscalar": ".item()",
    "mat": "np.asmatrix",
    "NaN": "np.nan",
    "Inf": "np.inf",
}


def why_not_run(piece: Slice) -> tuple[FunctionStatus, Diagnosis]:
    """Return the status of a function that was not judged, and what to do about it."""
    name = piece.function
    if piece.unwritten:
        return FunctionStatus.NOT_ATTEMPTED, Diagnosis(
            "not-attempted",
            f"{name} is still as it was handed out. Fill in your lines and hand in again.",
        )
    if piece.fault:
        return FunctionStatus.ERROR, Diagnosis("syntax-error", _syntax_message(piece))
    message = f"Your notebook does not define {name}."
    if piece.other_name:
        message += (
            f" It has {printable(piece.other_name, limit=80)}, which takes the same arguments:"
            f" give it the name {name}."
        )
    return FunctionStatus.MISSING, Diagnosis("missing-function", message)


def _syntax_message(piece: Slice) -> str:
    fault = piece.fault
    assert fault is not None
    return (
        f"Code cell {fault.cell} cannot be read by Python at line {fault.line}, `{fault.text}`: "
        f"{fault.message}. Everything in this function is lost until that line is mended."
    )


def from_errors(piece: Slice, function: Function, seen: Observation) -> Iterator[Diagnosis]:
    """Yield what exceptions, changed arguments and removed names say."""
    raised = [outcome for outcome in seen.outcomes if isinstance(outcome, Raised)]
    if raised:
        yield _from_exception(raised[0], piece, function)
    removed = [text for kind, text in seen.notes if kind == "removed-numpy-name"]
    if removed:
        yield Diagnosis("removed-numpy-name", _removed_message(removed))
    returned = [outcome for outcome in seen.outcomes if isinstance(outcome, Returned)]
    changed = {i for outcome in returned for i in outcome.mutated if i < len(function.parameters)}
    if changed:
        names = ", ".join(function.parameters[i] for i in sorted(changed))
        yield Diagnosis(
            "inputs-mutated",
            f"Your function changes {names} in place, so the caller's arrays are not what they were. "
            "Write `A = A * D` rather than `A *= D` for an array that was handed to you.",
        )


def _from_exception(error: Raised, piece: Slice, function: Function) -> Diagnosis:
    place = f"line {error.line} of code cell {error.cell}" if error.cell else "your code"
    if error.kind in ("NameError", "UnboundLocalError"):
        return Diagnosis("name-error", _name_message(error, place, piece, function))
    words = f": {printable(error.message, limit=160)}" if error.message.strip() else ""
    kind = printable(error.kind, limit=60)
    return Diagnosis(
        "raises-error", f"It stops at {place} with {kind}{words}. Mend that line first."
    )


def _name_message(error: Raised, place: str, piece: Slice, function: Function) -> str:
    quoted = _QUOTED_NAME.search(error.message)
    name = error.missing_name or (quoted.group(1) if quoted else "a name")
    name = printable(name, limit=60)
    close = _closest(name, {*piece.names, *piece.local_names, *function.parameters} - {name})
    hint = (
        f" Did you mean `{close}`?" if close else " Is it spelt right, and set before it is used?"
    )
    return f"The name `{name}` in {place} is not defined there.{hint}"


def _closest(name: str, known: set[str]) -> str:
    """Return the known name that is easiest to take for another, look-alike characters first."""
    twins = [n for n in sorted(known) if n.translate(_LOOK_ALIKES) == name.translate(_LOOK_ALIKES)]
    return next(iter([*twins, *difflib.get_close_matches(name, sorted(known), n=1)]), "")


def _removed_message(names: Sequence[str]) -> str:
    parts = []
    for name in names:
        instead = _WRITE_INSTEAD.get(name)
        parts.append(f"np.{name}" + (f" (write {instead})" if instead else ""))
    return (
        f"NumPy no longer has {', '.join(parts)}. It was supplied for grading and cost nothing, "
        "but your notebook will stop there on a current NumPy."
    )


def from_pattern(function: Function, checks: Sequence[CheckResult]) -> Iterator[Diagnosis]:
    """Yield what the pattern of checks says: right on the published figures and nowhere else."""
    by_group: dict[str, set[CheckStatus]] = {}
    for check, result in zip(function.checks, checks, strict=True):
        by_group.setdefault(check.group, set()).add(result.status)
    if by_group.get("fixed") == {CheckStatus.PASSED} and by_group.get("random") == {
        CheckStatus.FAILED
    }:
        yield Diagnosis(
            "hard-coded-answer",
            "It is right on the published example only. Look for a number that belongs to that example "
            "(m = 5, its lambd or keep_prob, or the answer itself) where your code should compute it.",
        )


def note(kind: str, text: str) -> str:
    """Return a sentence about what the box did for a program."""
    name = printable(text, limit=60)
    if kind == "removed-numpy-name":
        return f"np.{name}, which NumPy has removed, was supplied."
    if kind == "helper-module-renamed":
        return (
            f"The module {name} was not found; the assignment's helper functions stood in for it."
        )
    return printable(f"{kind}: {text}", limit=120)
