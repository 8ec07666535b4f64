"""Make results: of graded functions, of a file that is not a notebook, of a failure of the grader."""

from __future__ import annotations

import dataclasses
import platform
import re
from collections.abc import Mapping, Sequence

import numpy as np

from grader.diagnosis import FunctionRun, cell_names, exceptions
from grader.diagnosis.cell_names import FirstLines
from grader.grading.function import Diagnosed, Scored
from grader.messages import Text, gettext
from grader.messages.sanitize import code_line
from grader.model import Assignment, Cell, Ending, Function, Notebook, Observation
from grader.model.diagnoses import MISSING_FUNCTION, diagnosis
from grader.model.failure import Failure
from grader.model.findings import CheckResult, CheckStatus, Diagnosis, FunctionStatus
from grader.model.result import Environment, FunctionResult, FunctionSource, Result, Status
from grader.model.submission import Module, Submission
from grader.notebook.slicing import Slice
from grader.sandbox.box.compat import NUMPY_NAME_REPLACED, OLD_BEHAVIOUR

ENVIRONMENT = Environment(python=platform.python_version(), numpy=np.__version__)
"""The versions of this process; the sandbox runs the same Python and NumPy."""

_OWN_PYTHON = ".".join(platform.python_version_tuple()[:2])

_ENDED_EARLY = {
    Status.TIMEOUT: gettext(
        "No function could be tested: the code that they need did not finish in time."
    ),
    Status.CRASHED: gettext("No function could be tested: the code that they need stopped Python."),
}
_FROM_TABLES = {OLD_BEHAVIOUR, NUMPY_NAME_REPLACED}
"""Notes that have a sentence only for known texts."""
_WORD = re.compile(r"\w+")
_MOST_LINES = 120
_AROUND_A_FAULT = 6
_UNWRITTEN = {FunctionStatus.MISSING, FunctionStatus.NOT_ATTEMPTED}


# ------------------------------------------------------------------ of one function


def of_function(run: FunctionRun, scored: Scored, diagnosed: Diagnosed) -> FunctionResult:
    """Return the result of a function that ran; of diagnoses with the same id the first counts."""
    first_by_id = {diagnosis.id: diagnosis for diagnosis in reversed(diagnosed.diagnoses)}
    return FunctionResult(
        name=run.function.name,
        status=scored.status,
        score=sum(check.score for check in scored.checks),
        max_score=run.function.max_score,
        checks=scored.checks,
        diagnoses=tuple(reversed(first_by_id.values())),
        cell=run.slice_.cell,
        line=run.slice_.line,
        failure=diagnosed.failure,
    )


def not_run(function: Function, slice_: Slice) -> FunctionResult:
    """Return the result of a function that is missing, not written, or lost to a syntax error."""
    return unjudged(function, slice_, *exceptions.why_not_run(slice_, function.parameters))


def unjudged(
    function: Function, slice_: Slice, status: FunctionStatus, why: Diagnosis
) -> FunctionResult:
    """Return the result of a function that has no points, and none of whose checks counts."""
    checks = tuple(
        CheckResult(check.name, CheckStatus.SKIPPED, gettext("Not run."), 0.0, float(check.points))
        for check in function.checks
    )
    return FunctionResult(
        name=function.name,
        status=status,
        score=0.0,
        max_score=function.max_score,
        checks=checks,
        diagnoses=(why,),
        cell=slice_.cell,
        line=slice_.line,
    )


def with_sources(
    assignment: Assignment,
    slices: Sequence[Slice],
    functions: Mapping[str, FunctionResult],
    notebook: Notebook,
) -> list[FunctionResult]:
    """Return results in the assignment's order; one that did not pass gets its source and formula.

    Their sentences name cells by the first line.
    """
    begins = cell_names.first_lines(notebook.cells)
    functions = {name: _with_cell_names(f, begins) for name, f in functions.items()}
    return [
        _with_source(functions[function.name], function, slice_, notebook)
        for function, slice_ in zip(assignment.functions, slices, strict=True)
    ]


def source_listing(
    slice_: Slice, cells: Sequence[Cell], marked: Sequence[int | None]
) -> FunctionSource | None:
    """Return the lines of a function, printable; of a long one those around the first marked line.

    `marked` are line numbers of the cell, None for a diagnosis without a line.
    """
    text = next((cell.source for cell in cells if cell.number == slice_.cell), "")
    lines = text.split("\n")
    if slice_.line is None or slice_.line > len(lines):
        return None
    line = slice_.line
    first, last = line, slice_.last_line or line
    if slice_.fault:
        first, last = max(1, line - _AROUND_A_FAULT), line + _AROUND_A_FAULT
    faults = [number for number in marked if number]
    if last - first >= _MOST_LINES and faults:
        first = max(first, min(faults) - _MOST_LINES // 2)
    part = lines[first - 1 : min(last, first + _MOST_LINES - 1)]
    return FunctionSource(first, tuple(map(code_line, part)), tuple(marked))


def _with_cell_names(result: FunctionResult, begins: FirstLines) -> FunctionResult:
    def named(text: Text) -> Text:
        return cell_names.in_text(text, result.cell, begins)

    checks = (
        dataclasses.replace(
            check,
            message=named(check.message),
            findings=tuple(
                dataclasses.replace(f, message=named(f.message)) for f in check.findings
            ),
        )
        for check in result.checks
    )
    diagnoses = (cell_names.in_diagnosis(d, result.cell, begins) for d in result.diagnoses)
    return dataclasses.replace(
        result,
        begins=begins.get(result.cell or 0, ""),
        checks=tuple(checks),
        diagnoses=tuple(diagnoses),
    )


def _with_source(
    result: FunctionResult, function: Function, slice_: Slice, notebook: Notebook
) -> FunctionResult:
    if result.status is FunctionStatus.PASSED:
        return result
    marked = [diagnosis.line for diagnosis in result.diagnoses]
    unwritten = result.status in _UNWRITTEN
    source = None if unwritten else source_listing(slice_, notebook.cells, marked)
    return dataclasses.replace(result, source=source, formula=function.formula)


# ------------------------------------------------------------------ of a submission


def graded(
    submission: Submission,
    assignment: Assignment,
    functions: Sequence[FunctionResult],
    observations: Mapping[str, Observation],
) -> Result:
    """Return the result of a notebook, with the reason if it ended before a function was called."""
    status = Status.GRADED
    ran = any(o.started or o.outcomes for o in observations.values())
    if observations and not ran:
        late = any(o.ending is Ending.TIMEOUT for o in observations.values())
        status = Status.TIMEOUT if late else Status.CRASHED
    message: str = _ENDED_EARLY.get(status, "")
    absent = {f.name for f in functions if f.diagnoses == (_absence(f.name),)}
    if all(  # what has a cell is of another task
        f.status is FunctionStatus.MISSING and (f.name in absent or f.cell) for f in functions
    ):
        message = gettext(
            (
                "This notebook defines none of the graded functions. Is it the notebook of "
                "{title}? Submit the notebook of this assignment."
            ),
            title=assignment.title,
        )
        if len(absent) == len(functions):
            functions = [dataclasses.replace(function, diagnoses=()) for function in functions]
    return _result(submission, assignment, status, functions, message=message)


def _absence(name: str) -> Diagnosis:
    return diagnosis(MISSING_FUNCTION, name=name)


def notes(
    notebook: Notebook,
    slices: Sequence[Slice],
    observations: Mapping[str, Observation],
    modules: Sequence[Module],
) -> tuple[Text, ...]:
    """Return a sentence for each repair: of the file, of the code, and by the sandbox in a run.

    Words that neither the notebook nor a name of its `modules` has may be inputs of a hidden case.
    """
    words = {word for cell in notebook.cells for word in _WORD.findall(cell.source)}
    words |= {"py", *(module.name for module in modules)}
    repairs = [
        (kind, text if kind in _FROM_TABLES or words.issuperset(_WORD.findall(text)) else "...")
        for observation in observations.values()
        for kind, text in observation.notes
    ]
    sentences: list[Text] = [*notebook.notes]
    begins = cell_names.first_lines(notebook.cells)
    sentences += [
        _template_below(slice_, begins.get(slice_.template_below, ""))
        for slice_ in slices
        if slice_.template_below
    ]
    versions = {slice_.version for slice_ in slices} - {""}
    sentences += [_older_python(version) for version in sorted(versions)]
    sentences += [exceptions.note(kind, text) for kind, text in repairs]
    return tuple(dict.fromkeys(filter(None, sentences)))


def _template_below(slice_: Slice, begins: str) -> str:
    return gettext(
        (
            "{name} is defined twice. The later definition, in the cell that begins `{begins}` "
            "(code cell {below}), does not have your code, so the grader used the earlier one (code "
            "cell {cell}). Delete the later definition."
        ),
        begins=begins,
        below=slice_.template_below,
        name=slice_.function,
        cell=slice_.cell,
    )


def _older_python(version: str) -> str:
    return gettext(
        (
            "Your code uses syntax of Python {version}. The grader has Python {own} and read it "
            "in an older form."
        ),
        version=version,
        own=_OWN_PYTHON,
    )


def to_look_at(slices: Sequence[Slice]) -> tuple[Text, ...]:
    """Return a sentence for the instructor about syntax that is newer than the grader's Python."""
    faults = {fault for s in slices for fault in (s.fault, *s.lost) if fault}
    versions = sorted({fault.version for fault in faults} - {""})
    return tuple(
        gettext(
            "The code needs Python {version}, the grader has Python {own}.",
            version=version,
            own=_OWN_PYTHON,
        )
        for version in versions
    )


def invalid(submission: Submission, assignment: Assignment, message: str) -> Result:
    """Return the result of a file that is not a notebook: zero points, and what to submit instead."""
    functions = [
        FunctionResult(f.name, FunctionStatus.MISSING, 0.0, f.max_score)
        for f in assignment.functions
    ]
    return _result(submission, assignment, Status.INVALID, functions, message=message)


def unreadable(submission: Submission, assignment: Assignment, message: str) -> Result:
    """Return the result of a notebook that took too long, or too much memory, to read."""
    functions = [
        FunctionResult(f.name, FunctionStatus.TIMEOUT, 0.0, f.max_score)
        for f in assignment.functions
    ]
    return _result(submission, assignment, Status.TIMEOUT, functions, message=message)


def internal(
    submission: Submission, assignment: Assignment, message: str, failure: Failure
) -> Result:
    """Return the result of a submission that the grader failed on: it has no score."""
    functions = [
        FunctionResult(f.name, FunctionStatus.ERROR, None, f.max_score)
        for f in assignment.functions
    ]
    result = _result(submission, assignment, Status.INTERNAL, functions, message=message)
    return dataclasses.replace(result, failure=failure)


def _result(
    submission: Submission,
    assignment: Assignment,
    status: Status,
    functions: Sequence[FunctionResult],
    *,
    message: str,
) -> Result:
    """Return a result; its score is the sum over the functions if each has a score."""
    scores = [function.score for function in functions if function.score is not None]
    score = sum(scores) if len(scores) == len(functions) else None
    result = Result(
        assignment=assignment.name,
        submission=submission.id,
        sha256=submission.sha256,
        status=status,
        score=score,
        raw_score=score,
        max_score=assignment.max_score,
        functions=tuple(functions),
        message=message,
        environment=ENVIRONMENT,
    )
    return with_circumstances(result, submission)


def with_circumstances(result: Result, submission: Submission) -> Result:
    """Return a result with the source, student, times and other files of a submission."""
    return dataclasses.replace(
        result,
        source=submission.source,
        student=submission.student,
        submitted_at=submission.submitted_at,
        late=submission.late,
        others=submission.others,
        to_look_at=submission.to_look_at,
    )
