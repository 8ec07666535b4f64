"""`grader doctor` on a real sandbox."""

from __future__ import annotations

import re

from grader.model import Tier
from grader.sandbox import doctor
from tests.support.doctor_claims import (
    ATTACKS,
    FIRST,
    FULL,
    MEANS,
    MISBEHAVIOURS,
    PACKAGES,
    SPEED,
)


def test_required_checks_pass_here(tier: Tier) -> None:
    claims = doctor.examine()
    assert {c.name: c.detail for c in claims if c.required and not c.holds} == {}
    assert all(claim.detail for claim in claims)
    reason = [] if tier is Tier.FULL else [FULL]
    assert [claim.name for claim in claims] == [*FIRST, *reason, *ATTACKS, *MISBEHAVIOURS]
    assert [claim.name for claim in claims if not claim.required] == [
        PACKAGES,
        SPEED,
        *MEANS,
        *reason,
    ]
    detail = claims[len(FIRST) - 1].detail
    assert re.fullmatch(rf"the {tier} sandbox, tested in \d+\.\d\d s", detail)
