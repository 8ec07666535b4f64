"""Versions of a function with a small change: find one that is right, in the student's own kernel.

They run like the function itself, without a sandbox, in copies of the notebook's names.
"""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import io
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import FrameType, FunctionType, ModuleType
from typing import Any

from grader import judging
from grader.diagnosis import FunctionRun, exceptions, repair, syntax_repair
from grader.diagnosis.nodes import nodes_of
from grader.diagnosis.repair import Deadline, Problem
from grader.diagnosis.repair.code import Code
from grader.diagnosis.repair.search import find
from grader.handout import cells
from grader.handout.call import call_on_case
from grader.handout.cells import Definition
from grader.handout.kernel import slice_of
from grader.handout.sheet import PublicFunction
from grader.messages import gettext, join_sentences
from grader.model import Cell, Notebook, Observation, Raised, TestCase
from grader.model.diagnoses import (
    RAISES_ERROR,
    REST_IS_RIGHT,
    SYNTAX_ERROR,
    in_line,
    in_words,
    row_of,
)
from grader.model.findings import Diagnosis
from grader.notebook import syntax_edits
from grader.notebook.slicing import Slice, slices
from grader.notebook.slicing.parse import parse_cell
from grader.notebook.syntax_edits import SyntaxRepairs, TextEdit

_SECONDS, _WALL_SECONDS, _SECONDS_OF_ONE = 1.2, 3.0, 0.1
_FILE = "<another version>"


def with_repair(
    run: FunctionRun, function: Callable[..., Any], diagnoses: tuple[Diagnosis, ...]
) -> tuple[Diagnosis, ...]:
    """Replace symptoms by a small change after which the function is right on the published example.

    There is no search if it could take long, or if the function has effects outside of it, which
    the search would repeat.
    """
    name, source = run.function.name, run.slice_.source
    if type(function) is not FunctionType or function.__name__ != name:
        return diagnoses
    if f"def {name}" not in source or _has_effects(function, source):
        return diagnoses
    names = {n for n, value in function.__globals__.items() if type(value) is FunctionType}
    problem = Problem(
        run.function,
        source,
        cells.OWN,
        sorted(names | run.slice_.names),
        run.cases,
        run.expected,
        run.actual,
        _Runner(function, Code(source, name), run.cases),
        Deadline(cpu_seconds=_SECONDS, wall_seconds=_WALL_SECONDS),
    )
    repaired = repair.with_repair(run, diagnoses, problem, find)
    if repaired == diagnoses or not any(row_of(entry.id).gives_way for entry in diagnoses):
        return repaired
    last = [d for d in repaired if d not in diagnoses][-1]
    rest = gettext("Apart from this, your function is right on the published example.")
    why = "" if last.why == REST_IS_RIGHT else last.why
    proven = dataclasses.replace(last, why=join_sentences(why, rest))
    return tuple(proven if d is last else d for d in repaired)


# ------------------------------------------------------------------ a cell that stopped


def fault_of(
    definition: Definition, public: PublicFunction, function: Callable[..., Any] | None
) -> Diagnosis:
    """Return why a cell stopped before it defined its function: a syntax error, or an exception.

    `function` is the version that Python still has, or None.
    """
    own = Cell(cells.OWN, definition.text)
    slice_ = slice_of((own,), public)
    if slice_.fault:
        return _fault_of(slice_, own, public, function)
    for fault in parse_cell(own).faults:
        line, text = in_line(fault.line, cells.OWN), fault.text
        values = {
            "line": line,
            "text": text,
            "error": exceptions.without_question_mark(fault.message),
        }
        return in_words(SYNTAX_ERROR.id, SYNTAX_ERROR.words, fault.line, **values)
    stop = cells.stop_of(definition.text)
    if stop is None:
        what: str = gettext("The newest cell stopped before its `def` line.")
        return Diagnosis(RAISES_ERROR.id, what)
    what = gettext(
        "The newest cell stopped in line {line} with {error}, before its `def` line.",
        line=stop.line,
        error=stop.error,
    )
    return Diagnosis(RAISES_ERROR.id, what, line=stop.line)


def _proven(
    repairs: SyntaxRepairs, public: PublicFunction, function: Callable[..., Any] | None
) -> Sequence[TextEdit]:
    """Return the edits after which a function is right on the published example, none if none are.

    `function` is the version that Python still has. It knows the names of the notebook.
    """
    name, cases = public.function.name, public.cases
    if type(function) is not FunctionType:
        return ()
    for edits, version in zip(repairs.series, repairs.slices, strict=True):
        source = version.source
        if f"def {name}" in source and not _has_effects(function, source):
            values = _Runner(function, Code(source, name), cases).run(source)
            if judging.is_right(public.function, cases, public.expected, values):
                return edits
    return ()


def _fault_of(
    slice_: Slice, cell: Cell, public: PublicFunction, function: Callable[..., Any] | None
) -> Diagnosis:
    """Return the diagnosis of a syntax error, with the edit that would correct it, if one is likely."""
    name, parameters = public.function.name, public.function.parameters
    before = exceptions.why_not_run(slice_, parameters)[1]

    def version_of(document: Notebook) -> Slice:
        return slices(document, [(name, parameters)])[0]

    if syntax_edits.is_long(cell.source):
        return before
    repairs = syntax_edits.repairs_of(Notebook((cell,)), name, cell.number, version_of)
    edits = _proven(repairs, public, function) or syntax_repair.likeliest(repairs)
    diagnoses = syntax_repair.diagnoses_of(
        edits, repairs.first, cell.number, before, is_right=False
    )
    return diagnoses[0] if diagnoses else before


# ------------------------------------------------------------------ effects outside of a function

_EFFECTS = frozenset("breakpoint display eval exec input open sleep show write".split())
_CHANGES = frozenset("add append clear discard extend fill insert pop remove sort update".split())
_OUTSIDE = frozenset("os plt pyplot pylab shutil sns subprocess".split())


def _has_effects(
    function: FunctionType, source: str, visited: frozenset[FunctionType] = frozenset()
) -> bool:
    """Return True if a function, or one of the notebook that it calls, changes more than it returns."""
    nodes = [n for n in nodes_of(source) if isinstance(n, ast.FunctionDef)]
    definition = next((n for n in reversed(nodes) if n.name == function.__name__), None)
    if definition is None:
        return True
    inside = list(ast.walk(definition))
    stored = {n.id for n in inside if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    own = stored | {n.arg for n in inside if isinstance(n, ast.arg)}
    names = function.__globals__
    outer = {n for n in names if n not in own and not isinstance(names[n], ModuleType)}
    if any(_is_effect(node, outer) for node in inside):
        return True
    called = {n.func.id for n in inside if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    helpers = [names.get(name) for name in called - own]
    visited |= {function}
    return any(
        _has_effects(helper, cells.text_of(helper), visited)
        for helper in helpers
        if isinstance(helper, FunctionType)
        and helper.__globals__ is names
        and helper not in visited
    )


def _is_effect(node: ast.AST, outer: set[str]) -> bool:
    match node:
        case ast.Global() | ast.Nonlocal():
            return True
        case ast.Call(func=ast.Name(name)) if name in _EFFECTS:
            return True
        case ast.Call(func=ast.Attribute(value, attr)):
            base = _base(value)
            return attr in _EFFECTS or base in _OUTSIDE or (attr in _CHANGES and base in outer)
        case ast.Subscript(value, ctx=ast.Store()) | ast.Attribute(value, ctx=ast.Store()):
            return _base(value) in outer
    return False


def _base(node: ast.AST) -> str:
    """Return the name at the root of `a.b[c].d`, an empty string if there is none."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


# ------------------------------------------------------------------ the search runs other versions


@dataclass(frozen=True, slots=True)
class _Runner:
    """Runs versions of a function's cell in copies of the notebook's names."""

    function: FunctionType
    code: Code
    cases: Sequence[TestCase]

    def screen(self, sources: Sequence[str], case: TestCase) -> Sequence[Observation]:
        """Run many versions on one case."""
        return [self._run(source, [case]) for source in sources]

    def run(self, source: str) -> Observation:
        """Run a version on all cases, the first one twice, as `check` does."""
        return self._run(source, [*self.cases, *self.cases[:1]])

    def _run(self, source: str, cases: Sequence[TestCase]) -> Observation:
        names = dict(self.function.__globals__)
        text = self.code.definition_in(source)
        with _quietly(), time_limit(_SECONDS_OF_ONE, _FILE):
            try:
                exec(compile(text, _FILE, "exec", dont_inherit=True), names)  # noqa: S102
                version = names[self.function.__name__]
                return Observation(tuple(call_on_case(version, case) for case in cases))
            except Exception as error:  # noqa: BLE001 - the head of a version may raise anything
                return Observation((Raised(type(error).__name__, ""),) * len(cases))


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Discard what a version prints and displays, its figures, and its warnings."""
    nowhere = io.StringIO()
    with (
        _without_display(),
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def _without_display() -> Iterator[None]:
    """Discard what is displayed, and close new figures, where the notebook has loaded such libraries."""
    plots = sys.modules.get("matplotlib.pyplot")
    before = plots.get_fignums() if plots else []
    with contextlib.ExitStack() as stack:
        if capture := sys.modules.get("IPython.utils.capture"):
            stack.enter_context(capture.capture_output())
        yield
    for number in plots.get_fignums() if plots else []:
        if plots and number not in before:
            plots.close(number)


@contextlib.contextmanager
def time_limit(seconds: float, file: str) -> Iterator[None]:
    """Raise TimeoutError in the lines of a file that run too long, on every system.

    Signals would be cheaper, but Windows lacks them, and so do the threads of some kernels.
    """
    end, before = time.monotonic() + seconds, sys.gettrace()

    def trace(frame: FrameType, _event: str, _arg: object) -> Any:
        if frame.f_code.co_filename != file:
            return None
        if time.monotonic() > end:
            raise TimeoutError
        return trace

    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)
