"""Named mistakes that structure and errors give away, in words for the student."""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Iterator, Sequence

from grader.extract import Slice
from grader.model import Function, Observation, Raised
from grader.result import Diagnosis, FunctionStatus
from grader.text import printable

_REMOVED = "removed-numpy-name"
_QUOTED_NAME = re.compile(r"'(\w+)'")
_MEMORY_ERRORS = ("MemoryError", "_ArrayMemoryError")
_NO_MEMORY, _NO_DISK = "[Errno 12]", ("[Errno 27]", "[Errno 28]")
_IMPORT_ERRORS = ("ImportError", "ModuleNotFoundError")
_LOOK_ALIKES = str.maketrans("lIO", "110")
_WRITE_INSTEAD = {
    "int": "int",
    "float": "float",
    "bool": "bool",
    "object": "object",
    "str": "str",
    "complex": "complex",
    "long": "int",
    "unicode": "str",
    "float_": "np.float64",
    "complex_": "np.complex128",
    "singlecomplex": "np.complex64",
    "longfloat": "np.longdouble",
    "bool8": "np.bool_",
    "unicode_": "np.str_",
    "string_": "np.bytes_",
    "Inf": "np.inf",
    "Infinity": "np.inf",
    "infty": "np.inf",
    "PINF": "np.inf",
    "NaN": "np.nan",
    "product": "np.prod",
    "cumproduct": "np.cumprod",
    "sometrue": "np.any",
    "alltrue": "np.all",
    "round_": "np.round",
    "row_stack": "np.vstack",
    "trapz": "np.trapezoid",
    "in1d": "np.isin",
    "mat": "np.asmatrix",
    "asscalar": ".item()",
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
        return FunctionStatus.ERROR, Diagnosis(
            "syntax-error", _syntax_message(piece), piece.fault.line
        )
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
    """Yield what exceptions and removed names say."""
    raised = [outcome for outcome in seen.outcomes if isinstance(outcome, Raised)]
    if raised:
        found = _from_exception(raised[0], piece, function)
        line = raised[0].line if raised[0].cell == piece.cell else None
        told = dataclasses.replace(found, line=line)
        yield _from_failed_import(raised[0], piece, seen) or told
    removed = [printable(text, limit=60) for kind, text in seen.notes if kind == _REMOVED]
    if removed:
        yield Diagnosis(_REMOVED, _removed_message(removed))


def from_outside(piece: Slice, told: Sequence[Diagnosis]) -> Iterator[Diagnosis]:
    """Yield what a function that is not right reads of the notebook, and then what else is told of it.

    What follows from it is not told again: that the name is not there, that one call alone is right.
    """
    read = [(one, f"`{printable(one.name, limit=60)}`") for one in piece.outside]
    for one, name in read[:1]:
        parameter = printable(one.parameter, limit=60)
        yield Diagnosis(
            "global-dependence",
            f"In line {one.line} of code cell {piece.cell} your function reads {name}, which is set "
            f"elsewhere in your notebook, and not its own parameter `{parameter}`. Whatever it is called "
            "with, it goes on with that one value there: use what is passed to it.",
            one.line,
        )
    for found in told:
        missing = found.id == "name-error" and any(name in found.message for _, name in read)
        if not read or not (missing or found.id == "hard-coded-answer"):
            yield found


def _from_failed_import(error: Raised, piece: Slice, seen: Observation) -> Diagnosis | None:
    """Blame the import, where a name is missing because the import that binds it failed."""
    failed = [before for before in seen.raised_before if before.kind in _IMPORT_ERRORS]
    if error.missing_name not in piece.names or not failed:
        return None
    name, words = (
        printable(error.missing_name or "", limit=60),
        printable(failed[0].message, limit=160),
    )
    return Diagnosis(
        "failed-import",
        f"`{name}` comes from an import that fails here ({words}). "
        "The graded functions need NumPy and the assignment's helper modules only.",
    )


def _from_exception(error: Raised, piece: Slice, function: Function) -> Diagnosis:
    place = (
        f"line {error.line} of code cell {error.cell}" if error.cell and error.line else "your code"
    )
    if error.kind in ("NameError", "UnboundLocalError"):
        return Diagnosis("name-error", _name_message(error, place, piece, function))
    if error.cell is None and error.kind == "TypeError" and "argument" in error.message:
        return Diagnosis("wrong-arguments", _arguments_message(piece, function))
    if error.kind == "OSError" and error.message.startswith(_NO_DISK):
        return Diagnosis(
            "too-much-disk",
            f"It stops at {place}, where it writes more than a function may keep on disk. "
            "What is asked for is a return value: nothing has to be written.",
        )
    if error.kind in _MEMORY_ERRORS or error.message.startswith(_NO_MEMORY):
        return Diagnosis(
            "too-much-memory",
            f"It stops at {place}, where it asks for more memory than a function is given. "
            "Is an array there far larger than the data, or does a list grow without end?",
        )
    words = f": {printable(error.message, limit=160)}" if error.message.strip() else ""
    kind = printable(error.kind, limit=60)
    return Diagnosis(
        "raises-error", f"It stops at {place} with {kind}{words}. Mend that line first."
    )


def _arguments_message(piece: Slice, function: Function) -> str:
    return (
        f"{function.name} must take ({', '.join(function.parameters)}), in that order; the definition in "
        f"code cell {piece.cell}, which is the last one and therefore counts, does not."
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


def note(kind: str, text: str) -> str:
    """Return a sentence about what the box did for a program."""
    name = printable(text, limit=60)
    if kind == _REMOVED:
        return f"np.{name}, which NumPy has removed, was supplied."
    if kind == "helper-module-renamed":
        return (
            f"The module {name} was not found; the assignment's helper functions stood in for it."
        )
    return printable(f"{kind}: {text}", limit=120)
