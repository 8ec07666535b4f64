"""Every claim of `grader verify` holds for the other assignments, too."""

from __future__ import annotations

import pytest

from grader import assignments, verify
from grader.model import Tier

SIBLINGS = [name for name in assignments.names() if name != "regularization"]


@pytest.mark.parametrize("name", SIBLINGS)
def test_every_claim_of_a_sibling_holds(name: str, any_tier: Tier) -> None:
    verification = verify.verify(assignments.load(name), tier=any_tier)

    assert [claim for claim in verification.claims if not claim.holds] == []
    assert len(verification.claims) == len(verify.CLAIMS)
    assert sum(len(matrix.mistakes) for matrix in verification.kill_matrices) > 20
