"""Ways to break an assignment, for tests of `verify`."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from types import ModuleType

from grader.model import Assignment, Check, TestCase, Tier
from grader.model.proofs import Claim
from grader.verify import examine
from grader.verify.claims import Subject

PUBLISHED = "the reference reproduces the published values"


def claim(name: str, assignment: Assignment, tier: Tier = Tier.NONE) -> Claim:
    return examine(name, Subject(assignment, tier))


def failure(name: str, assignment: Assignment, tier: Tier = Tier.NONE) -> str:
    """Return the detail of a claim that must not hold."""
    examined = claim(name, assignment, tier)
    assert examined.name == name and not examined.holds
    return examined.detail


def with_cases(sound: Assignment, change: Callable[[TestCase], TestCase]) -> Assignment:
    """Return the assignment with every case changed."""

    def cases(seed: int, reference: ModuleType) -> list[TestCase]:
        return [change(case) for case in sound.cases(seed, reference)]

    return dataclasses.replace(sound, cases=cases)


def with_checks(sound: Assignment, change: Callable[[Check], Check]) -> Assignment:
    """Return the assignment with every check changed."""
    functions = tuple(
        dataclasses.replace(function, checks=tuple(map(change, function.checks)))
        for function in sound.functions
    )
    return dataclasses.replace(sound, functions=functions)
