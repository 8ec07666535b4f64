"""Search the small change that makes a function right, in the student's own kernel.

It needs the sheet and NumPy only. Versions of the function run like the function itself, without a
sandbox, in copies of the notebook's names. Only the published example is known here.
"""

from __future__ import annotations

import contextlib
import io
import linecache
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import FrameType, FunctionType
from typing import Any

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

    There are none if the search takes longer than half a second, or if the text of the function is
    unknown.
    """
    if type(function) is not FunctionType or function.__name__ != public.function.name:
        return []
    code = function.__code__
    source = "".join(linecache.getlines(code.co_filename, function.__globals__)).rstrip("\n")
    if f"def {function.__name__}" not in source:
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
    """Discard what a version prints, and its warnings."""
    nowhere = io.StringIO()
    with (
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        yield


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
