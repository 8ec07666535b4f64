"""The claims about an assignment: each function examines one and returns the evidence."""

from __future__ import annotations

import functools
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from grader import assignments, grading
from grader.assignments import oracle
from grader.errors import AssignmentError
from grader.grading import Settings
from grader.model import FULL_SCORE, Assignment, Returned, TestCase, Tier
from grader.model.findings import FunctionStatus
from grader.model.proofs import UNACCEPTABLE, KillMatrix, MistakeRow, PairMatrix, Recognition
from grader.model.result import Result, Status
from grader.model.submission import Submission
from grader.sandbox.box import wire
from grader.verify import mistakes, mutants, repairs, states, trivial
from grader.verify.mutants import MutantValues
from grader.verify.published_figures import fault

LEAST_MARGIN = 1_000
"""The least error of a known mistake in at least one random case, in units of the tolerance."""

LEAST_SHARE_OF_PAIRS = 0.9
"""The least share of pairs in which both mistakes are recognised."""


class Evidence(NamedTuple):
    """The outcome of a claim, the numbers that support it or the first failure, and all failures.

    It is not `examined` if there is nothing to examine.
    """

    holds: bool
    detail: str
    failures: tuple[str, ...] = ()
    examined: bool = True


@dataclass(frozen=True)
class Subject:
    """An assignment under verification. The matrices are computed once: two claims share them."""

    assignment: Assignment
    tier: Tier

    @property
    def expectations(self) -> oracle.Expectations:
        """The test cases of the assignment's seed, and the reference's observations on them."""
        return oracle.consult(self.assignment, self.assignment.seed, tier=self.tier)

    @functools.cached_property
    def labelled(self) -> dict[Path, Result]:
        """The results of the labelled submissions. Raises AssignmentError."""
        paths = self.assignment.files.submissions
        return {path: _grade(self, path.read_bytes()) for path in paths}

    @functools.cached_property
    def kill_matrices(self) -> tuple[KillMatrix, ...]:
        """The kill matrix of each function that has known mistakes."""
        return mistakes.kill_matrices(self.assignment, self.tier)

    @functools.cached_property
    def mutants(self) -> list[MutantValues]:
        """The mutants of each graded function, and what they return on the assignment's cases."""
        assignment = self.assignment
        return [mutants.observe(assignment, f, tier=self.tier) for f in assignment.functions]

    @functools.cached_property
    def pair_matrices(self) -> tuple[PairMatrix, ...]:
        """The pair matrix of each function that has two known mistakes or more."""
        return mistakes.pair_matrices(self.assignment, self.tier)


# ------------------------------------------------------------------ points


def points_add_up(subject: Subject) -> Evidence:
    """Compare the sum of all points with 100."""
    total = subject.assignment.max_score
    points = ", ".join(f"{f.name} {f.max_score:g}" for f in subject.assignment.functions)
    where = assignments.place(subject.assignment.files.testcases)
    return Evidence(
        total == FULL_SCORE,
        f"{total:g}" if total == FULL_SCORE else f"{where}: {total:g} points: {points}",
    )


def public_share_is_a_minority(subject: Subject) -> Evidence:
    """Compute the largest share of a function's points that the published examples earn."""
    shares = {
        function.name: sum(check.points for check in function.checks if check.group == "fixed")
        / (function.max_score or 1)
        for function in subject.assignment.functions
    }
    name, largest = max(shares.items(), key=itemgetter(1))
    if largest < 0.5:
        return Evidence(True, f"at most {largest:.0%}")
    where = assignments.place(subject.assignment.files.testcases, name)
    return Evidence(False, f"{where}: {largest:.0%} of the points of {name}")


# ------------------------------------------------------------------ test cases


def equal_seeds_give_equal_cases(subject: Subject) -> Evidence:
    """Generate the cases of one seed twice and compare their bytes."""
    assignment, seed = subject.assignment, subject.assignment.seed
    first, second = (_cases(assignment, seed) for _ in range(2))
    where = _place_of_cases(subject)
    failures = [
        f"{where}: {_named(a)} differs when seed {seed} is used again"
        for a, b in zip(first, second, strict=False)
        if _bytes(a) != _bytes(b)
    ]
    if len(first) != len(second):
        failures = [f"{where}: seed {seed} gives {len(first)} cases, then {len(second)}"]
    return _all_hold(failures, f"{len(first)} cases")


def other_seeds_give_other_cases(subject: Subject) -> Evidence:
    """Generate the cases of two seeds: the public ones must be equal, most of the hidden ones not."""
    assignment, seed = subject.assignment, subject.assignment.seed
    first, second = (_cases(assignment, seed + i) for i in range(2))
    pairs = list(zip(first, second, strict=False))
    changed = [_named(a) for a, b in pairs if a.public and _bytes(a) != _bytes(b)]
    fixed = [_named(a) for a, b in pairs if not a.public and _bytes(a) == _bytes(b)]
    public = sum(case.public for case in first)
    hidden = len(first) - public
    failures = [f"{name} is public, but differs with seed {seed + 1}" for name in changed]
    if 2 * len(fixed) >= hidden:
        example = f", such as {fixed[0]}" if fixed else ""
        failures.append(f"{len(fixed)} of {hidden} hidden cases ignore the seed{example}")
    where = _place_of_cases(subject)
    detail = f"{public} public cases stay the same"
    detail += f", and {len(fixed)} of {hidden} hidden ones" if fixed else ""
    return _all_hold((f"{where}: {failure}" for failure in failures), detail)


def _place_of_cases(subject: Subject) -> str:
    return assignments.place(subject.assignment.files.testcases, "def cases(")


def _named(case: TestCase) -> str:
    return f"{case.name!r} of {case.function}"


def _bytes(case: TestCase) -> bytes:
    return wire.encode((case.name, case.args))


def _cases(assignment: Assignment, seed: int) -> list[TestCase]:
    by_function = oracle.cases_by_function(assignment, seed)
    return [case for cases in by_function.values() for case in cases]


# ------------------------------------------------------------------ reference and template


def quantities_exist(subject: Subject) -> Evidence:
    """Look up the quantities of all checks in the values that the reference returns for their cases.

    One case in the group of a check must have a quantity: the number of quantities can depend on the
    arguments.
    """
    count, missing = 0, []
    for function in subject.assignment.functions:
        cases = subject.expectations.cases[function.name]
        outcomes = subject.expectations.reference[function.name].outcomes
        for check in function.checks:
            returned = {
                quantity: None
                for case, outcome in zip(cases, outcomes, strict=False)
                if case.group == check.group and isinstance(outcome, Returned)
                for quantity in function.unpack(outcome.value)
            }
            count += len(check.quantities)
            place = assignments.place(subject.assignment.files.testcases, check.name)
            missing += [
                f"{place}: the check {check.name!r} of {function.name} needs {quantity}, but the "
                f"reference returns only {', '.join(returned) or 'nothing'}"
                for quantity in check.quantities
                if quantity not in returned
            ]
    return _all_hold(missing, f"{count} quantities")


def published_values_are_reproduced(subject: Subject) -> Evidence:
    """Compare the values that the course publishes with those that the reference returns."""
    expectations = subject.expectations
    count, wrong = 0, []
    for function in subject.assignment.functions:
        outcomes = expectations.reference[function.name].outcomes
        for case, returned in zip(expectations.cases[function.name], outcomes, strict=False):
            assert isinstance(returned, Returned)
            values = function.unpack(returned.value)
            for quantity, published in (case.published or {}).items():
                count += 1
                where = f"{quantity} of {function.name}"
                wrong.append(fault(subject.assignment, where, published, values.get(quantity)))
    if not count:
        path = assignments.place(subject.assignment.files.testcases)
        wrong = [f"{path}: no public test case has published values"]
    return _all_hold(filter(None, wrong), f"{count} published values")


def reference_earns_all_points(subject: Subject) -> Evidence:
    """Grade the reference as a submission."""
    path = subject.assignment.files.reference
    result = _grade(subject, as_notebook(path.read_text(encoding="utf-8")))
    losses = [
        f"{assignments.place(path, f'def {function.name}(')}: {function.name} is {function.status} "
        f"with {check.score:g} of {check.max_score:g} points for {check.name!r}: {check.message}"
        for function in result.functions
        for check in function.checks
        if check.score < check.max_score
    ]
    if not losses and result.score != subject.assignment.max_score:
        losses.append(f"{assignments.place(path)}: {_summary(result)}")
    return _all_hold(losses, _summary(result))


def template_earns_nothing(subject: Subject) -> Evidence:
    """Grade the unchanged template as a submission."""
    path = subject.assignment.files.template
    result = _grade(subject, path.read_bytes())
    attempted = [
        f"{function.name} is {function.status} with {function.score or 0:g} points"
        for function in result.functions
        if function.status is not FunctionStatus.NOT_ATTEMPTED
    ]
    holds = result.score == 0 and not attempted
    where = f"{assignments.place(path)}: {attempted[0]}. " if attempted else ""
    return Evidence(holds, where + _summary(result))


def trivial_answers_earn_the_public_share(subject: Subject) -> Evidence:
    """Grade every trivial notebook: its wrong functions earn at most the points of the examples."""
    checks = [check for function in subject.assignment.functions for check in function.checks]
    share = sum(check.points for check in checks if check.group == "fixed")
    earned = {
        name: trivial.points(subject.assignment, document, subject.tier)
        for name, document in trivial.notebooks(subject.assignment)
    }
    above = [f"{name} ({points:g})" for name, points in earned.items() if points > share]
    most = max(earned.values(), default=0.0)
    return _all_hold(above, f"{len(earned)} trivial notebooks, at most {most:g} points")


def labelled_submissions_get_their_points(subject: Subject) -> Evidence:
    """Grade the labelled submissions and compare the scores with the points in their names."""
    if not subject.labelled:
        return _nothing(f"no notebook in testcases/{subject.assignment.name}_submissions")
    wrong = []
    for path, result in subject.labelled.items():
        points, score = path.name.partition("-")[0], result.score
        if score is None or points != f"{score:g}":
            wrong.append(
                f"{assignments.place(path)} gets {score or 0:g} points instead of {points}"
            )
    return _all_hold(wrong, _count(len(subject.labelled), "submission"))


def ungraded_states_are_reported(subject: Subject) -> Evidence:
    """Compare the states of functions without points with the names of labelled submissions."""
    assignment = subject.assignment
    count = sum(len(entry.states) for entry in assignment.ungraded)
    if not count:
        return _nothing("no function without points")
    failures = states.faults(assignment, subject.expectations, subject.labelled)
    return _all_hold(failures, _count(count, "state"))


def _grade(subject: Subject, data: bytes) -> Result:
    """Grade a submission. Raises AssignmentError if the grader fails on it."""
    settings = Settings(seed=subject.assignment.seed, tier=subject.tier)
    result = grading.grade(Submission("verify", data), subject.assignment, settings)
    if result.status is Status.INTERNAL:
        _ = subject.expectations  # an error of the reference has the kind that it has elsewhere
        raise AssignmentError(str(result.message))
    return result


def _summary(result: Result) -> str:
    statuses = ", ".join(dict.fromkeys(str(function.status) for function in result.functions))
    score = "no score" if result.score is None else f"{result.score:g}"
    return f"{score} of {result.max_score:g}: {result.message or statuses}"


def as_notebook(source: str) -> bytes:
    """Return Python source as a notebook with one code cell."""
    cell: dict[str, object] = {
        "cell_type": "code",
        "execution_count": None,
        "id": "reference",
        "metadata": {},
        "outputs": [],
        "source": source,
    }
    return json.dumps(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    ).encode()


# ------------------------------------------------------------------ right solutions and mistakes


def right_solutions_pass(subject: Subject) -> Evidence:
    """Judge every right solution: all checks must pass, without a diagnosis."""
    faults = mistakes.judge_right_solutions(subject.assignment, subject.tier)
    if not faults:
        return _nothing(f"no right solution in reference/{subject.assignment.name}_equivalents")
    return _all_hold(filter(None, faults), _count(len(faults), "right solution"))


def mistakes_are_caught(subject: Subject) -> Evidence:
    """Compare the margin of every known mistake with `LEAST_MARGIN`."""
    rows = _mistakes(subject)
    if not rows:
        return _no_known_mistakes(subject)
    near = [
        f"{_place(subject, function, row.name)}: no hidden case shows {row.name} clearly: its largest "
        f"error is {row.margin:.3g} times the tolerance, {LEAST_MARGIN} times are required"
        for function, row in rows
        if row.margin < LEAST_MARGIN
    ]
    least = min(row.margin for _, row in rows)
    mistakes = _count(len(rows), "mistake")
    return _all_hold(near, f"{mistakes}, each with an error of at least {least:.0f} tolerances")


def mistakes_are_recognised(subject: Subject) -> Evidence:
    """Require the mistake itself as the first diagnosis of every known mistake."""
    rows = _mistakes(subject)
    if not rows:
        return _no_known_mistakes(subject)
    failed = [
        f"{_place(subject, function, row.name)}: {row.name} is recognised as "
        f"{', '.join(row.recognised_as) or 'nothing'}"
        for function, row in rows
        if not row.recognised
    ]
    return _all_hold(failed, _count(len(rows), "mistake"))


def _mistakes(subject: Subject) -> list[tuple[str, MistakeRow]]:
    """Return every known mistake with its function."""
    return [(matrix.function, row) for matrix in subject.kill_matrices for row in matrix.mistakes]


def _no_known_mistakes(subject: Subject) -> Evidence:
    return _nothing(f"no known mistake in reference/{subject.assignment.name}_mistakes")


def _place(subject: Subject, function: str, mistake: str) -> str:
    """Return the file and the line of a known mistake."""
    return assignments.place(subject.assignment.files.mistakes[function], f"def {mistake}(")


def pairs_are_recognised(subject: Subject) -> Evidence:
    """Count how pairs are recognised: both in most pairs, at least one in every pair, none wrong."""
    pairs = [
        (matrix.function, pair)
        for matrix in subject.pair_matrices
        for pair in matrix.pairs
        if pair.recognition is not Recognition.UNDECIDABLE
    ]
    if not pairs:
        return _nothing("no function has two known mistakes that differ when both are made")
    counts = Counter(pair.recognition for _, pair in pairs)
    failed = [
        f"{_place(subject, function, pair.names[0])}: {' and '.join(pair.names)} together are "
        f"recognised as {', '.join(sorted(pair.recognised_as)) or 'nothing'}"
        for function, pair in pairs
        if pair.recognition in UNACCEPTABLE
    ]
    detail = f"{_count(len(pairs), 'pair')}: "
    detail += ", ".join(f"{n} {how}" for how, n in counts.most_common())
    both = counts[Recognition.BOTH] + counts[Recognition.AS_EQUAL_PAIR]
    enough = both >= LEAST_SHARE_OF_PAIRS * len(pairs)
    described = _all_hold(failed, "")
    detail += f"; {described.detail}" if failed else ""
    return Evidence(not failed and enough, detail, described.failures)


def mutants_are_caught(subject: Subject) -> Evidence:
    """Run every mutant: those that no test case catches must be listed as equivalent, and be so."""
    report = mutants.examine(subject.assignment, subject.mutants, subject.tier)
    caught, listed = report.mutants - report.surviving, report.surviving - report.same_size
    detail = f"{report.mutants} mutants: {caught} are caught, {listed} are listed as equivalent"
    if report.same_size:
        detail += f", {report.same_size} only read a size from a parameter of equal size"
    return _all_hold(report.failures, detail)


def repairs_agree_with_known_mistakes(subject: Subject) -> Evidence:
    """Repair mutants that make known mistakes: name, repair and mutated line must belong together."""
    report = repairs.examine(subject.assignment, subject.mutants, subject.tier)
    if not report.mistakes:
        return _nothing("no mutant of the reference makes a known mistake")
    detail = (
        f"{_count(report.mistakes, 'known mistake')} and {_count(report.pairs, 'pair')} of them"
    )
    if report.unversioned:
        detail += f". No mutant of the reference makes {report.unversioned} others"
    return _all_hold(report.failures, detail)


def _nothing(absent: str) -> Evidence:
    """Return the evidence of a claim that nothing could break."""
    return Evidence(True, f"nothing to check: {absent}", examined=False)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _all_hold(failures: Iterable[str], detail: str) -> Evidence:
    """Return the detail, or the first failure, the number of the others, and all if there are others."""
    first, *rest = [*failures] or [""]
    if not first:
        return Evidence(True, detail)
    if not rest:
        return Evidence(False, first)
    return Evidence(False, f"{first} (and {len(rest)} more)", (first, *rest))
