"""Named mistakes that structure and errors give away, in words for the student."""

from __future__ import annotations

import ast
import dataclasses
import difflib
import re
from collections.abc import Iterator, Sequence

from grader.diagnosis import python_errors
from grader.diagnosis.locate import handed_on
from grader.diagnosis.nodes import nodes_of
from grader.messages import comma_list, gettext, join_sentences
from grader.messages.sanitize import printable
from grader.model import Function, Observation, Raised
from grader.model.result import Diagnosis, FunctionStatus
from grader.notebook.slicing import Slice, SyntaxFault

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


def why_not_run(piece: Slice, parameters: Sequence[str] = ()) -> tuple[FunctionStatus, Diagnosis]:
    """Return the status of a function that was not judged, and what to do about it."""
    name = piece.function
    if piece.unwritten:
        return FunctionStatus.NOT_ATTEMPTED, Diagnosis(
            "not-attempted",
            gettext(
                "{name} is not written yet. Write your code, then submit again.",
                name=name,
            ),
        )
    if piece.fault:
        return FunctionStatus.ERROR, Diagnosis(
            "syntax-error", _syntax_message(piece.fault, parameters), piece.fault.line
        )
    message: str = gettext("Your notebook does not define {name}.", name=name)
    if piece.other_name:
        instead = gettext(
            "It defines {other} with the same parameters. Rename {other} to {name}.",
            other=printable(piece.other_name, limit=80),
            name=name,
        )
        message = join_sentences(message, instead)
    return FunctionStatus.MISSING, Diagnosis("missing-function", message)


def _syntax_message(fault: SyntaxFault, parameters: Sequence[str]) -> str:
    message = gettext(
        "Python found a syntax error in line {line} of code cell {cell}, `{text}`: "
        "{error}. Fix that line first.",
        cell=fault.cell,
        line=fault.line,
        text=fault.text,
        error=fault.message,
    )
    return join_sentences(message, python_errors.of_syntax(fault.message, fault.text, parameters))


def from_errors(piece: Slice, function: Function, seen: Observation) -> Iterator[Diagnosis]:
    """Yield what exceptions and removed names say."""
    raised = [outcome for outcome in seen.outcomes if isinstance(outcome, Raised)]
    if raised:
        found = _from_exception(raised[0], piece, function)
        line = raised[0].line if raised[0].cell == piece.cell else None
        told = dataclasses.replace(found, line=found.line or line)
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
            gettext(
                "In line {line} of code cell {cell} your function uses {name}, which "
                "is defined elsewhere in your notebook, instead of its own parameter "
                "`{parameter}`. Use the parameter `{parameter}` in that line.",
                line=one.line,
                cell=piece.cell,
                name=name,
                parameter=parameter,
            ),
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
        gettext(
            "`{name}` comes from an import that failed ({words}). Use NumPy or a "
            "helper module of the assignment instead.",
            name=name,
            words=words,
        ),
    )


def _from_exception(error: Raised, piece: Slice, function: Function) -> Diagnosis:
    place = _place(error)
    if error.kind in ("NameError", "UnboundLocalError"):
        return Diagnosis("name-error", _name_message(error, place, piece, function))
    if error.cell is None and error.kind == "TypeError" and "argument" in error.message:
        return Diagnosis("wrong-arguments", _arguments_message(piece, function))
    if error.kind == "OSError" and error.message.startswith(_NO_DISK):
        return Diagnosis(
            "too-much-disk",
            gettext(
                "Your function stops at {place} because it writes more to disk than "
                "the limit. Remove the code that writes files.",
                place=place,
            ),
        )
    if error.kind in _MEMORY_ERRORS or error.message.startswith(_NO_MEMORY):
        return Diagnosis(
            "too-much-memory",
            gettext(
                "Your function stops at {place} because it needs more memory than "
                "the limit. Is an array there much larger than the data, or does a "
                "list grow without end?",
                place=place,
            ),
        )
    return _what_it_stops_with(error, place, piece)


def _what_it_stops_with(error: Raised, place: str, piece: Slice) -> Diagnosis:
    """Return the error in its own words, and where to look: a line as handed out is not at fault."""
    words = f": {printable(error.message, limit=160)}" if error.message.strip() else ""
    told = f"{printable(error.kind, limit=60)}{words}"
    ours = error.line and error.cell == piece.cell
    given = handed_on(piece.source, piece.function, error.line or 0) if ours else None
    if given is None:
        return Diagnosis("raises-error", _own_line_message(error, place, told, piece))
    name, line = given
    message = gettext(
        "Your function stops at {place} with {error}. That line came with the "
        "assignment. First check {name}, which your line {line} computes.",
        place=place,
        error=told,
        name=printable(name, limit=60),
        line=line,
    )
    return Diagnosis("raises-error", message, line)


def _own_line_message(error: Raised, place: str, told: str, piece: Slice) -> str:
    """Return what to do about a line that stops: what to write there if the line shows it."""
    slip = python_errors.of_error(error, _nodes(error, piece))
    if slip:
        return join_sentences(
            gettext("Your function stops at {place} with {error}.", place=place, error=told), slip
        )
    return gettext(
        "Your function stops at {place} with {error}. Fix that line first.", place=place, error=told
    )


def _nodes(error: Raised, piece: Slice) -> Sequence[ast.AST]:
    """Return what stands in the cell that an error comes from, as far as it is known."""
    return nodes_of(piece.source_of(error.cell)) if error.line else ()


def _place(error: Raised) -> str:
    if error.cell and error.line:
        return gettext("line {line} of code cell {cell}", line=error.line, cell=error.cell)
    return gettext("your code")


def _arguments_message(piece: Slice, function: Function) -> str:
    return gettext(
        "The definition of {name} in code cell {cell} does not take the required "
        "parameters. Start the definition with `def {name}({parameters}):`.",
        name=function.name,
        parameters=", ".join(function.parameters),
        cell=piece.cell,
    )


def _name_message(error: Raised, place: str, piece: Slice, function: Function) -> str:
    quoted = _QUOTED_NAME.search(error.message)
    name = error.missing_name or (quoted.group(1) if quoted else "a name")
    name = printable(name, limit=60)
    nodes, line = _nodes(error, piece), error.line or 0
    slip, again = (
        python_errors.of_name(name, line, nodes),
        python_errors.set_before(name, line, nodes),
    )
    known = {*piece.names, *piece.local_names, *function.parameters} - {name}
    close = _closest(name, known, again)
    return join_sentences(
        gettext("The name `{name}` is not defined in {place}.", name=name, place=place),
        slip or _spelling(close),
    )


def _spelling(close: str) -> str:
    if close:
        return gettext("Did you mean `{name}`?", name=close)
    return gettext("Check its spelling, and assign it before this line.")


def _closest(name: str, known: set[str], again: str) -> str:
    """Return the known name that is easiest to take for another: look-alikes, then one set `again`."""
    twins = [n for n in sorted(known) if n.translate(_LOOK_ALIKES) == name.translate(_LOOK_ALIKES)]
    close = difflib.get_close_matches(name, sorted(known), n=1)
    return next(filter(None, [*twins, again, *close]), "")


def _removed_message(names: Sequence[str]) -> str:
    return gettext(
        "Your code uses {names}, which current versions of NumPy no longer have. "
        "Replace each old name in your notebook.",
        names=comma_list(map(_with_its_successor, names)),
    )


def _with_its_successor(name: str) -> str:
    instead = _WRITE_INSTEAD.get(name)
    return (
        gettext("np.{name} (write {instead})", name=name, instead=instead)
        if instead
        else f"np.{name}"
    )


def note(kind: str, text: str) -> str:
    """Return a sentence about what the box did for a program."""
    name = printable(text, limit=60)
    if kind == _REMOVED:
        return gettext("NumPy has removed np.{name}. The grader supplied a replacement.", name=name)
    if kind == "helper-module-renamed":
        return gettext(
            (
                "The module {name} was not found. The assignment's helper functions were "
                "used instead."
            ),
            name=name,
        )
    return printable(f"{kind}: {text}", limit=120)
