"""Turn observations into verdicts: compare every call with the same call of the reference.

A verdict is text and numbers, without arrays.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from grader.judging.compare import (
    Keys,
    UnexpectedStructure,
    agree,
    compare,
    grid,
    numbers,
)
from grader.messages import comma_list, gettext, join_sentences, ngettext, or_list
from grader.messages.sanitize import one_line
from grader.model import Check, Ending, Function, Observation, Raised, Returned, TestCase, Value
from grader.model.diagnoses import (
    CATALOGUE,
    HARD_CODED_ANSWER,
    INPUTS_MUTATED,
    MISSING_KEYS,
    NOT_DETERMINISTIC,
    diagnosis,
)
from grader.model.findings import CheckResult, CheckStatus, Diagnosis, Finding, finding_sentence
from grader.model.record import record

_MOST_FINDINGS = 12
_MOST_GRIDS = 6
_HIDDEN: Mapping[str, Any] = {"got": "", "expected": "", "max_abs": None, "max_rel": None}
"""The parts of a finding that are left out in a hidden case."""

_ZERO_OR_ONE = re.compile(r"\w+ = [01]")
"""An argument in the description of a case for which a formula is simpler."""

_STOPPED = {
    Ending.TIMEOUT: CheckStatus.TIMEOUT,
    Ending.CRASHED: CheckStatus.ERROR,
    Ending.BROKEN_WIRE: CheckStatus.ERROR,
}
_MOST_SERIOUS_FIRST = [CheckStatus.TIMEOUT, CheckStatus.ERROR, CheckStatus.SKIPPED]


class Judgement(NamedTuple):
    """A result for every check of a function, and diagnoses of its structure and of its behaviour.

    These are a wrong structure, changed arguments, and results that differ from call to call.
    """

    checks: tuple[CheckResult, ...]
    diagnoses: tuple[Diagnosis, ...]


@record
class CaseVerdict:
    """The verdict on one call: the quantities that differ, or the reason why there are no values.

    `findings` are by quantity. `diagnosis` is that of a wrong structure.
    """

    case: TestCase
    status: CheckStatus
    message: str = ""
    diagnosis: Diagnosis | None = None
    findings: Mapping[str, Finding] = dataclasses.field(default_factory=dict)


def judge(
    function: Function, cases: Sequence[TestCase], expected: Observation, actual: Observation
) -> Judgement:
    """Judge a function by its calls, in the order of `cases`.

    `expected` has an outcome for every case, and each must be a `Returned`: the reference does not
    raise. `actual` may end earlier. Its last outcome may be the first call repeated, which shows
    whether the result is the same. Checks have no points yet: see `rubric.with_points`.
    """
    verdicts = [_case_verdict(function, case, expected, actual, i) for i, case in enumerate(cases)]
    smallest_first = sorted(verdicts, key=lambda verdict: verdict.case.size)
    checks = tuple(_check_result(check, smallest_first) for check in function.checks)
    return Judgement(checks, tuple(_diagnoses(function, verdicts, actual)))


def is_right(
    function: Function, cases: Sequence[TestCase], expected: Observation, actual: Observation
) -> bool:
    """Return True if a function passes every check. The arguments are those of `judge`.

    The cases after the first wrong one are not compared.
    """
    for index, case in enumerate(cases):
        verdict = _case_verdict(function, case, expected, actual, index)
        checks = [check for check in function.checks if check.group == case.group]
        if any(
            verdict.status in _MOST_SERIOUS_FIRST or any(_findings(check, verdict))
            for check in checks
        ):
            return False
    return {check.group for check in function.checks} <= {case.group for case in cases}


def _diagnoses(
    function: Function, verdicts: Sequence[CaseVerdict], actual: Observation
) -> Iterator[Diagnosis]:
    """Yield the diagnoses that need no explanation of values: of structure and of behaviour."""
    outcomes = actual.outcomes
    changed = {i for o in outcomes if isinstance(o, Returned) for i in o.mutated}
    names = [name for i, name in enumerate(function.parameters) if i in changed]
    if names:
        yield diagnosis(INPUTS_MUTATED, names=comma_list(names))
    structural = {v.diagnosis.id: v.diagnosis for v in reversed(verdicts) if v.diagnosis}
    yield from structural.values()
    public = {v.status for v in verdicts if v.case.public}
    hidden = {v.status for v in verdicts if not v.case.public}
    if not structural and (public, hidden) == ({CheckStatus.PASSED}, {CheckStatus.FAILED}):
        yield diagnosis(HARD_CODED_ANSWER)
    calls = len(verdicts)
    if len(outcomes) > calls > 0 and not _agree(function, outcomes[0], outcomes[calls]):
        yield diagnosis(NOT_DETERMINISTIC)


def same_values(function: Function, first: Observation, second: Observation) -> bool:
    """Return True if two programs did the same on every call: returned equal values, or raised.

    Values are equal within the tolerances of the function. Any two exceptions are equal.
    """
    if len(first.outcomes) != len(second.outcomes) or first.ending is not second.ending:
        return False
    pairs = zip(first.outcomes, second.outcomes, strict=True)
    return all(_agree(function, a, b) for a, b in pairs)


def _agree(function: Function, first: Returned | Raised, second: Returned | Raised) -> bool:
    if isinstance(first, Raised) or isinstance(second, Raised):
        return isinstance(first, Raised) and isinstance(second, Raised)
    a, b = _unpacked(function, first.value), _unpacked(function, second.value)
    if isinstance(a, str) or isinstance(b, str):
        return a == b
    return a.keys() == b.keys() and all(_equal(function, a[key], b[key]) for key in a)


def unequal(
    function: Function, first: Returned | Raised, second: Returned | Raised
) -> frozenset[str]:
    """Return the quantities in which two calls differ, none if one of them has no quantities."""
    if isinstance(first, Raised) or isinstance(second, Raised):
        return frozenset()
    a, b = _unpacked(function, first.value), _unpacked(function, second.value)
    if isinstance(a, str) or isinstance(b, str):
        return frozenset()
    return frozenset(key for key in a.keys() & b.keys() if not _equal(function, a[key], b[key]))


def _unpacked(function: Function, value: Value) -> Mapping[str, Value] | str:
    """Return the quantities of a return value, or the sentence why it has none."""
    try:
        return function.unpack(value)
    except UnexpectedStructure as problem:
        return problem.diagnosis.message


def _equal(function: Function, first: Value, second: Value) -> bool:
    want, got = numbers(first), numbers(second)
    if want is None:  # a template returns None for its quantities
        return type(first) is type(second)
    return got is not None and agree(want, got, rtol=function.rtol, atol=function.atol)


# ------------------------------------------------------------------ one case


def _case_verdict(
    function: Function, case: TestCase, expected: Observation, actual: Observation, index: int
) -> CaseVerdict:
    if index > len(actual.outcomes):
        message = gettext("Not run: an earlier call did not return.")
        return CaseVerdict(case, CheckStatus.SKIPPED, message)
    if index == len(actual.outcomes):
        status = _STOPPED.get(actual.ending, CheckStatus.SKIPPED)
        return CaseVerdict(case, status, _why_it_ended(actual))
    outcome, reference = actual.outcomes[index], expected.outcomes[index]
    if isinstance(outcome, Raised):
        return CaseVerdict(case, CheckStatus.ERROR, _error_message(outcome))
    assert isinstance(reference, Returned)
    try:
        got = function.unpack(outcome.value)
    except UnexpectedStructure as problem:
        return CaseVerdict(case, CheckStatus.FAILED, problem.diagnosis.what, problem.diagnosis)
    return _compared(function, case, function.unpack(reference.value), got)


def _compared(
    function: Function, case: TestCase, want: Mapping[str, Value], got: Mapping[str, Value]
) -> CaseVerdict:
    """Compare a call's quantities, structure before numbers. Hidden cases give no numbers."""
    rtol, atol = function.rtol, function.atol
    findings = {}
    for name, value in want.items():
        if name not in got:
            message = gettext("is missing from the returned value")
            findings[name] = Finding(message=message, structure=MISSING_KEYS.id)
        elif finding := compare(value, got[name], rtol=rtol, atol=atol):
            findings[name] = finding
    drawn = [name for name in findings if name in got][:_MOST_GRIDS] if case.public else []
    grids = {name: grid(want[name], got[name], rtol=rtol, atol=atol) for name in drawn}
    hidden = {} if case.public else _HIDDEN
    return CaseVerdict(
        case,
        CheckStatus.FAILED if findings else CheckStatus.PASSED,
        diagnosis=_structural(function, findings),
        findings={
            name: dataclasses.replace(
                finding,
                case=case.name,
                about=case.about,
                public=case.public,
                quantity=name,
                grid=grids.get(name),
                **hidden,
            )
            for name, finding in findings.items()
        },
    )


def _structural(function: Function, findings: Mapping[str, Finding]) -> Diagnosis | None:
    """Return the diagnosis of keys that are missing, or else of the first wrong type or shape."""
    wrong = {name: finding for name, finding in findings.items() if finding.structure}
    missing = [name for name, finding in wrong.items() if finding.structure == MISSING_KEYS.id]
    if missing:
        id = function.unpack.missing if isinstance(function.unpack, Keys) else ""
        return diagnosis(MISSING_KEYS, named=id, names=comma_list(missing))
    for name, finding in wrong.items():
        return diagnosis(CATALOGUE[finding.structure], quantity=name, message=finding.message)
    return None


def _why_it_ended(actual: Observation) -> str:
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
    parts = (one_line(error.kind, limit=60), one_line(error.message))
    values = {"error": ": ".join(filter(None, parts)), "line": error.line, "cell": error.cell}
    if not error.line:
        return gettext("Your function stops with {error}.", **values)
    if not error.cell:
        return gettext("Your function stops in line {line} of the cell with {error}.", **values)
    return gettext("Your function stops in line {line} of code cell {cell} with {error}.", **values)


# ------------------------------------------------------------------ one check


def _check_result(check: Check, verdicts: Sequence[CaseVerdict]) -> CheckResult:
    """Return the most serious status in the cases of a check, or the quantities that differ in them."""
    group = [verdict for verdict in verdicts if verdict.case.group == check.group]
    if not group:
        return CheckResult(check.name, CheckStatus.SKIPPED, gettext("This check has no test."))
    for status in _MOST_SERIOUS_FIRST:
        stopped = next((verdict for verdict in group if verdict.status is status), None)
        if stopped:
            findings = tuple(_findings(check, stopped))
            return CheckResult(
                check.name, status, stopped.message, findings=findings, steps=stopped.case.snippet
            )
    findings = tuple(finding for verdict in group for finding in _findings(check, verdict))
    if not findings:
        message = gettext("Passes {cases}.", cases=_count(len(group)))
        return CheckResult(check.name, CheckStatus.PASSED, message)
    return CheckResult(
        check.name,
        CheckStatus.FAILED,
        _failed_message(findings, group),
        findings=findings[:_MOST_FINDINGS],
        steps=next((v.case.snippet for v in group if v.case.name == findings[0].case), ()),
    )


def _failed_message(findings: Sequence[Finding], group: Sequence[CaseVerdict]) -> str:
    """Return a wrong value. Of several cases also how many are wrong, and which are right."""
    wrong, first = {finding.case for finding in findings}, findings[0]
    if first.public and len(group) == 1:
        more = len({finding.quantity for finding in findings}) - 1
        others = ngettext(
            "{count} more quantity is wrong.", "{count} more quantities are wrong.", more
        )
        sentence = finding_sentence(first) if first.quantity else first.message
        return join_sentences(sentence, others if more else "")
    cases = _count(len(group)) if first.public else _hidden_count(len(group))
    where = _right_where(group, wrong)
    summary = (
        gettext(
            "It fails {wrong} of {cases}. It is right where {where}.",
            wrong=len(wrong),
            cases=cases,
            where=where,
        )
        if where
        else gettext("It fails {wrong} of {cases}.", wrong=len(wrong), cases=cases)
    )
    values = {"what": first.message, "about": first.about}
    if first.quantity:
        example = gettext(
            "For example, {quantity} {what} ({about}).", quantity=first.quantity, **values
        )
    else:
        example = gettext("For example ({about}): {what}", **values)
    return join_sentences(summary, example)


def _right_where(group: Sequence[CaseVerdict], wrong: Collection[str]) -> str:
    """Return the zeros and ones that only cases which pass have, such as "x = 0".

    Empty if they do not explain each case that passes.
    """

    def parts(verdict: CaseVerdict) -> set[str]:
        return {*filter(_ZERO_OR_ONE.fullmatch, verdict.case.about.split(", "))}

    failing = set().union(*(parts(v) for v in group if v.case.name in wrong))
    passing = [parts(verdict) - failing for verdict in group if verdict.case.name not in wrong]
    return or_list(sorted(set().union(*passing))) if passing and all(passing) else ""


def _hidden_count(cases: int) -> str:
    return ngettext("{count} hidden test", "{count} hidden tests", cases)


def _count(cases: int) -> str:
    return ngettext("{count} test", "{count} tests", cases)


def _findings(check: Check, verdict: CaseVerdict) -> Iterator[Finding]:
    """Yield the findings in the quantities of a check, or the reason why there are no values."""
    if not verdict.findings and verdict.status is not CheckStatus.PASSED:
        case = verdict.case
        yield Finding(case.name, case.about, case.public, "", verdict.message)
    for name, finding in verdict.findings.items():
        if name in check.quantities:
            yield finding
