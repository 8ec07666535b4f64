"""Verify an assignment before a class is graded by it (`grader verify`).

`CLAIMS` lists everything that is verified, in the order of the report.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, replace
from typing import TypeVar

from grader.errors import AuthorError, GraderError
from grader.grading.results import ENVIRONMENT
from grader.model import Assignment, Tier
from grader.model.proofs import Claim, Verification
from grader.verify import claims
from grader.verify.claims import Evidence, Subject

_T = TypeVar("_T")

CLAIMS: Mapping[str, Callable[[Subject], Evidence]] = {
    "the points add up to 100": claims.points_add_up,
    "published examples earn less than half of the points": claims.public_share_is_a_minority,
    "equal seeds give equal cases": claims.equal_seeds_give_equal_cases,
    "another seed gives other random cases": claims.other_seeds_give_other_cases,
    "the reference returns every quantity that a check uses": claims.quantities_exist,
    "the reference reproduces the published values": claims.published_values_are_reproduced,
    "the reference earns all points": claims.reference_earns_all_points,
    "the unchanged template earns 0 points, and no function counts as attempted": (
        claims.template_earns_nothing
    ),
    "trivial answers earn no more than the published examples": (
        claims.trivial_answers_earn_the_public_share
    ),
    "labelled submissions get their points": claims.labelled_submissions_get_their_points,
    "labelled submissions show each state of a function without points": (
        claims.ungraded_states_are_reported
    ),
    "right solutions pass, however they are written": claims.right_solutions_pass,
    "every known mistake is caught with a clear margin": claims.mistakes_are_caught,
    "every known mistake is recognised": claims.mistakes_are_recognised,
    "pairs of mistakes are recognised": claims.pairs_are_recognised,
    "mutants of the reference are caught": claims.mutants_are_caught,
    "a known mistake and its repair point to the same line": claims.repairs_agree_with_known_mistakes,
}


def verify(assignment: Assignment, *, tier: Tier = Tier.FULL) -> Verification:
    """Examine every claim about an assignment; return the claims and the matrices behind them.

    A claim that cannot be examined does not hold, and its detail is the error message. Two claims are
    examined at a time: while one waits for its sandbox, the values of the other are judged. Raises
    AuthorError.
    """
    subject = Subject(assignment, tier)
    with ThreadPoolExecutor(2) as threads:
        examined = _without_repeats([*threads.map(lambda name: examine(name, subject), CLAIMS)])
    versions = tuple(zip(("grader", "Python", "NumPy"), astuple(ENVIRONMENT), strict=True))
    return Verification(
        *(assignment.name, assignment.title, assignment.seed, tier, versions),
        claims=examined,
        kill_matrices=_or_empty(lambda: subject.kill_matrices),
        pair_matrices=_or_empty(lambda: subject.pair_matrices),
    )


def examine(name: str, subject: Subject) -> Claim:
    """Examine one of the `CLAIMS`. Raises AuthorError."""
    try:
        return Claim(name, *CLAIMS[name](subject))
    except AuthorError:
        raise
    except GraderError as error:
        return Claim(name, False, str(error))


def _without_repeats(claims: Sequence[Claim]) -> tuple[Claim, ...]:
    """Return the claims, but of those that fail for one reason only the first, with their number."""
    reasons = Counter(claim.detail for claim in claims if not claim.holds)
    first = {claim.detail if not claim.holds else claim.name: claim for claim in reversed(claims)}
    return tuple(
        replace(claim, detail=f"{claim.detail} ({more} more checks fail for this reason.)")
        if not claim.holds and (more := reasons[claim.detail] - 1)
        else claim
        for claim in reversed(first.values())
    )


def _or_empty(matrices: Callable[[], tuple[_T, ...]]) -> tuple[_T, ...]:
    """Return the matrices, or none if they cannot be computed: the claim's detail has the reason."""
    try:
        return matrices()
    except GraderError:
        return ()
