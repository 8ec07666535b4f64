"""Search the small change that makes a function right, in the student's own kernel.

It needs the sheet and NumPy only. Versions of the function run like the function itself, without a
sandbox, in copies of the notebook's names. Only the published example is known here.
"""

from __future__ import annotations

import ast
import contextlib
import io
import linecache
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import FrameType, FunctionType, ModuleType
from typing import Any

from grader.diagnosis.nodes import nodes_of
from grader.diagnosis.repair.code import Code, Deadline
from grader.diagnosis.repair.search import Problem, find
from grader.diagnosis.repair.words import diagnoses_of
from grader.handout.call import call_on_case
from grader.handout.sheet import PublicFunction
from grader.messages import gettext, join_sentences
from grader.model import Observation, Raised, TestCase

_SECONDS, _SECONDS_OF_ONE = 0.5, 0.1
_FILE = "<another version>"


def hints_of_repair(
    function: Callable[..., Any],
    public: PublicFunction,
    actual: Observation,
) -> list[str]:
    """Return the hints of a change after which a function is right on the published example.

    There are none if the search takes longer than half a second, if the text of the function is
    unknown, or if the function has effects outside of it, which the search would repeat.
    """
    if type(function) is not FunctionType or function.__name__ != public.function.name:
        return []
    source = _source_of(function)
    if f"def {function.__name__}" not in source or _has_effects(function, source):
        return []
    problem = Problem(
        public.function,
        source,
        None,
        [name for name, value in function.__globals__.items() if type(value) is FunctionType],
        public.cases,
        public.expected,
        actual,
        _Runner(function, Code(source, function.__name__), public.cases),
        Deadline(cpu_seconds=_SECONDS, wall_seconds=_SECONDS),
    )
    repair = find(problem)
    hints = [d.message for d in diagnoses_of(repair, problem, None)] if repair else []
    rest = gettext("Apart from this, your function is right on the published example.")
    return [*hints[:-1], *(join_sentences(hint, rest) for hint in hints[-1:])]


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
        _has_effects(helper, _source_of(helper), visited)
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


def _source_of(function: FunctionType) -> str:
    """Return the text of the cell that defines a function, an empty one if it is not known."""
    lines = linecache.getlines(function.__code__.co_filename, function.__globals__)
    return "".join(lines).rstrip("\n")


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
