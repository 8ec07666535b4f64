"""Diagnoses of functions that were not run, of exceptions, and of names from outside."""

from __future__ import annotations

import ast
import difflib
import platform
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from grader.diagnosis import python_errors, shadowing
from grader.diagnosis.locate import handed_on
from grader.diagnosis.nodes import nodes_of
from grader.diagnosis.python_errors import Slip
from grader.messages import comma_list, gettext
from grader.messages.sanitize import one_line
from grader.model import Function, Observation, Raised
from grader.model.diagnoses import (
    FAILED_IMPORT,
    GLOBAL_DEPENDENCE,
    MISSING_FUNCTION,
    NAME_ERROR,
    NOT_ATTEMPTED,
    RAISES_ERROR,
    REMOVED_NUMPY_NAME,
    SYNTAX_ERROR,
    TOO_MUCH_DISK,
    TOO_MUCH_MEMORY,
    WRONG_ARGUMENTS,
    Row,
    diagnosis,
    in_brackets,
    in_line,
    row_of,
)
from grader.model.findings import Diagnosis, FunctionStatus
from grader.notebook.slicing import Slice, SyntaxFault
from grader.sandbox.box import compat
from grader.sandbox.box.compat import (
    DECORATOR_IGNORED,
    FILES_IN_MEMORY,
    HELPER_MODULE_RENAMED,
    NUMPY_NAME_REPLACED,
    OLD_BEHAVIOUR,
    REPLACEMENTS,
)

_QUOTED_NAME = re.compile(r"'(\w+)'")
_MEMORY_ERRORS = ("MemoryError", "_ArrayMemoryError")
_NO_MEMORY, _NO_DISK = "[Errno 12]", ("[Errno 27]", "[Errno 28]")
_IMPORT_ERRORS = ("ImportError", "ModuleNotFoundError")
_LEFTOVERS = {"EOFError": "input", "BdbQuit": "debugger"}
_LONGEST_NAME, _MOST_NAMES = 50, 500
_LOOK_ALIKES = str.maketrans("lIO", "110")


_OLD_BEHAVIOURS = {
    compat.SUM_OF_GENERATOR: gettext("np.sum() of a generator (write sum() or np.sum() of a list)"),
    compat.NUMBER_OF_ARRAY: gettext("float() of an array with one element (write .item())"),
    compat.FORMAT_OF_ARRAY: gettext("text formatted with an array of one element (write .item())"),
    compat.ARRAY_WITHOUT_COPY: gettext("np.array(..., copy=False) (write np.asarray())"),
    compat.ELEMENT_FROM_ARRAY: gettext("an element set from an array (write .item())"),
    compat.NEW_SHAPE: gettext("np.reshape(newshape=...) (write shape=...)"),
    compat.REMOVED_METHOD: gettext("a method such as array.ptp() (write np.ptp(array))"),
}


def why_not_run(slice_: Slice, parameters: Sequence[str] = ()) -> tuple[FunctionStatus, Diagnosis]:
    """Return the status of a function that was not judged, and the diagnosis with the reason.

    `parameters` are the names that the assignment prescribes, for a hint about a misspelt one.
    """
    name = slice_.function
    if slice_.unwritten:
        return FunctionStatus.NOT_ATTEMPTED, diagnosis(NOT_ATTEMPTED, name=name)
    if blank := slice_.blank_result:
        place = in_line(blank, slice_.cell)
        return FunctionStatus.NOT_ATTEMPTED, diagnosis(
            *(NOT_ATTEMPTED, "in-part"), at=blank, name=name, line=place
        )
    if fault := slice_.fault:
        if fault.version:
            return FunctionStatus.ERROR, _from_newer_python(fault, at=fault.line)
        slip = python_errors.of_syntax(fault.message, fault.text, parameters)
        return FunctionStatus.ERROR, _with_slip(
            SYNTAX_ERROR,
            slip,
            at=fault.line,
            line=in_line(fault.line, fault.cell),
            text=fault.text,
            error=without_question_mark(fault.message),
        )
    if slice_.other_name:
        near = one_line(slice_.other_name, limit=80)
        return FunctionStatus.MISSING, diagnosis(
            MISSING_FUNCTION, "other-name", name=name, other=near
        )
    if inside := slice_.inside:
        line, other = in_line(inside.line, inside.cell), one_line(inside.name, limit=80)
        return FunctionStatus.MISSING, diagnosis(
            *(MISSING_FUNCTION, "inside"), name=name, other=other, line=line
        )
    return FunctionStatus.MISSING, diagnosis(MISSING_FUNCTION, name=name)


def without_question_mark(message: str) -> str:
    """Return a message of Python as a part of a longer sentence."""
    if message.endswith("?"):  # any other message stays one that can be translated
        return message.removesuffix("?")
    return message


def _from_newer_python(fault: SyntaxFault, *, at: int | None) -> Diagnosis:
    return diagnosis(
        *(SYNTAX_ERROR, "newer"),
        at=at,
        line=in_line(fault.line, fault.cell),
        text=fault.text,
        error=without_question_mark(fault.message),
        version=fault.version,
        own=".".join(platform.python_version_tuple()[:2]),
    )


def _with_slip(row: Row, slip: Slip | None, /, *, at: int | None, **values: Any) -> Diagnosis:
    """Return the diagnosis of an error in the words of the slip behind it, if there is one."""
    variant, more = (slip.variant, slip.values) if slip else ("", {})
    return diagnosis(row, variant, at=at, **values, **more)


def from_parameters(slice_: Slice, function: Function) -> Iterator[Diagnosis]:
    """Yield the diagnosis of parameters in another order, for a function that is wrong."""
    own = slice_.parameters[: len(function.parameters)]
    if own != function.parameters and sorted(own) == sorted(function.parameters):
        yield diagnosis(
            *(WRONG_ARGUMENTS, "order"),
            at=slice_.line,
            name=function.name,
            line=in_brackets(slice_.line, slice_.cell),
            own=", ".join(own),
            parameters=", ".join(function.parameters),
        )


def from_errors(slice_: Slice, function: Function, observation: Observation) -> Iterator[Diagnosis]:
    """Yield the diagnoses of the first exception, and of names that NumPy has removed."""
    raised = [outcome for outcome in observation.outcomes if isinstance(outcome, Raised)]
    if raised:
        yield _from_exception(raised[0], slice_, function, observation)
    removed = [text for kind, text in observation.notes if kind == NUMPY_NAME_REPLACED]
    removed = [name for name in removed if name in REPLACEMENTS]  # others are forged
    if removed:
        names = (
            gettext("np.{name} (write {instead})", name=name, instead=REPLACEMENTS[name])
            for name in removed
        )
        yield diagnosis(REMOVED_NUMPY_NAME, names=comma_list(names))


def from_outside(slice_: Slice, diagnoses: Sequence[Diagnosis]) -> Iterator[Diagnosis]:
    """Yield the variable of the notebook that a wrong function reads, and the other diagnoses.

    Those that follow from it are left out: that the name is missing, that only one call is right.
    """
    names = [f"`{one_line(use.name, limit=60)}`" for use in slice_.global_uses]
    for use in slice_.global_uses[:1]:
        yield diagnosis(
            GLOBAL_DEPENDENCE,
            "" if use.parameter else "trained",
            at=use.line,
            line=in_brackets(use.line, slice_.cell),
            name=names[0],
            parameter=one_line(use.parameter, limit=60),
        )
    for entry in diagnoses:
        other_name = entry.id == NAME_ERROR.id and not any(name in entry.message for name in names)
        superseded = GLOBAL_DEPENDENCE.id in row_of(entry.id).superseded_by
        if not (names and superseded) or other_name:
            yield entry


def _from_exception(
    error: Raised, slice_: Slice, function: Function, observation: Observation
) -> Diagnosis:
    failed = [before for before in observation.raised_before if before.kind in _IMPORT_ERRORS]
    if error.missing_name in slice_.names and failed:  # the failed import would bind the name
        name = one_line(error.missing_name or "", limit=60)
        return diagnosis(FAILED_IMPORT, name=name, words=one_line(failed[0].message, limit=160))
    for fault in slice_.lost:
        if error.missing_name in fault.functions | fault.names:
            if fault.version:
                return _from_newer_python(
                    fault, at=fault.line if fault.cell == slice_.cell else None
                )
            return diagnosis(
                *(SYNTAX_ERROR, "helper"),
                name=one_line(error.missing_name or "", limit=60),
                line=in_line(fault.line, fault.cell),
                text=fault.text,
                error=without_question_mark(fault.message),
            )
    quoted = _QUOTED_NAME.search(error.message)
    name = one_line(error.missing_name or (quoted.group(1) if quoted else ""), limit=60)
    if error.kind in ("NameError", "UnboundLocalError") and name:
        return _from_missing_name(name, error, slice_, function)
    if error.cell is None and error.kind == "TypeError" and "argument" in error.message:
        return diagnosis(
            WRONG_ARGUMENTS,
            at=_own_line(error, slice_),
            name=function.name,
            parameters=", ".join(function.parameters),
            line=gettext(" in code cell {cell}", cell=slice_.cell) if slice_.cell else "",
        )
    at, line = _own_line(error, slice_), _place(error)
    if error.kind == "OSError" and error.message.startswith(_NO_DISK):
        return diagnosis(TOO_MUCH_DISK, at=at, line=line)
    if error.kind in _MEMORY_ERRORS or error.message.startswith(_NO_MEMORY):
        return diagnosis(TOO_MUCH_MEMORY, at=at, line=line)
    return _from_raised(error, slice_)


def _from_raised(error: Raised, slice_: Slice) -> Diagnosis:
    """Return the error in its own words. If a given line raised it, point to the student's line before it."""
    message = one_line(error.message, limit=160)
    if not message.endswith(".."):  # a shortened message
        message = message.removesuffix(".")
    words = f": {message}" if message.strip() else ""
    values = {"line": _place(error), "error": f"{one_line(error.kind, limit=60)}{words}"}
    own = _own_line(error, slice_)
    source = handed_on(slice_.source, slice_.function, own) if own else None
    if source is not None:
        return diagnosis(
            RAISES_ERROR,
            "handed-out",
            at=source.line,
            name=one_line(source.name, limit=60),
            origin=in_line(source.line, slice_.cell),
            **values,
        )
    if variant := _LEFTOVERS.get(error.kind):
        return diagnosis(RAISES_ERROR, variant, at=own, **values)
    module = shadowing.of_module(error, slice_)
    if place := shadowing.of_call(error, slice_) or module:
        origin, name = in_line(place.line, place.cell), one_line(place.name, limit=60)
        variant = "shadowed-module" if module else "shadowed"
        return diagnosis(*(RAISES_ERROR, variant), at=own, name=name, origin=origin, **values)
    slip = python_errors.of_error(error, _nodes(error, slice_))
    return _with_slip(RAISES_ERROR, slip, at=own, **values)


def _own_line(error: Raised, slice_: Slice) -> int | None:
    """Return the line of an error if it is in the cell that defines the function."""
    return error.line if error.cell == slice_.cell else None


def _nodes(error: Raised, slice_: Slice) -> Sequence[ast.AST]:
    """Return the nodes of the cell that an error comes from, as far as it is known."""
    return nodes_of(slice_.source_of(error.cell)) if error.line else ()


def _place(error: Raised) -> str:
    return in_line(error.line, error.cell)


def _from_missing_name(name: str, error: Raised, slice_: Slice, function: Function) -> Diagnosis:
    nodes, line = _nodes(error, slice_), error.line or 0
    if error.kind == "UnboundLocalError" and (place := shadowing.of_local(name, error, slice_)):
        at, origin = _own_line(error, slice_), in_line(place.line, place.cell)
        return diagnosis(
            *(NAME_ERROR, "local"), at=at, name=name, line=_place(error), origin=origin
        )
    if place := shadowing.of_deletion(error, slice_):
        variant = "deleted" if error.line else "function-deleted"
        at, origin = _own_line(error, slice_), in_line(place.line, place.cell)
        return diagnosis(
            *(NAME_ERROR, variant), at=at, name=name, line=_place(error), origin=origin
        )
    slip = python_errors.of_name(name, line, nodes)
    if not slip:
        names = {*slice_.names, *slice_.local_names, *function.parameters} - {name}
        # Names are compared in quadratic time. No notebook has longer names, or more.
        defined = sorted(n for n in names if len(n) <= _LONGEST_NAME)[:_MOST_NAMES]
        looks = name.translate(_LOOK_ALIKES)
        twins = [n for n in defined if n.translate(_LOOK_ALIKES) == looks]
        again = python_errors.set_before(name, line, nodes)
        close = difflib.get_close_matches(name, defined, n=1)
        closest = next(filter(None, [*twins, again, *close]), "")
        slip = Slip("close", {"close": closest}) if closest else None
    return _with_slip(NAME_ERROR, slip, at=_own_line(error, slice_), name=name, line=_place(error))


def note(kind: str, text: str) -> str:
    """Return a sentence about a replacement that the sandbox supplied: an item of `Observation.notes`.

    Student code can add items of other kinds or other names of NumPy, which have no sentence.
    """
    if kind == NUMPY_NAME_REPLACED and text not in REPLACEMENTS:
        return ""
    if kind == OLD_BEHAVIOUR and text in _OLD_BEHAVIOURS:
        return gettext(
            (
                "Your code needs an older NumPy for {use}. The grader supplied the old "
                "behaviour, so you lost no points."
            ),
            use=_OLD_BEHAVIOURS[text],
        )
    return _NOTES[kind](one_line(text, limit=60)) if kind in _NOTES else ""


_NOTES: dict[str, Callable[[str], str]] = {
    NUMPY_NAME_REPLACED: lambda name: gettext(
        "NumPy has removed np.{name}. The grader supplied a replacement.", name=name
    ),
    HELPER_MODULE_RENAMED: lambda name: gettext(
        "The module {name} was not found. The assignment's helper functions were used instead.",
        name=name,
    ),
    DECORATOR_IGNORED: lambda name: gettext(
        "The decorator {name} comes from a package that is not installed here. The function was "
        "graded without it.",
        name=name,
    ),
    compat.MODULE_ABSENT: lambda name: gettext(
        "{name} is not installed here. No graded function needs it.", name=name
    ),
    compat.MODULE_BESIDE: lambda name: gettext(
        "The module {name} was read from beside the notebook.", name=name
    ),
    compat.NO_PROGRESS_BAR: lambda name: gettext(
        "{name} is not installed here. The loops ran without a progress bar.", name=name
    ),
    compat.DONE_IN_TURN: lambda _: gettext(
        "Threads and processes cannot be started here. Their work was done in turn, so you lost "
        "no points."
    ),
    FILES_IN_MEMORY: lambda name: gettext("The file {name} was kept in memory only.", name=name),
}
