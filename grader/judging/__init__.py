"""Observations to verdicts: what a program did, held against what the reference did on the same calls.

Arrays end here; from here on everything is text and numbers.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader.judging.compare import (
    MISSING_KEYS,
    Difference,
    Keys,
    UnexpectedStructure,
    compare,
    grid,
)
from grader.messages import comma_list, gettext, ngettext
from grader.messages.sanitize import printable
from grader.model import Check, Ending, Function, Observation, Raised, Returned, TestCase, Value
from grader.model.diagnoses import diagnosis
from grader.model.result import CheckResult, CheckStatus, Diagnosis, Finding, Grid

_MOST_FINDINGS = 12
_MOST_GRIDS = 6
_STOPPED = {
    Ending.TIMEOUT: CheckStatus.TIMEOUT,
    Ending.CRASHED: CheckStatus.ERROR,
    Ending.BROKEN_WIRE: CheckStatus.ERROR,
}


@dataclass(frozen=True, slots=True)
class CaseVerdict:
    """What is known of one case: what came back, or why nothing did; `grids` of a public case only."""

    case: TestCase
    status: CheckStatus
    message: str = ""
    diagnosis: Diagnosis | None = None
    differences: Mapping[str, Difference] = dataclasses.field(default_factory=dict)
    grids: Mapping[str, Grid | None] = dataclasses.field(default_factory=dict)


def judge(
    function: Function, cases: Sequence[TestCase], expected: Observation, actual: Observation
) -> tuple[tuple[CheckResult, ...], tuple[Diagnosis, ...]]:
    """Return a verdict for every check of a function, and the mistakes that its structure names."""
    seen = [_look(function, case, expected, actual, i) for i, case in enumerate(cases)]
    smallest_first = sorted(seen, key=lambda s: s.case.size)
    checks = tuple(_verdict(check, smallest_first) for check in function.checks)
    named = {s.diagnosis.id: s.diagnosis for s in reversed(seen) if s.diagnosis}
    told = tuple(named.values()) or tuple(_hard_coded(seen))
    return checks, (
        *_mutated(function, actual),
        *told,
        *_not_deterministic(function, cases, actual),
    )


def _mutated(function: Function, actual: Observation) -> Iterator[Diagnosis]:
    """Yield which arguments were changed in place."""
    returned = [outcome for outcome in actual.outcomes if isinstance(outcome, Returned)]
    changed = {i for outcome in returned for i in outcome.mutated if i < len(function.parameters)}
    if changed:
        names = comma_list(function.parameters[i] for i in sorted(changed))
        yield diagnosis("inputs-mutated", names=names)


def _not_deterministic(
    function: Function, cases: Sequence[TestCase], actual: Observation
) -> Iterator[Diagnosis]:
    """Yield what it says that the first call, made once more after all others, gives other values."""
    outcomes = actual.outcomes
    if len(outcomes) > len(cases) > 0 and not _alike(function, outcomes[0], outcomes[len(cases)]):
        yield diagnosis("not-deterministic")


def _hard_coded(seen: Sequence[CaseVerdict]) -> Iterator[Diagnosis]:
    """Yield what being right in every public case, and wrong in every other, says."""
    public = {s.status for s in seen if s.case.public}
    hidden = {s.status for s in seen if not s.case.public}
    if public == {CheckStatus.PASSED} and hidden == {CheckStatus.FAILED}:
        yield diagnosis("hard-coded-answer")


def returns_anything(seen: Observation) -> bool:
    """Say whether any call came back with a value."""
    return any(isinstance(outcome, Returned) for outcome in seen.outcomes)


def same_values(function: Function, one: Observation, other: Observation) -> bool:
    """Say whether two programs behaved alike on every call: the same values, or an error in both."""
    if len(one.outcomes) != len(other.outcomes) or one.ending is not other.ending:
        return False
    return all(_alike(function, a, b) for a, b in zip(one.outcomes, other.outcomes, strict=True))


def _alike(function: Function, one: Returned | Raised, other: Returned | Raised) -> bool:
    if isinstance(one, Raised) or isinstance(other, Raised):
        return isinstance(one, Raised) and isinstance(other, Raised)
    want, got = _unpacked(function, one.value), _unpacked(function, other.value)
    if isinstance(want, str) or isinstance(got, str):
        return want == got
    return want.keys() == got.keys() and all(_equal(function, want[key], got[key]) for key in want)


def _unpacked(function: Function, value: Value) -> Mapping[str, Value] | str:
    """Return the quantities of a return value, or why it has none."""
    try:
        return function.unpack(value)
    except UnexpectedStructure as problem:
        return problem.diagnosis.message


def _equal(function: Function, one: Value, other: Value) -> bool:
    try:
        return compare(one, other, rtol=function.rtol, atol=function.atol) is None
    except TypeError:  # not a number: a template leaves None in its places
        return type(one) is type(other)


# ------------------------------------------------------------------ one case


def _look(
    function: Function, case: TestCase, expected: Observation, actual: Observation, index: int
) -> CaseVerdict:
    if index >= len(actual.outcomes):
        return _unanswered(case, actual, first=index == len(actual.outcomes))
    outcome, right = actual.outcomes[index], expected.outcomes[index]
    if isinstance(outcome, Raised):
        return CaseVerdict(case, CheckStatus.ERROR, _error_message(outcome))
    assert isinstance(right, Returned)
    try:
        got = function.unpack(outcome.value)
    except UnexpectedStructure as problem:
        return CaseVerdict(case, CheckStatus.FAILED, problem.diagnosis.what, problem.diagnosis)
    wanted = function.unpack(right.value)
    differences = dict(_differences(function, wanted, got))
    status = CheckStatus.FAILED if differences else CheckStatus.PASSED
    named = _structural(function, differences)
    grids = dict(_grids(function, case, differences, wanted, got))
    return CaseVerdict(case, status, "", named, differences, grids)


def _structural(function: Function, differences: Mapping[str, Difference]) -> Diagnosis | None:
    """Return the diagnosis of keys that are missing, or else of the first wrong type or shape."""
    missing = [quantity for quantity, difference in differences.items() if difference.missing]
    if missing:
        id = function.unpack.missing if isinstance(function.unpack, Keys) else MISSING_KEYS
        return diagnosis(MISSING_KEYS, named=id, names=comma_list(missing))
    for quantity, difference in differences.items():
        if difference.id:
            return diagnosis(difference.id, quantity=quantity, message=difference.message)
    return None


def _differences(
    function: Function, wanted: Mapping[str, Value], got: Mapping[str, Value]
) -> Iterator[tuple[str, Difference]]:
    for quantity, value in wanted.items():
        if quantity in got:
            difference = compare(value, got[quantity], rtol=function.rtol, atol=function.atol)
        else:
            message = gettext("is missing from the returned value")
            difference = Difference(message, missing=True)
        if difference:
            yield quantity, difference


def _grids(
    function: Function,
    case: TestCase,
    differences: Iterable[str],
    wanted: Mapping[str, Value],
    got: Mapping[str, Value],
) -> Iterator[tuple[str, Grid | None]]:
    """Yield the grids of the first wrong quantities of a public case."""
    names = [name for name in differences if name in got] if case.public else []
    for name in names[:_MOST_GRIDS]:
        yield name, grid(wanted[name], got[name], rtol=function.rtol, atol=function.atol)


def _unanswered(case: TestCase, actual: Observation, *, first: bool) -> CaseVerdict:
    if not first:
        message = gettext("Not run: an earlier call did not return.")
        return CaseVerdict(case, CheckStatus.SKIPPED, message)
    return CaseVerdict(case, _STOPPED.get(actual.ending, CheckStatus.SKIPPED), _stopped(actual))


def _stopped(actual: Observation) -> str:
    detail = actual.detail or gettext("the reason is unknown")
    match actual.ending:
        case Ending.TIMEOUT:
            return gettext("The call took too long: {detail}.", detail=detail)
        case Ending.CRASHED:
            return gettext("The call ended without a result: {detail}.", detail=detail)
        case Ending.BROKEN_WIRE:
            return gettext("The returned value could not be read: {detail}.", detail=detail)
    return gettext("Not run.")


def _error_message(error: Raised) -> str:
    what = ": ".join(filter(None, (printable(error.kind, limit=60), printable(error.message))))
    told = {"error": what, "line": error.line, "cell": error.cell}
    if not error.line:
        return gettext("Your function stops with {error}.", **told)
    if not error.cell:
        return gettext("Your function stops with {error} (line {line} of its cell).", **told)
    return gettext("Your function stops with {error} in line {line} of code cell {cell}.", **told)


# ------------------------------------------------------------------ one check

_GRAVITY = [CheckStatus.TIMEOUT, CheckStatus.ERROR, CheckStatus.SKIPPED]


def _verdict(check: Check, seen: Sequence[CaseVerdict]) -> CheckResult:
    """Return the gravest thing that happened in the cases of a check, else the numbers that are off."""
    asked = [s for s in seen if s.case.group == check.group]
    if not asked:
        return CheckResult(check.name, CheckStatus.SKIPPED, gettext("This check has no test."))
    for status in _GRAVITY:
        stopped = next((s for s in asked if s.status is status), None)
        if stopped:
            findings = _stop_finding(stopped)
            return CheckResult(
                check.name, status, stopped.message, findings=findings, steps=stopped.case.steps
            )
    found = [f for s in asked for f in _findings(check, s)]
    if not found:
        message = gettext("Passes {cases}.", cases=_count(len(asked)))
        return CheckResult(check.name, CheckStatus.PASSED, message)
    return CheckResult(
        check.name,
        CheckStatus.FAILED,
        _failed_message(found, len(asked)),
        findings=tuple(found[:_MOST_FINDINGS]),
        steps=next((s.case.steps for s in asked if s.case.name == found[0].case), ()),
    )


def _failed_message(findings: Sequence[Finding], asked: int) -> str:
    wrong, first = len({finding.case for finding in findings}), findings[0]
    values = {"wrong": wrong, "cases": _count(asked), "about": first.about}
    if not first.quantity:
        return gettext(
            "Fails {wrong} of {cases}. First ({about}): {sentence}",
            sentence=first.message,
            **values,
        )
    return gettext(
        "Fails {wrong} of {cases}. First: {quantity} {what} ({about}).",
        quantity=first.quantity,
        what=first.message,
        **values,
    )


def _count(cases: int) -> str:
    return ngettext("{count} test", "{count} tests", cases)


def _stop_finding(seen: CaseVerdict) -> tuple[Finding, ...]:
    case = seen.case
    return (Finding(case.name, case.about, case.public, "", seen.message),)


def _findings(check: Check, seen: CaseVerdict) -> Iterator[Finding]:
    case = seen.case
    if seen.status is CheckStatus.FAILED and not seen.differences:
        yield Finding(case.name, case.about, case.public, "", seen.message)
    for quantity, found in seen.differences.items():
        if quantity in check.quantities:
            yield _finding(case, quantity, found, seen.grids.get(quantity))


def _finding(case: TestCase, quantity: str, found: Difference, where: Grid | None) -> Finding:
    return Finding(
        case=case.name,
        about=case.about,
        public=case.public,
        quantity=quantity,
        message=found.message,
        index=found.index,
        got=found.got if case.public else "",
        expected=found.expected if case.public else "",
        mismatched=found.mismatched,
        total=found.total,
        max_abs=found.max_abs if case.public else None,
        max_rel=found.max_rel if case.public else None,
        grid=where if case.public else None,
    )
