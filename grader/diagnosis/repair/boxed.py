"""Run candidates in the sandbox: many in one program, as a student's code.

Their values leave the box and are judged outside of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from grader.diagnosis import FunctionRun
from grader.diagnosis.repair.code import Code, Deadline
from grader.diagnosis.repair.resume import resumed, starts
from grader.diagnosis.repair.search import Problem
from grader.model import Call, Cell, Observation, Raised, Returned, TestCase, Value
from grader.model.submission import Program
from grader.notebook.slicing import Slice

Execute = Callable[[Sequence[Program]], Sequence[Observation]]
"""Runs programs in a sandbox. Raises BoxError."""


@dataclass(frozen=True, slots=True)
class SandboxRunner:
    """Runs versions of a function's cell as the cell of a slice."""

    slice_: Slice
    cases: Sequence[TestCase]
    execute: Execute
    deadline: Deadline = field(default_factory=Deadline)

    def screen(self, sources: Sequence[str], case: TestCase) -> Sequence[Observation]:
        """Run many versions on one case, as many as there is time for; [] if nothing came back.

        Raises BoxError.
        """
        (run,) = self.execute([_program(self, sources, case.call)])
        value = next((o.value for o in run.outcomes if isinstance(o, Returned)), None)
        match value:
            case (float(seconds), list(items)) if len(items) <= len(sources):
                self.deadline.spend(seconds)
                cell = self.slice_.cell or 0
                return [Observation((_outcome(item, cell),), started=True) for item in items]
        return []

    def run(self, source: str) -> Observation:
        """Run a version on all cases, as a submission is run. Raises BoxError."""
        slice_, number = self.slice_, self.slice_.cell
        cells = tuple(Cell(number, source) if c.number == number else c for c in slice_.cells)
        calls = tuple(case.call for case in self.cases)
        (observation,) = self.execute([Program(slice_.function, cells, calls, slice_.stand_ins)])
        return observation


def problem_of(run: FunctionRun, execute: Execute, deadline: Deadline) -> Problem:
    """Return the search for a repair of a function that ran in a sandbox."""
    slice_ = run.slice_
    runner = SandboxRunner(slice_, run.cases, execute, deadline)
    return Problem(
        run.function,
        slice_.source,
        slice_.cell,
        sorted(slice_.names),
        run.cases,
        run.expected,
        run.actual,
        runner,
        deadline,
    )


_DRIVER = """
def _run_every_candidate(starts, candidates, *arguments):
    import random, signal, time
    import numpy as np

    started, began = time.process_time(), time.monotonic()
    first = np.random.get_state(), random.getstate()
    original = globals()[{name!r}]
    outcomes, kept = [], {{}}

    def call(text, values, states):
        exec(compile(text, "<cell {cell}>", "exec"), globals())
        np.random.set_state(states[0])
        random.setstate(states[1])
        return globals()[{name!r}](*_copy(values))

    def result(start, text):
        if start is None:
            return call(text, arguments, first)
        if start not in kept:
            state = call(starts[start][0], arguments, first)
            kept[start] = state, (np.random.get_state(), random.getstate())
        state, states = kept[start]
        header = "def {name}(" + ", ".join(state) + "):\\n"
        return call("\\n" * starts[start][1] + header + text, list(state.values()), states)

    def stop(*_):
        raise TimeoutError("it takes too long")

    signal.signal(signal.SIGPROF, stop)
    signal.signal(signal.SIGALRM, stop)
    for start, text in candidates:
        waited = time.monotonic() - began
        if time.process_time() - started > {most_seconds} or waited > {most_wall_seconds}:
            break
        try:
            signal.setitimer(signal.ITIMER_PROF, {seconds})
            signal.setitimer(signal.ITIMER_REAL, {wall_seconds})
            outcomes.append((True, result(start, text)))
        except BaseException as error:
            outcomes.append((False, _described(error)))
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.setitimer(signal.ITIMER_REAL, 0)
            globals()[{name!r}] = original
    return time.process_time() - started, outcomes

def _copy(value):
    if isinstance(value, dict):
        return {{key: _copy(item) for key, item in value.items()}}
    if isinstance(value, (list, tuple)):
        return type(value)([_copy(item) for item in value])
    return value.copy() if type(value).__name__ == "ndarray" else value

def _described(error):
    import traceback

    frames = traceback.walk_tb(error.__traceback__)
    lines = [line for frame, line in frames if frame.f_code.co_filename == "<cell {cell}>"]
    try:
        text = str(error)
    except BaseException:
        text = ""
    return type(error).__name__, text, lines[-1] if lines else None
"""
"""Code for the box: run each candidate with equal arguments and an equal state of the generators.

A candidate that differs behind a loop only starts there, with a copy of the variables.
"""

_SECONDS, _MOST_SECONDS = 0.2, 1.0
"""Seconds of processor time for one candidate, and for a program with many."""

_WALL_SECONDS, _MOST_WALL_SECONDS = 1.0, 3.0
"""The same on the wall clock, for code that sleeps."""


def _program(runner: SandboxRunner, sources: Sequence[str], call: Call) -> Program:
    """Return the program that runs many versions of a function's cell with one call."""
    slice_, seconds = runner.slice_, runner.deadline.cpu_seconds_left
    code = Code(slice_.source, slice_.function)
    places = starts(code)
    texts = [resumed(code.definition_in(source), code, places) for source in sources]
    driver = _DRIVER.format(
        name=slice_.function,
        cell=slice_.cell,
        seconds=_SECONDS,
        most_seconds=max(0.0, min(_MOST_SECONDS, seconds)),
        wall_seconds=_WALL_SECONDS,
        most_wall_seconds=_MOST_WALL_SECONDS,
    )
    number = max(cell.number for cell in slice_.cells) + 1
    cells = (*slice_.cells, Cell(number, driver))
    prefixes = [(place.prefix, place.line - 2) for place in places]
    with_texts = replace(call, args=(prefixes, texts, *call.args))
    return Program("_run_every_candidate", cells, (with_texts,), slice_.stand_ins)


def _outcome(item: Value, cell: int) -> Returned | Raised:
    """Return the outcome of one candidate; the driver shares its process with a student's code."""
    match item:
        case (True, value):
            return Returned(value)
        case (False, (str(kind), str(message), int() | None as line)):
            return Raised(kind, message, cell=cell if line else None, line=line)
    return Raised("TypeError", "")
